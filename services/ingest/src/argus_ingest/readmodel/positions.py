"""How far the store has come, and who waits for it."""

import asyncio
import heapq
import itertools
from collections import defaultdict
from collections.abc import Callable, Iterable
from enum import IntEnum

from argus_database.announcements import Announcement
from argus_ingest.metrics import STALLED
from argus_runtime.kafka.records import Partition, Place

SECONDS_TO_STALL = 1.0
"""While records wait and no position moves for this long, nobody waits."""


class Word(IntEnum):
    """What is known of a record that somebody waits for; nothing is as good as False."""

    NOTHING = 0
    PASSED = 1
    """The store has handled it."""
    DID = 2
    """It did what it says: it made the event that it names."""


Waiter = tuple[int, int, "asyncio.Future[Word]"]


class Positions:
    """The next offset that the store will handle of each partition; waiters are kept by their offset."""

    def __init__(self, clock: Callable[[], float] | None = None) -> None:
        self._clock = clock or asyncio.get_running_loop().time
        self._next: dict[Partition, int] = {}
        self._waiters: dict[Partition, list[Waiter]] = defaultdict(list)
        self._count = itertools.count()
        self._waiting = 0
        self._moved_at = 0.0
        self._waiting_since = 0.0
        self._somebody = asyncio.Event()
        self.stalled = False
        self.reachable = False
        """Whether the positions can be learned at all; while they cannot, nobody waits."""

    @property
    def waiting(self) -> int:
        """How many wait."""
        return self._waiting

    async def somebody_waits(self) -> None:
        """Return once somebody waits."""
        await self._somebody.wait()

    def moved(self, partition: Partition, next_offset: int, said: Announcement | None = None) -> None:
        """Take note that the store is about to handle `next_offset`, and has `said` so; who waited for less goes on."""
        if next_offset <= self._next.get(partition, -1):
            return
        self._next[partition] = next_offset
        self._moved_at = self._clock()
        self._stall(stalled=False)
        waiters = self._waiters[partition]
        while waiters and waiters[0][0] < next_offset:
            offset, _, waiter = heapq.heappop(waiters)
            _tell(waiter, Word.DID if said is not None and said.did(offset) else Word.PASSED)

    def has_passed(self, place: Place) -> bool:
        """Tell whether the store has handled the record at `place`."""
        return self._next.get(place.partition, 0) > place.offset

    async def passed(self, place: Place, within: float) -> Word:
        """Wait until the store has handled the record at `place`; nothing: it has not, and waiting is no use."""
        if self.has_passed(place):
            return Word.PASSED
        if self.stalled or not self.reachable or within <= 0:
            return Word.NOTHING
        waiter: asyncio.Future[Word] = asyncio.get_running_loop().create_future()
        heapq.heappush(self._waiters[place.partition], (place.offset, next(self._count), waiter))
        late = asyncio.get_running_loop().call_later(within, _tell, waiter, Word.NOTHING)
        self._begin()
        try:
            return await waiter
        finally:
            late.cancel()
            self._end()

    async def all_passed(self, places: Iterable[Place], within: float) -> bool:
        """Wait until the store has handled all that stands before `places`."""
        last = [Place(place.partition, place.offset - 1) for place in places if place.offset > 0]
        return all(await asyncio.gather(*(self.passed(place, within) for place in last)))

    def check(self) -> None:
        """Let everybody go if the store stands still though they wait."""
        if self._waiting and self._clock() - max(self._moved_at, self._waiting_since) > SECONDS_TO_STALL:
            self._stall(stalled=True)
            self.release()

    def release(self) -> None:
        """Let everybody go who waits; their records will be stored later."""
        for waiters in self._waiters.values():
            while waiters:
                _tell(waiters.pop()[2], Word.NOTHING)

    def lost(self) -> None:
        """Take note that the positions cannot be learned for now."""
        self.reachable = False
        self.release()

    def _stall(self, *, stalled: bool) -> None:
        self.stalled = stalled
        STALLED.set(stalled)

    def _begin(self) -> None:
        if not self._waiting:
            self._waiting_since = self._clock()
            self._somebody.set()
        self._waiting += 1

    def _end(self) -> None:
        self._waiting -= 1
        if not self._waiting:
            self._somebody.clear()


def _tell(waiter: "asyncio.Future[Word]", word: Word) -> None:
    if not waiter.done():
        waiter.set_result(word)
