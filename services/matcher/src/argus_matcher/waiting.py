"""Decisions that wait for their transaction, and when the next one is worth its cost."""

import asyncio
import time
from collections.abc import AsyncGenerator
from contextlib import suppress

from argus_matcher.effects import Decided

# Transactions cost the broker one to two milliseconds each: a partition begins no more than fifty in a second, and all
# partitions of a process together no more than a hundred.
SECONDS_BETWEEN_TRANSACTIONS = 0.02
SECONDS_BETWEEN_TURNS = 0.01
# What tells nobody is seen by nobody: states and positions alone wait that long for company.
QUIET_SECONDS = 0.25
MOST_EVENTS_WAITING = 2000
MOST_IN_HAND = 2 * MOST_EVENTS_WAITING + 1  # as many in a transaction, as many behind them, and one being decided
# While the agent is busy with a backlog, transactions wait for more: each costs as much time as many events do.
# As soon as it pauses, what waits is committed.
PAUSE_SECONDS = 0.003
ENOUGH_EVENTS = 500
PATIENCE_SECONDS = 0.1


class Pace:
    """What the lanes of a process share: how many events it has decided, and whose turn it is to begin."""

    def __init__(self) -> None:
        self.events = 0
        self._next_turn = 0.0

    async def turn(self) -> None:
        """Wait until the next transaction may begin."""
        now = time.monotonic()
        mine = max(now, self._next_turn)
        self._next_turn = mine + SECONDS_BETWEEN_TURNS
        await asyncio.sleep(mine - now)


class Waiting:
    """The decisions of one lane that are not in a transaction yet."""

    def __init__(self, pace: Pace) -> None:
        self.settled = asyncio.Event()
        """Set while nothing waits and no transaction is under way."""
        self._pace = pace
        self._decided: list[Decided] = []
        self._at_once = False
        self._in_transaction = False
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._room = asyncio.Event()
        self.settled.set()

    def put(self, decided: Decided, *, at_once: bool = False) -> None:
        """Add a decision, to be committed soon if it tells somebody, and without any wait if `at_once`."""
        self._decided.append(decided)
        self.settled.clear()
        self._wake.set()
        self._at_once |= at_once
        if at_once or decided.outputs or len(self._decided) >= ENOUGH_EVENTS:
            self._urgent.set()

    async def room(self) -> None:
        """Return when more decisions may wait."""
        while len(self._decided) >= MOST_EVENTS_WAITING:
            self._room.clear()
            await self._room.wait()

    def drop(self) -> None:
        """Forget what waits; a transaction that is under way goes on."""
        self._decided.clear()
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
            await self._worth_it(begun + max(SECONDS_BETWEEN_TRANSACTIONS, 2 * took))
            if batch := self._take():
                begun = time.monotonic()
                yield batch
                took = time.monotonic() - begun
                self._in_transaction = False
                if not self._decided:
                    self.settled.set()

    def _take(self) -> list[Decided]:
        self._wake.clear()
        self._urgent.clear()
        self._at_once = False
        batch, self._decided = self._decided, []
        self._in_transaction = bool(batch)
        self._room.set()
        return batch

    async def _worth_it(self, earliest: float) -> None:
        """Return when a transaction is worth it: a slow broker is not helped by more, so half of the time is free."""
        await self._company()
        if not self._at_once:
            await asyncio.sleep(max(0.0, earliest - time.monotonic()))
            await self._until_pause(time.monotonic() + PATIENCE_SECONDS)
            await self._pace.turn()

    async def _company(self) -> None:
        """Return at once if somebody is to be told, else when there is more to commit or it has waited enough."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._urgent.wait(), QUIET_SECONDS)

    async def _until_pause(self, deadline: float) -> None:
        """Return when no more events are being decided, when enough are waiting, or at the deadline."""
        decided = -1
        while decided != self._pace.events and len(self._decided) < ENOUGH_EVENTS and time.monotonic() < deadline:
            decided = self._pace.events
            await asyncio.sleep(PAUSE_SECONDS)
