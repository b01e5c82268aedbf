"""Where a lane stands: what it finds when it opens, and what it leaves committed while it works."""

from dataclasses import dataclass, replace
from typing import Self

from argus_runtime.errors import PositionLost
from argus_runtime.kafka import Partition
from argus_runtime.openings import CLOSED, Opening


@dataclass(frozen=True, slots=True)
class Foothold:
    """A committed position, and what its owner leaves beside it."""

    position: int
    opening: Opening

    def moved(self, position: int | None) -> Self:
        """Return what to commit once everything before `position` is handled; None: nothing was."""
        return self if position is None else replace(self, position=position, opening=self.opening.moved(position))

    def with_one(self) -> Self:
        """Return what to commit before the record at the position is handled alone."""
        return replace(self, opening=self.opening.with_one())

    def with_none(self) -> Self:
        """Return what to commit once the record at the position, which was handled alone, is decided."""
        return replace(self, opening=self.opening.with_none())


@dataclass(frozen=True, slots=True)
class Standing:
    """The committed position of a partition, if there is one, the text beside it, and where its log begins and ends."""

    position: int | None
    first: int
    end: int
    text: str = CLOSED

    def foothold(self, source: Partition, *, remembers: bool, most_in_hand: int) -> Foothold:
        """Return what a new owner commits before it handles anything.

        Without a position that is where the log begins. From then on the position is known, so that records which leave
        the log before they are matched are missed.

        Raises:
            PositionLost: the position is not in the log, or there is none although states are remembered.
        """
        position, first, end = self.position, self.first, self.end
        if (position is None and remembers) or (position is not None and not first <= position <= end):
            raise PositionLost(f"{source}@{position}", first, end)
        begin = first if position is None else position
        # An owner that crashed had only so much in hand; what came after it is above suspicion.
        return Foothold(begin, Opening.found(self.text, begin, min(end, begin + most_in_hand)))
