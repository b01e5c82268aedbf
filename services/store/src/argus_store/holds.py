"""What a store knows of a partition that it holds; pure."""

from dataclasses import dataclass, field, replace
from typing import Self

from argus_runtime.openings import Opening


@dataclass(frozen=True, slots=True)
class Hold:
    """A position, and the opening that stands beside it: signed, so that nobody takes another's for his own."""

    position: int
    opening: Opening = field(default_factory=Opening)
    owner: str = ""
    """Who leaves the opening: a name without a space, of one process."""
    suspected: int = 0
    """How many records from the position on an owner that crashed may have had in hand: offsets lie further apart."""

    @classmethod
    def found(cls, position: int, text: str, end: int, owner: str, most: int) -> Self:
        """Return what `owner` takes from `text` beside a position in a log that ends at `end`; a batch has `most`.

        Its own text is one that it left when it lost PostgreSQL, say: that was no crash, and nothing is in hand now.
        """
        left, _, writer = text.partition(" ")
        own = Opening.read(left) if writer == owner else None
        if own is None:
            return cls(position, Opening.found(left, position, end), owner, most)
        return cls(position, replace(own, alone=own.gives_up), owner, most)

    @property
    def text(self) -> str:
        """What is to stand beside the position."""
        return f"{self.opening} {self.owner}"

    def suspects(self, offset: int) -> bool:
        """Tell whether the record at `offset` is to be handled alone."""
        return self.opening.suspects and self.suspected > 0 and offset < self.opening.until

    def with_one(self) -> Self:
        """Return the hold while only one record is in hand."""
        return replace(self, opening=self.opening.with_one())

    def moved(self, position: int) -> Self:
        """Return the hold behind the records that came next; a suspected one was alone."""
        left = max(0, self.suspected - 1)
        opening = self.opening.moved(position) if left else Opening()
        return replace(self, position=position, opening=opening, suspected=left)

    def passed(self, position: int) -> Self:
        """Return the hold at a later position, where no record lies in between."""
        return replace(self, position=position, opening=self.opening.moved(position))
