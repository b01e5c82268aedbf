"""The order in which a lane takes its records: each offset once, none left out."""

from enum import Enum

from argus_runtime.errors import PositionLost


class Turn(Enum):
    """What a lane does with a record that arrives."""

    NEXT = "handle it"
    REPEAT = "skip it: it has been handled"
    HOLE = "records before it were dropped on the way: seek back"
    WAITING = "skip it: it was already on its way when we sought back"


class Sequence:
    """Knows the next offset to handle, and tells records that were dropped on the way from records that are gone.

    After a seek back, records that were fetched before it still arrive, each later than the last. The first that is not
    later comes from the seek; if even that is not the next one, the log has lost what lies between.
    """

    def __init__(self, name: str, first: int) -> None:
        self.next = first
        self._name = name
        self._latest_since_hole: int | None = None

    def turn_of(self, offset: int) -> Turn:
        """Return what to do with the record at `offset`.

        Raises:
            PositionLost: the log no longer has the record that would be next.
        """
        if offset < self.next:
            return Turn.REPEAT
        latest, self._latest_since_hole = self._latest_since_hole, offset
        if offset == self.next:
            self._latest_since_hole = None
            return Turn.NEXT
        if latest is None:
            return Turn.HOLE
        if offset > latest:
            return Turn.WAITING
        raise PositionLost(f"{self._name}@{self.next}")
