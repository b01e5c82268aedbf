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

    @classmethod
    def found(cls, position: int, text: str, end: int, owner: str) -> Self:
        """Return what `owner` takes from `text` beside a position in a log that ends at `end`.

        Its own text is one that it left when it lost PostgreSQL, say: that was no crash, and nothing is in hand now.
        """
        left, _, writer = text.partition(" ")
        own = Opening.read(left) if writer == owner else None
        if own is None:
            return cls(position, Opening.found(left, position, end), owner)
        return cls(position, replace(own, alone=own.gives_up), owner)

    @property
    def text(self) -> str:
        """What is to stand beside the position."""
        return f"{self.opening} {self.owner}"

    def suspects(self, offset: int) -> bool:
        """Tell whether the record at `offset` is to be handled alone."""
        return self.opening.suspects and offset < self.opening.until

    def with_one(self) -> Self:
        """Return the hold while only one record is in hand."""
        return replace(self, opening=self.opening.with_one())

    def moved(self, position: int) -> Self:
        """Return the hold at a later position."""
        return replace(self, position=position, opening=self.opening.moved(position))
