"""A lane: one assigned partition, whose events and what they cause become visible together or not at all.

It holds the states of its partition's incidents and one transactional producer. The notifications of a batch of events,
the states that they leave behind and the position after them are one transaction. Its transactional id belongs to the
partition, so that a new owner fences an old one that was only asleep.
"""

import asyncio
import time
from collections.abc import AsyncIterable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass

from argus_matcher import metrics
from argus_matcher.effects import Decided, latest_states, position_after
from argus_matcher.sequence import Sequence as Order
from argus_matcher.transactions import CLOSING_SECONDS, Transactions, within
from argus_runtime.errors import PositionLost
from argus_runtime.kafka import Partition, Record
from argus_schemas.topics import INCIDENT_STATES

GROUP = "matcher"

# Transactions cost the broker one to two milliseconds each: a partition begins no more than fifty in a second, and all
# partitions of a process together no more than a hundred.
SECONDS_BETWEEN_TRANSACTIONS = 0.02
SECONDS_BETWEEN_TURNS = 0.01
# What tells nobody is seen by nobody: states and positions alone wait that long for company.
QUIET_SECONDS = 0.25
MOST_EVENTS_WAITING = 2000
# While the agent is busy with a backlog, transactions wait for more: each costs as much time as many events do.
# As soon as it pauses, what waits is committed.
PAUSE_SECONDS = 0.003
ENOUGH_EVENTS = 500
PATIENCE_SECONDS = 0.1
# The broker aborts a transaction after 10 s; one that has not ended long after that never will.
TRANSACTION_SECONDS = 20.0


@dataclass(frozen=True, slots=True)
class Standing:
    """The committed position of a partition, if there is one, and where its log begins and ends."""

    position: int | None
    first: int
    end: int


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


class Lane:
    """One assigned partition: the states of its incidents, and the events that are decided but not yet committed."""

    def __init__(self, source: Partition, producer: Transactions, pace: Pace) -> None:
        self.source = source
        self.states: dict[bytes, bytes] = {}
        self.order = Order(str(source), -1)
        self.latest_ms = 0
        """When the latest record was appended: the clock of this log."""
        self._producer = producer
        self._pace = pace
        self._waiting: list[Decided] = []
        self._wake = asyncio.Event()
        self._urgent = asyncio.Event()
        self._room = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self._closed = False

    def __len__(self) -> int:
        """Incidents in memory."""
        return len(self.states)

    async def fence(self) -> None:
        """From here on no earlier owner of this partition can commit anything."""
        await self._producer.start()

    async def load(self, standing: Standing, committed_states: AsyncIterable[Record]) -> None:
        """Remember what earlier owners committed, to begin where they ended.

        Raises:
            PositionLost: the position is not in the log, or there is none although there are states.
        """
        async for record in committed_states:
            self._keep(record.key or b"", record.value)
        position, first, end = standing.position, standing.first, standing.end
        if (position is None and self.states) or (position is not None and not first <= position <= end):
            raise PositionLost(f"{self.source}@{position}", first, end)
        self.order.next = first if position is None else position

    def _keep(self, key: bytes, state: bytes | None) -> None:
        if state is None:
            self.states.pop(key, None)
        else:
            self.states[key] = state

    def open(self, failed: Callable[[BaseException], None]) -> None:
        """Begin to commit what is decided; `failed` hears of the error that ends it."""

        def ended(task: asyncio.Task[None]) -> None:
            if not task.cancelled() and (error := task.exception()) is not None:
                failed(error)

        self._task = asyncio.create_task(self._run(), name=f"lane {self.source}")
        self._task.add_done_callback(ended)

    async def add(self, decided: Decided) -> None:
        """Take on the next decision; wait while too many are waiting. A closed lane takes on none."""
        if self._closed:
            return
        for key, state in decided.states.items():
            self._keep(key, state)
        if decided.offset is not None:
            self.order.next = decided.offset + 1
        self._pace.events += 1
        self._waiting.append(decided)
        self._wake.set()
        if decided.outputs or len(self._waiting) >= ENOUGH_EVENTS:
            self._urgent.set()
        while len(self._waiting) >= MOST_EVENTS_WAITING:
            self._room.clear()
            await self._room.wait()

    async def _run(self) -> None:
        begun = took = 0.0
        while True:
            await self._wake.wait()
            await self._company()
            # A broker that is slow is not helped by more transactions: a lane spends half of its time in them at most.
            await asyncio.sleep(max(0.0, begun + max(SECONDS_BETWEEN_TRANSACTIONS, 2 * took) - time.monotonic()))
            await self._until_pause(time.monotonic() + PATIENCE_SECONDS)
            await self._pace.turn()
            begun = time.monotonic()
            self._wake.clear()
            self._urgent.clear()
            batch, self._waiting = self._waiting, []
            self._room.set()
            await within(TRANSACTION_SECONDS, self._commit(batch))
            took = time.monotonic() - begun

    async def _company(self) -> None:
        """Return at once if somebody is to be told, else when there is more to commit or it has waited enough."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._urgent.wait(), QUIET_SECONDS)

    async def _until_pause(self, deadline: float) -> None:
        """Return when no more events are being decided, when enough are waiting, or at the deadline."""
        decided = -1
        while decided != self._pace.events and len(self._waiting) < ENOUGH_EVENTS and time.monotonic() < deadline:
            decided = self._pace.events
            await asyncio.sleep(PAUSE_SECONDS)

    async def _commit(self, batch: Sequence[Decided]) -> None:
        metrics.TRANSACTION_EVENTS.observe(len(batch))
        with metrics.TRANSACTION_SECONDS.time():
            async with self._producer.transaction():
                for output in (output for decided in batch for output in decided.outputs):
                    await self._producer.send(output.topic, output.key, output.value, headers=output.headers)
                for key, state in latest_states(batch).items():
                    await self._producer.send(INCIDENT_STATES, key, state, partition=self.source.partition)
                if (position := position_after(batch)) is not None:
                    self._producer.send_offsets({self.source: position}, GROUP)

    async def close(self) -> None:
        """Abort what is not committed; the partition's next owner decides it again."""
        self._closed = True
        self._waiting.clear()
        self._room.set()
        if self._task is not None and not self._task.done():
            self._task.cancel()
            await asyncio.wait({self._task}, timeout=CLOSING_SECONDS)
        await self._producer.close()
