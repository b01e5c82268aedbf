"""One thing at a time with what we hold: partitions go between two turns, never within one."""

import asyncio
import logging
import math
from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import partial
from typing import Any

from argus_runtime.kafka import Consumer, Partition
from argus_schemas.topics import Topic
from argus_store.entries import given_up, read
from argus_store.handler import Handler, Held
from argus_store.places import FAILURES, Places
from argus_store.turns import Turn

SECONDS_FOR_A_BATCH = 60.0
# For the batch in hand when partitions move or the process ends. What takes longer, behind somebody's lock perhaps, is
# broken off: it must not look like a crash, since it would at each of a rolling restart's rebalances.
SECONDS_TO_FINISH = 5.0
# To have broken off, and to say that we end in order. Kafka gives a rebalance 10 s in all.
SECONDS_TO_LEAVE = 3.0

log = logging.getLogger(__name__)


class Hands:
    """Does work that moves positions; what cannot be done unplaces the partitions that are at stake."""

    def __init__(self, handler: Handler, places: Places, topics: Mapping[str, Topic[Any]]) -> None:
        self._handler = handler
        self._places = places
        self._topics = topics
        self.free = asyncio.Lock()
        """Whoever has it may speak to PostgreSQL."""
        self._limit: asyncio.Timeout | None = None
        """Breaks off what is in hand."""
        self._ends_at = math.inf

    async def take(self, source: Consumer, todo: Sequence[Turn]) -> bool:
        """Take turns; tell whether all could be."""
        # Who failed alone is marked so until it is placed again: a crash at anything else would be taken for its own.
        all_or_none = any(turn.alone for turn in todo)
        for turn in todo:
            at_stake = set(self._places.held) if all_or_none else {record.partition for record in turn.records}
            if not await self._do(source, partial(self._take, turn), at_stake):
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

    async def _do(self, source: Consumer, work: Callable[[Held], Awaitable[None]], partitions: set[Partition]) -> bool:
        """Let `work` move the positions of these partitions, as far as they are ours; tell whether it could."""
        async with self.free:
            held = {name: hold for name, hold in self._places.held.items() if name in partitions}
            try:
                async with asyncio.timeout_at(min(_now() + SECONDS_FOR_A_BATCH, self._ends_at)) as self._limit:
                    await work(held)
            except FAILURES as error:
                self._places.failed(source, partitions, error)
                return False
            finally:
                self._limit = None
            self._places.well()
            # What changed hands meanwhile is to be placed anew, should it be ours again.
            self._places.held.update({name: hold for name, hold in held.items() if name in self._places.held})
            return True

    async def pass_over(self, source: Consumer, stands: Mapping[Partition, int]) -> bool:
        """Move positions to where the consumer stands, if that is further on; tell whether all are still ours."""
        return await self._do(source, partial(self._passed_over, stands), set(stands))

    async def _passed_over(self, stands: Mapping[Partition, int], held: Held) -> None:
        beyond = {name: at for name, at in stands.items() if name in held and held[name].position < at}
        if held:
            await self._handler.pass_over(beyond, held)

    async def let_go(self, partitions: set[Partition]) -> None:
        """Leave partitions in order, once what is in hand is done or broken off."""
        self._hurry(_now() + SECONDS_TO_FINISH)
        try:
            async with asyncio.timeout(SECONDS_TO_FINISH + SECONDS_TO_LEAVE), self.free:
                if partitions:
                    await self._places.release(partitions)
        except TimeoutError:
            log.warning("partitions go before all is done with them")
        self._places.forget(partitions)

    def end(self) -> None:
        """Give all that is in hand, and what would come after it, a moment: the process ends."""
        self._ends_at = _now() + SECONDS_TO_FINISH
        self._hurry(self._ends_at)

    def _hurry(self, ends_at: float) -> None:
        if self._limit is not None and not self._limit.expired():
            self._limit.reschedule(min(ends_at, self._limit.when() or ends_at))


def _now() -> float:
    return asyncio.get_running_loop().time()
