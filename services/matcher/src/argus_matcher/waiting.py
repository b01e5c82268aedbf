"""Decisions that wait for their transaction, and when the next one is worth its cost."""

import asyncio
import time
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import suppress

from argus_matcher.effects import Decided
from argus_matcher.patience import Patience


class Pace:
    """What the lanes of a process share: how many events it has decided, and whose turn it is to begin."""

    def __init__(self, patience: Patience = Patience()) -> None:  # noqa: B008  it is frozen
        self.patience = patience
        self.events = 0
        self._events_before = 0
        self._next_turn = 0.0

    async def turn(self) -> None:
        """Wait until the next transaction may begin; the more events there are, the fewer begin."""
        now = time.monotonic()
        mine = max(now, self._next_turn)
        self._next_turn = mine + self._until_next()
        await _until(mine)

    def _until_next(self) -> float:
        since, self._events_before = self.events - self._events_before, self.events
        return min(self.patience.between_turns + since * self.patience.for_an_event, self.patience.longest_turn)


class Waiting:
    """The decisions of one lane that are not in a transaction yet."""

    def __init__(self, pace: Pace) -> None:
        self.settled = asyncio.Event()
        """Set while nothing waits and no transaction is under way."""
        self._pace = pace
        self._patience = pace.patience
        self._decided: deque[tuple[Decided, int]] = deque()
        """With their sizes."""
        self._bytes = 0
        self._at_once = False
        self._in_transaction = False
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._room = asyncio.Event()
        self.settled.set()

    def put(self, decided: Decided, *, at_once: bool = False, patiently: bool = False) -> None:
        """Add a decision, to be committed soon if it tells somebody, unless `patiently`; without any wait `at_once`."""
        size = decided.size
        self._decided.append((decided, size))
        self._bytes += size
        self.settled.clear()
        self._wake.set()
        self._at_once |= at_once
        if at_once or (decided.outputs and not patiently) or self._enough():
            self._urgent.set()

    async def room(self) -> None:
        """Return when more decisions may wait."""
        while len(self._decided) >= self._patience.most_events or self._bytes >= self._patience.most_bytes:
            self._room.clear()
            await self._room.wait()

    def drop(self) -> None:
        """Forget what waits; a transaction that is under way goes on."""
        self._decided.clear()
        self._bytes = 0
        self._room.set()
        if not self._in_transaction:
            self.settled.set()

    def give_up(self) -> None:
        """Let nobody wait any more for what will not be committed."""
        self.drop()
        self.settled.set()

    async def batches(self) -> AsyncGenerator[list[Decided], None]:
        """Yield what to commit next when it is worth a transaction; who asks for more has committed it."""
        begun = took = 0.0
        while True:
            await self._wake.wait()
            await self._worth_it(begun + max(self._patience.between_transactions, 2 * took))
            if batch := self._take():
                begun = time.monotonic()
                yield batch
                took = time.monotonic() - begun
                self._in_transaction = False
                if not self._decided:
                    self.settled.set()

    def _take(self) -> list[Decided]:
        """Return what fits in a transaction; what is left goes into the next, which is worth it already."""
        batch: list[Decided] = []
        room = self._patience.most_bytes
        while self._decided and (not batch or self._decided[0][1] <= room):
            decided, size = self._decided.popleft()
            batch.append(decided)
            room -= size
            self._bytes -= size
        if not self._decided:
            self._wake.clear()
            self._urgent.clear()
            self._at_once = False
        self._in_transaction = bool(batch)
        self._room.set()
        return batch

    def _enough(self) -> bool:
        return len(self._decided) >= self._patience.enough_events or self._bytes >= self._patience.most_bytes

    async def _worth_it(self, earliest: float) -> None:
        """Return when a transaction is worth it: a slow broker is not helped by more, so half of the time is free."""
        await self._company()
        if not self._at_once:
            await _until(earliest)
            await self._pace.turn()

    async def _company(self) -> None:
        """Return at once if somebody is to be told, else when there is more to commit or it has waited enough."""
        if self._urgent.is_set():  # it is, most often, and to wait for it costs a task and a timer
            return
        with suppress(TimeoutError):
            await asyncio.wait_for(self._urgent.wait(), self._patience.quiet)


async def _until(moment: float) -> None:
    if (seconds := moment - time.monotonic()) > 0:
        await asyncio.sleep(seconds)
