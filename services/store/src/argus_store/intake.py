"""The loop: read the partitions that the group gives us, from where PostgreSQL says that we are."""

import asyncio
import logging
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from argus_runtime.errors import PositionLost, TooManyDeadLetters, TransientError
from argus_runtime.health import Check
from argus_runtime.kafka import Consumer, Partition, Record
from argus_schemas.topics import Topic
from argus_store.handler import Handler
from argus_store.hands import SECONDS_TO_FINISH, Hands
from argus_store.link import Link
from argus_store.metrics import show_lag
from argus_store.places import FIRST_PAUSE, Places
from argus_store.pulse import Pulse
from argus_store.turns import turns

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Pace:
    """For how long it is waited, in seconds."""

    a_look: float = 0.5
    """For records."""
    between_passes: float = 2.0
    """Over what the consumer skips."""
    to_finish: float = SECONDS_TO_FINISH
    """For what is in hand."""


class Intake:
    """Hands batches to the handler; whatever fails, the truth about where we are is read from PostgreSQL again."""

    def __init__(
        self,
        handler: Handler,
        link: Link,
        topics: Mapping[str, Topic[Any]],
        *,
        database: Check,
        positions: Check,
        pace: Pace = Pace(),
    ) -> None:
        self._topics = topics
        self._pulse = Pulse(link, database)
        self._places = Places(link, self._pulse, positions)
        self._hands = Hands(handler, self._places, topics, pace.to_finish)
        self._pace = pace
        self._consumer: Consumer | None = None
        self._pass_at = 0.0
        self._most = 1

    async def on_assigned(self, partitions: set[Partition]) -> None:
        """Take partitions, which stand still until they are placed; give it to the consumer."""
        self._source.pause(*partitions)
        self._places.take(partitions)
        for partition in partitions:
            await self._source.seek(partition, 0)

    async def on_revoked(self, partitions: set[Partition]) -> None:
        """Finish the batch in hand, or break it off, and leave in order; give it to the consumer."""
        await self._hands.let_go(partitions)

    async def run(self, consumer: Consumer, stop: asyncio.Event, most: int) -> None:
        """Store records, `most` at once, until `stop` is set; the batch in hand is finished if that goes in seconds.

        Raises:
            TooManyDeadLetters: we are probably the fault.
        """
        self._consumer, self._most = consumer, most
        ending = asyncio.create_task(self._end(stop))
        try:
            while not stop.is_set():
                await self._round(most)
            await self._hands.all()
        except TooManyDeadLetters:
            await self._hands.let_go(consumer.assignment())  # this is no crash
            raise
        finally:
            ending.cancel()
            await self._hands.drop()
        await self._hands.let_go(consumer.assignment())

    async def _end(self, stop: asyncio.Event) -> None:
        await stop.wait()
        self._hands.end()

    async def _round(self, most: int) -> None:
        if self._places.due(self._source):
            async with self._hands.empty():
                await self._places.place(self._source, most)
        self._places.tell(self._source)
        batches = await self._batches(self._most)
        show_lag(self._topics, self._places.held, self._source)
        if todo := turns(batches, self._places.held):
            ended = await self._hands.take(self._source, todo)
        elif not (ended := await self._hands.one()):
            await self._pulse.feel()
        for done in ended:
            # A batch that is too much for a slow server would be too much for ever.
            self._most = min(self._most * 2, most) if done else max(1, self._most // 2)
        await self._pass_over()

    @property
    def _source(self) -> Consumer:
        if self._consumer is None:
            raise RuntimeError("the intake has no consumer yet")
        return self._consumer

    async def _batches(self, most: int) -> dict[Partition, list[Record]]:
        """Return records of partitions that are not in hand; while some are, only what has been fetched already."""
        full = self._hands.full
        others = self._places.held.keys() - full if full else set()
        if full and not others:
            return {}
        try:
            return await self._source.batches(0 if full else self._patience, most, of=others)
        except PositionLost:
            self._places.give_up(self._source, set(self._places.held), "position")
        except TransientError as error:
            log.warning("reading failed: %s", error)
            await asyncio.sleep(FIRST_PAUSE)
        return {}

    @property
    def _patience(self) -> float:
        until_placing = self._places.until_next_try() if self._places.unplaced(self._source) else self._pace.a_look
        return max(0.01, min(self._pace.a_look, until_placing))

    async def _pass_over(self) -> None:
        """Now and then pass what only marks transactions: once it has expired, it would look like lost records.

        Where there is none this notices that an operator has moved a position, though no record comes.
        """
        if time.monotonic() < self._pass_at:
            return
        self._pass_at = time.monotonic() + self._pace.between_passes
        with suppress(TransientError):
            # What is in hand is behind the consumer, but not yet in the rows.
            idle = self._places.held.keys() - self._hands.full
            stands = {name: await self._source.position(name) for name in idle}
            if stands:
                await self._hands.pass_over(self._source, stands)
