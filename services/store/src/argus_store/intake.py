"""The loop: read the partitions that the group gives us, from where PostgreSQL says that we are."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

import psycopg

from argus_runtime.errors import PartitionTaken, PositionLost, TransientError
from argus_runtime.health import Check
from argus_runtime.kafka import Consumer, Partition, Record
from argus_schemas.topics import Topic
from argus_store import repository
from argus_store.entries import Entry, read
from argus_store.handler import Handler
from argus_store.link import Link
from argus_store.metrics import GIVEN_UP, show_lag
from argus_store.pulse import Pulse

SECONDS_A_LOOK = 0.5
SECONDS_FOR_A_BATCH = 60.0
SECONDS_BETWEEN_PASSES = 2.0
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0
# For the batch in hand when partitions move; what is not done then loses by its position.
SECONDS_TO_FINISH = 5.0

FAILURES = (TransientError, psycopg.Error, TimeoutError, OSError)

log = logging.getLogger(__name__)


class Intake:
    """Hands batches to the handler; whatever fails, the truth about where we are is read from PostgreSQL again.

    A partition is *placed* when its position has been read and the consumer stands there. A failure unplaces the
    partitions of its batch: nobody has to know whether a lost connection had committed.
    """

    def __init__(
        self, handler: Handler, link: Link, topics: Mapping[str, Topic[Any]], *, database: Check, positions: Check
    ) -> None:
        self._handler = handler
        self._link = link
        self._topics = topics
        self._pulse = Pulse(link, database)
        self._placing = positions
        self._consumer: Consumer | None = None
        self._positions: dict[Partition, int] = {}
        self._joined = False
        self._idle = asyncio.Event()
        self._idle.set()
        self._pause = FIRST_PAUSE
        self._place_at = 0.0
        self._pass_at = 0.0
        self._most = 1

    async def on_assigned(self, partitions: set[Partition]) -> None:
        """Take partitions, which stand still until they are placed; give it to the consumer."""
        self._joined = True
        self._source.pause(*partitions)
        for partition in partitions:
            self._positions.pop(partition, None)
            await self._source.seek(partition, 0)

    async def on_revoked(self, partitions: set[Partition]) -> None:
        """Finish the batch in hand, so that the next owner finds its position moved; give it to the consumer."""
        try:
            await asyncio.wait_for(self._idle.wait(), SECONDS_TO_FINISH)
        except TimeoutError:
            log.warning("partitions move although a batch is not done")
        for partition in partitions:
            self._positions.pop(partition, None)

    async def run(self, consumer: Consumer, stop: asyncio.Event, most: int) -> None:
        """Store records, `most` at once, until `stop` is set; the batch in hand is finished.

        Raises:
            TooManyDeadLetters: we are probably the fault.
        """
        self._consumer, self._most = consumer, most
        while not stop.is_set():
            await self._place()
            batches = await self._batches(self._most)
            show_lag(self._topics, self._positions, self._source)
            if entries := self._entries(batches):
                done = await self._do(
                    partial(self._handler.store, entries), {entry.record.partition for entry in entries}
                )
                # A batch that is too much for a slow server would be too much for ever.
                self._most = min(self._most * 2, most) if done else max(1, self._most // 2)
            else:
                await self._pulse.feel()
            await self._pass_over()

    @property
    def _source(self) -> Consumer:
        if self._consumer is None:
            raise RuntimeError("the intake has no consumer yet")
        return self._consumer

    async def _batches(self, most: int) -> dict[Partition, list[Record]]:
        until_placing = self._place_at - time.monotonic() if self._unplaced() else SECONDS_A_LOOK
        waiting = max(0.01, min(SECONDS_A_LOOK, until_placing))
        try:
            return await self._source.batches(waiting, most)
        except PositionLost:
            self._give_up(set(self._positions), "position")
        except TransientError as error:
            log.warning("reading failed: %s", error)
            await asyncio.sleep(FIRST_PAUSE)
        return {}

    def _entries(self, batches: Mapping[Partition, list[Record]]) -> list[Entry]:
        return [
            entry
            for partition, records in batches.items()
            if (position := self._positions.get(partition)) is not None
            for entry in read((record for record in records if record.offset >= position), self._topics)
        ]

    async def _do(self, work: Callable[[dict[Partition, int]], Awaitable[None]], partitions: set[Partition]) -> bool:
        """Let `work` move the positions of these partitions; tell whether it could."""
        positions = {name: self._positions[name] for name in partitions}
        self._idle.clear()
        try:
            async with asyncio.timeout(SECONDS_FOR_A_BATCH):
                await work(positions)
        except FAILURES as error:
            self._failed(partitions, error)
            return False
        else:
            self._well()
            # What changed hands meanwhile is to be placed anew, should it be ours again.
            self._positions.update({name: at for name, at in positions.items() if name in self._positions})
            return True
        finally:
            self._idle.set()

    async def _pass_over(self) -> None:
        """Now and then pass what only marks transactions: once it has expired, it would look like lost records."""
        if time.monotonic() < self._pass_at:
            return
        self._pass_at = time.monotonic() + SECONDS_BETWEEN_PASSES
        with suppress(TransientError):
            stands = {name: await self._source.position(name) for name in [*self._positions]}
            beyond = {name: at for name, at in stands.items() if at > self._positions.get(name, at)}
            if beyond:
                await self._do(partial(self._handler.pass_over, beyond), set(beyond))

    def _unplaced(self) -> set[Partition]:
        return self._source.assignment() - self._positions.keys()

    async def _place(self) -> None:
        unplaced = self._unplaced()
        if not unplaced:
            if self._joined:
                self._placing.ok(f"{len(self._positions)} partitions")
            return
        if time.monotonic() < self._place_at:
            return
        try:
            async with asyncio.timeout(SECONDS_FOR_A_BATCH):
                lost = await self._placed(unplaced)
        except FAILURES as error:
            self._failed(unplaced, error)
        else:
            self._well()
            if lost:
                self._placing.failed("; ".join(map(str, lost)))
                self._place_at = time.monotonic() + LONGEST_PAUSE

    async def _placed(self, partitions: set[Partition]) -> list[PositionLost]:
        """Place partitions; return what lies outside the log, where records would be skipped in silence."""
        first, end = await self._source.beginning(partitions), await self._source.end(partitions)
        async with self._link.transaction() as transaction:
            positions = await repository.positions(transaction, first)
        lost = []
        for partition in partitions & self._source.assignment():
            position = positions[partition]
            if first[partition] <= position <= end[partition]:
                await self._source.seek(partition, position)
                self._positions[partition] = position
                self._source.resume(partition)
            else:
                lost.append(PositionLost(f"{partition}@{position}", first[partition], end[partition]))
        return lost

    def _give_up(self, partitions: set[Partition], cause: str) -> None:
        GIVEN_UP.labels(cause).inc()
        for partition in partitions:
            self._positions.pop(partition, None)
        self._source.pause(*(partitions & self._source.assignment()))
        self._place_at = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def _failed(self, partitions: set[Partition], error: BaseException) -> None:
        if isinstance(error, PartitionTaken):
            log.info("%s", error)
            self._give_up(partitions, "taken")
            return
        text = str(error) or type(error).__name__
        log.warning("trying again: %s", text)
        self._give_up(partitions, "database" if isinstance(error, psycopg.Error) else "other")
        if isinstance(error, psycopg.Error):
            self._pulse.missed(error)
        self._placing.failed(f"waiting: {text}")

    def _well(self) -> None:
        self._pause = FIRST_PAUSE
        self._pulse.heard()
