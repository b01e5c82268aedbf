"""The loop: read the partitions that the group gives us, from where PostgreSQL says that we are."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from functools import partial
from typing import Any

from argus_runtime.errors import PositionLost, TooManyDeadLetters, TransientError
from argus_runtime.health import Check
from argus_runtime.kafka import Consumer, Partition, Record
from argus_schemas.topics import Topic
from argus_store.entries import given_up, read
from argus_store.handler import Handler, Held
from argus_store.link import Link
from argus_store.metrics import show_lag
from argus_store.places import FAILURES, FIRST_PAUSE, Places
from argus_store.pulse import Pulse
from argus_store.turns import Turn, turns

SECONDS_A_LOOK = 0.5
SECONDS_FOR_A_BATCH = 60.0
SECONDS_BETWEEN_PASSES = 2.0
# For the batch in hand when partitions move; what is not done then loses by its position.
SECONDS_TO_FINISH = 5.0

log = logging.getLogger(__name__)


class Intake:
    """Hands batches to the handler; whatever fails, the truth about where we are is read from PostgreSQL again."""

    def __init__(
        self, handler: Handler, link: Link, topics: Mapping[str, Topic[Any]], *, database: Check, positions: Check
    ) -> None:
        self._handler = handler
        self._topics = topics
        self._pulse = Pulse(link, database)
        self._places = Places(link, self._pulse, positions)
        self._consumer: Consumer | None = None
        # Whoever has it speaks to PostgreSQL; between two turns partitions may go.
        self._turn = asyncio.Lock()
        self._pass_at = 0.0
        self._most = 1

    async def on_assigned(self, partitions: set[Partition]) -> None:
        """Take partitions, which stand still until they are placed; give it to the consumer."""
        self._source.pause(*partitions)
        self._places.take(partitions)
        for partition in partitions:
            await self._source.seek(partition, 0)

    async def on_revoked(self, partitions: set[Partition]) -> None:
        """Finish the batch in hand, so that the next owner finds its position moved; give it to the consumer."""
        await self._let_go(partitions)

    async def run(self, consumer: Consumer, stop: asyncio.Event, most: int) -> None:
        """Store records, `most` at once, until `stop` is set; the batch in hand is finished.

        Raises:
            TooManyDeadLetters: we are probably the fault.
        """
        self._consumer, self._most = consumer, most
        try:
            while not stop.is_set():
                await self._round(most)
        except TooManyDeadLetters:
            await self._let_go(consumer.assignment())  # this is no crash
            raise
        await self._let_go(consumer.assignment())

    async def _round(self, most: int) -> None:
        async with self._turn:
            await self._places.place(self._source, most)
        batches = await self._batches(self._most)
        show_lag(self._topics, self._places.held, self._source)
        if todo := turns(batches, self._places.held):
            # A batch that is too much for a slow server would be too much for ever.
            self._most = min(self._most * 2, most) if await self._done(todo) else max(1, self._most // 2)
        else:
            async with self._turn:
                await self._pulse.feel()
        await self._pass_over()

    @property
    def _source(self) -> Consumer:
        if self._consumer is None:
            raise RuntimeError("the intake has no consumer yet")
        return self._consumer

    async def _batches(self, most: int) -> dict[Partition, list[Record]]:
        until_placing = self._places.until_next_try() if self._places.unplaced(self._source) else SECONDS_A_LOOK
        waiting = max(0.01, min(SECONDS_A_LOOK, until_placing))
        try:
            return await self._source.batches(waiting, most)
        except PositionLost:
            self._places.give_up(self._source, set(self._places.held), "position")
        except TransientError as error:
            log.warning("reading failed: %s", error)
            await asyncio.sleep(FIRST_PAUSE)
        return {}

    async def _done(self, todo: list[Turn]) -> bool:
        """Take turns; tell whether all could be."""
        # Who failed alone is marked so until it is placed again: a crash at anything else would be taken for its own.
        all_or_none = any(turn.alone for turn in todo)
        for turn in todo:
            at_stake = set(self._places.held) if all_or_none else {record.partition for record in turn.records}
            if not await self._do(partial(self._take, turn), at_stake):
                return False
        return True

    async def _take(self, turn: Turn, held: Held) -> None:
        records = turn.of(held)
        if not records:
            return
        hold = held[records[0].partition]
        if turn.alone and hold.opening.gives_up:
            await self._handler.store([given_up(records[0], hold.opening.crashes, self._topics)], held)
            return
        if turn.alone:
            await self._handler.mark(records[0].partition, held)
        await self._handler.store(read(records, self._topics), held)

    async def _do(self, work: Callable[[Held], Awaitable[None]], partitions: set[Partition]) -> bool:
        """Let `work` move the positions of these partitions, as far as they are ours; tell whether it could."""
        async with self._turn:
            held = {name: hold for name, hold in self._places.held.items() if name in partitions}
            try:
                async with asyncio.timeout(SECONDS_FOR_A_BATCH):
                    await work(held)
            except FAILURES as error:
                self._places.failed(self._source, partitions, error)
                return False
            self._places.well()
            # What changed hands meanwhile is to be placed anew, should it be ours again.
            self._places.held.update({name: hold for name, hold in held.items() if name in self._places.held})
            return True

    async def _pass_over(self) -> None:
        """Now and then pass what only marks transactions: once it has expired, it would look like lost records.

        Where there is none this notices that an operator has moved a position, though no record comes.
        """
        if time.monotonic() < self._pass_at:
            return
        self._pass_at = time.monotonic() + SECONDS_BETWEEN_PASSES
        with suppress(TransientError):
            stands = {name: await self._source.position(name) for name in [*self._places.held]}
            beyond = {name: at for name, at in stands.items() if self._is_behind(name, at)}
            if stands:
                await self._do(partial(self._passed_over, beyond), set(stands))

    def _is_behind(self, partition: Partition, offset: int) -> bool:
        hold = self._places.held.get(partition)
        return hold is not None and hold.position < offset

    async def _passed_over(self, beyond: Mapping[Partition, int], held: Held) -> None:
        if held:
            await self._handler.pass_over({name: at for name, at in beyond.items() if name in held}, held)

    async def _let_go(self, partitions: set[Partition]) -> None:
        try:
            async with asyncio.timeout(SECONDS_TO_FINISH), self._turn:
                if partitions:
                    await self._places.release(partitions)
        except TimeoutError:
            log.warning("partitions go before all is done with them")
        self._places.forget(partitions)
