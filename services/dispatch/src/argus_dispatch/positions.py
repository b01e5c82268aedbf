"""How far a partition is done; pure."""

from collections import OrderedDict


class Positions:
    """The unfinished offsets of a partition, and what may be committed.

    The position is the offset of the oldest unfinished notification, so that what waits is read again after a crash.
    """

    def __init__(self, start: int) -> None:
        self._next = start
        # An ordered dict, since taking the first of a plain one that was emptied from the front is slow.
        self._unfinished: OrderedDict[int, int] = OrderedDict()

    def __len__(self) -> int:
        return len(self._unfinished)

    @property
    def next(self) -> int:
        """The offset after the last one that arrived."""
        return self._next

    @property
    def position(self) -> int:
        """The offset to start from when everything in memory is gone."""
        return next(iter(self._unfinished), self._next)

    @property
    def oldest_ms(self) -> int | None:
        """When the oldest unfinished notification was appended."""
        return next(iter(self._unfinished.values()), None)

    def arrived(self, offset: int, appended_at_ms: int) -> bool:
        """Count the record at `offset` as unfinished; False if it had arrived before."""
        if offset < self._next:
            return False
        self._next = offset + 1
        self._unfinished[offset] = appended_at_ms
        return True

    def finished(self, offset: int) -> None:
        """Count the record at `offset` as finished."""
        self._unfinished.pop(offset, None)

    def passed(self, offset: int) -> None:
        """Count everything before `offset` as arrived: what has none of ours is not waited for."""
        self._next = max(self._next, offset)
