"""How often an owner of a partition ended without a word, for readers whose position moves together with their effects.

Beside its position an owner leaves a text while it works, and an empty one when it ends in order. Who finds another
text knows that its predecessor crashed there, and counts it before it handles anything. After two crashes at one
position the records up to where the log ended at the first are handled one at a time, as many as an owner may have had
in hand, each marked as alone; the one that is alone at the third is given up. A move of the position ends the count, so
that in all other cases it costs nothing but the text.

An owner that ended because the world around it failed counts too, since its successor cannot tell; hence two crashes
without any progress before anything is suspected, and a third with nothing else in hand.
"""

import re
from dataclasses import dataclass, replace
from typing import Self

CRASHES_TO_SUSPECT = 2
CRASHES_TO_GIVE_UP = 3
CLOSED = ""
_TEXT = re.compile(r"open:(\d+):(\d+):([01])", re.ASCII)


@dataclass(frozen=True, slots=True)
class Opening:
    """What an owner leaves beside its position while it works."""

    crashes: int = 0
    """How many owners ended at this position although a record waited there."""
    until: int = 0
    """Where the log ended at the first of these crashes."""
    alone: bool = False
    """Whether the record at the position was the only one in hand."""

    def __str__(self) -> str:
        return f"open:{self.crashes}:{self.until}:{self.alone:d}"

    @classmethod
    def found(cls, text: str, position: int, end: int) -> Self:
        """Return what a new owner has to leave that finds `text` at `position` of a log that ends at `end`."""
        left = cls.read(text)
        if left is None or position >= end:
            return cls()
        return cls(left.crashes + 1, left.until if left.crashes else end, left.alone)

    @classmethod
    def read(cls, text: str) -> Self | None:
        """Return what an owner has left, if it is one of these texts; nobody's crash is counted."""
        left = _TEXT.fullmatch(text)
        if left is None:
            return None
        crashes, until, alone = map(int, left.groups())
        return cls(crashes, until, bool(alone))

    @property
    def suspects(self) -> bool:
        """Whether records are to be handled one at a time."""
        return self.crashes >= CRASHES_TO_SUSPECT

    @property
    def gives_up(self) -> bool:
        """Whether the record at the position has crashed its owners, and is to be dead-lettered."""
        return self.alone and self.crashes >= CRASHES_TO_GIVE_UP

    def with_one(self) -> Self:
        """Return what to leave before the record at the position is handled alone: a crash now gives it up.

        Whoever crashed before with others in hand is not held against it: it was present twice, as they all were.
        """
        return replace(self, crashes=CRASHES_TO_SUSPECT, alone=True)

    def with_none(self) -> Self:
        """Return what to leave once the record at the position has done its part: no crash from now on is its own."""
        return replace(self, alone=False)

    def moved(self, position: int) -> Self:
        """Return what to leave when the position has moved to `position`."""
        if self.suspects and position < self.until:
            return replace(self, crashes=CRASHES_TO_SUSPECT, alone=False)
        return type(self)()
