"""The partitions that are ours: where PostgreSQL says that we are in each, and the word that we are at work there."""

import asyncio
import logging
import time
from collections.abc import Set as AbstractSet
from secrets import token_hex

import psycopg

from argus_runtime.errors import PartitionTaken, PositionLost, TransientError
from argus_runtime.health import Check
from argus_runtime.kafka import Consumer, Partition
from argus_store import repository
from argus_store.holds import Hold
from argus_store.link import Link
from argus_store.metrics import GIVEN_UP
from argus_store.pulse import Pulse

SECONDS_TO_PLACE = 60.0
FIRST_PAUSE, LONGEST_PAUSE = 0.05, 2.0

FAILURES = (TransientError, psycopg.Error, TimeoutError, OSError)

log = logging.getLogger(__name__)


class Places:
    """What we hold of the partitions that the group gives us.

    A partition is *placed* when its position has been read, our opening stands beside it for whoever comes after us,
    and the consumer stands there. A failure unplaces the partitions of its batch: nobody has to know whether a lost
    connection had committed.
    """

    def __init__(self, link: Link, pulse: Pulse, check: Check) -> None:
        self.held: dict[Partition, Hold] = {}
        self._link = link
        self._pulse = pulse
        self._check = check
        self._owner = token_hex(8)
        self._joined = False
        self._pause = FIRST_PAUSE
        self._next_try = 0.0

    def unplaced(self, source: Consumer) -> set[Partition]:
        """Return what is ours and not placed."""
        return source.assignment() - self.held.keys()

    def until_next_try(self) -> float:
        """Return for how many seconds there is no use in trying to place anything."""
        return self._next_try - time.monotonic()

    def due(self, source: Consumer) -> bool:
        """Tell whether there is something to place, and that was not tried a moment ago."""
        return bool(self.unplaced(source)) and self.until_next_try() <= 0

    def tell(self, source: Consumer) -> None:
        """Say so to those who ask how ready we are, if all that is ours is placed."""
        if self._joined and not self.unplaced(source):
            self._check.ok(f"{len(self.held)} partitions")

    async def place(self, source: Consumer, most: int) -> None:
        """Place what is due; a batch takes `most` records."""
        if not self.due(source):
            return
        unplaced = self.unplaced(source)
        try:
            async with asyncio.timeout(SECONDS_TO_PLACE):
                lost = await self._placed(source, unplaced, most)
        except FAILURES as error:
            self.failed(source, unplaced, error)
            return
        self.well()
        if lost:
            self._check.failed("; ".join(map(str, lost)))
            self._next_try = time.monotonic() + LONGEST_PAUSE

    async def _placed(self, source: Consumer, partitions: set[Partition], most: int) -> list[PositionLost]:
        """Place partitions; return what lies outside the log, where records would be skipped in silence."""
        first, end = await source.beginning(partitions), await source.end(partitions)
        found: dict[Partition, Hold] = {}
        lost = []
        async with self._link.transaction() as transaction:
            for partition, (position, text) in (await repository.positions(transaction, first)).items():
                if first[partition] <= position <= end[partition]:
                    found[partition] = Hold.found(position, text, end[partition], self._owner, most)
                else:
                    lost.append(PositionLost(f"{partition}@{position}", first[partition], end[partition]))
            await repository.leave(transaction, found)
        for partition in found.keys() & source.assignment():
            await self._begin(source, partition, found[partition])
        return lost

    async def _begin(self, source: Consumer, partition: Partition, hold: Hold) -> None:
        if hold.opening.crashes:
            crashes = hold.opening.crashes
            log.warning("%s stores have ended at %s@%s without a word", crashes, partition, hold.position)
        await source.seek(partition, hold.position)
        self.held[partition] = hold
        source.resume(partition)

    async def release(self, partitions: AbstractSet[Partition]) -> None:
        """Say that we end in order, where nobody has come after us; at worst our end counts as a crash."""
        try:
            async with self._link.transaction() as transaction:
                await repository.close(transaction, partitions, self._owner)
        except FAILURES as error:
            log.warning("this end will look like a crash: %s", error)

    def take(self, partitions: AbstractSet[Partition]) -> None:
        """Know that the group has given us these, and nothing about them yet."""
        self._joined = True
        self.forget(partitions)

    def forget(self, partitions: AbstractSet[Partition]) -> None:
        """Hold these partitions no more."""
        for partition in partitions:
            self.held.pop(partition, None)

    def give_up(self, source: Consumer, partitions: AbstractSet[Partition], cause: str) -> None:
        """Unplace partitions; after a pause, longer each time, they are placed anew."""
        GIVEN_UP.labels(cause).inc()
        self.forget(partitions)
        source.pause(*(partitions & source.assignment()))
        self._next_try = time.monotonic() + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)

    def failed(self, source: Consumer, partitions: AbstractSet[Partition], error: BaseException) -> None:
        """Unplace partitions because of an error, and say so to those who ask how ready we are."""
        if isinstance(error, PartitionTaken):
            log.info("%s", error)
            self.give_up(source, partitions, "taken")
            return
        text = str(error) or type(error).__name__
        log.warning("trying again: %s", text)
        self.give_up(source, partitions, "database" if isinstance(error, psycopg.Error) else "other")
        if isinstance(error, psycopg.Error):
            self._pulse.missed(error)
        self._check.failed(f"waiting: {text}")

    def well(self) -> None:
        """PostgreSQL does what we ask."""
        self._pause = FIRST_PAUSE
        self._pulse.heard()
