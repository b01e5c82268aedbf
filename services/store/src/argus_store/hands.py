"""What is at work with the partitions that we hold: they go between two turns, never within one."""

import asyncio
import logging
import math
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from typing import Any

from argus_runtime.kafka import Consumer, Partition
from argus_schemas.topics import Topic
from argus_store.entries import given_up, read
from argus_store.handler import Handler, Held
from argus_store.places import FAILURES, Places
from argus_store.turns import Turn

# A batch of so many records is left to PostgreSQL while the next, of other partitions, is read and folded (ADR 13).
# What is smaller is waited for: what comes meanwhile is one batch then, not many.
RECORDS_WORTH_COMPANY = 500
SECONDS_FOR_A_BATCH = 60.0
# For what is in hand when partitions move or the process ends. What takes longer, behind somebody's lock perhaps, is
# broken off: it must not look like a crash, since it would at each of a rolling restart's rebalances.
SECONDS_TO_FINISH = 5.0
# To have broken off, and to say that we end in order. Kafka gives a rebalance 10 s in all.
SECONDS_TO_LEAVE = 3.0

Work = Callable[[Held], Awaitable[None]]

log = logging.getLogger(__name__)


class Hands:
    """Does work that moves positions, at most two batches at once and no partition in both.

    What cannot be done unplaces the partitions that are at stake. One task begins things and no other.
    """

    def __init__(
        self, handler: Handler, places: Places, topics: Mapping[str, Topic[Any]], seconds_to_finish: float
    ) -> None:
        self._handler = handler
        self._places = places
        self._topics = topics
        self._seconds_to_finish = seconds_to_finish
        self._may_begin = asyncio.Lock()
        self._at_work: dict[asyncio.Task[bool], set[Partition]] = {}
        self._limits: set[asyncio.Timeout] = set()
        """They break off what is in hand."""
        self._ends_at = math.inf

    @property
    def full(self) -> set[Partition]:
        """The partitions of what is in hand."""
        return set().union(*self._at_work.values())

    @asynccontextmanager
    async def empty(self) -> AsyncIterator[None]:
        """Wait until nothing is in hand; nothing begins before the block ends."""
        async with self._may_begin:
            if self._at_work:
                await asyncio.wait(self._at_work)
            yield

    async def take(self, source: Consumer, todo: Sequence[Turn]) -> list[bool]:
        """Take turns, and return when there is room for more; tell of those that ended whether they could be done."""
        if any(turn.alone for turn in todo):
            ended = await self.all()
            return [*ended, await self._one_by_one(source, todo)]
        (turn,) = todo
        partitions = {record.partition for record in turn.records}
        begun = await self._begun(source, partial(self._take, turn), partitions)
        large = len(turn.records) >= RECORDS_WORTH_COMPANY
        if not large or len(self._at_work) > 1:
            await asyncio.wait(self._at_work if large else {begun}, return_when=asyncio.FIRST_COMPLETED)
        return self._ended()

    async def one(self) -> list[bool]:
        """Wait for one of what is in hand to end, and tell whether it could be done; of nothing, nothing."""
        if self._at_work:
            await asyncio.wait(self._at_work, return_when=asyncio.FIRST_COMPLETED)
        return self._ended()

    async def all(self) -> list[bool]:
        """Wait for all that is in hand to end, and tell of each whether it could be done."""
        ended: list[bool] = []
        while self._at_work:
            ended += await self.one()
        return ended

    async def pass_over(self, source: Consumer, stands: Mapping[Partition, int]) -> bool:
        """Move positions to where the consumer stands, if that is further on; tell whether all are still ours."""
        begun = await self._begun(source, partial(self._passed_over, stands), set(stands))
        await asyncio.wait({begun})
        del self._at_work[begun]
        return begun.result()

    async def let_go(self, partitions: set[Partition]) -> None:
        """Leave partitions in order, once what is in hand is done or broken off."""
        self._hurry(_now() + self._seconds_to_finish)
        try:
            async with asyncio.timeout(self._seconds_to_finish + SECONDS_TO_LEAVE), self.empty():
                if partitions:
                    await self._places.release(partitions)
        except TimeoutError:
            log.warning("partitions go before all is done with them")
        self._places.forget(partitions)

    def end(self) -> None:
        """Give all that is in hand, and what would come after it, a moment: the process ends."""
        self._ends_at = _now() + self._seconds_to_finish
        self._hurry(self._ends_at)

    async def drop(self) -> None:
        """Break off what is in hand; it looks like a crash."""
        for task in self._at_work:
            task.cancel()
        await asyncio.gather(*self._at_work, return_exceptions=True)

    async def _one_by_one(self, source: Consumer, todo: Sequence[Turn]) -> bool:
        # Who failed alone is marked so until it is placed again: a crash at anything else would be taken for its own.
        for turn in todo:
            async with self.empty():
                if not await self._do(source, partial(self._take, turn), set(self._places.held)):
                    return False
        return True

    async def _begun(self, source: Consumer, work: Work, partitions: set[Partition]) -> asyncio.Task[bool]:
        async with self._may_begin:
            begun = asyncio.create_task(self._do(source, work, partitions))
            self._at_work[begun] = partitions
            await asyncio.sleep(0)  # from here on it can be hurried
        return begun

    def _ended(self) -> list[bool]:
        ended = [task for task in self._at_work if task.done()]
        for task in ended:
            del self._at_work[task]
        return [task.result() for task in ended]

    async def _do(self, source: Consumer, work: Work, partitions: set[Partition]) -> bool:
        """Let `work` move the positions of these partitions, as far as they are ours; tell whether it could."""
        held = {name: hold for name, hold in self._places.held.items() if name in partitions}
        limit = asyncio.timeout_at(min(_now() + SECONDS_FOR_A_BATCH, self._ends_at))
        try:
            async with limit:
                self._limits.add(limit)
                await work(held)
        except FAILURES as error:
            self._places.failed(source, partitions, error)
            return False
        finally:
            self._limits.discard(limit)
        self._places.well()
        # What changed hands meanwhile is to be placed anew, should it be ours again.
        self._places.held.update({name: hold for name, hold in held.items() if name in self._places.held})
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

    async def _passed_over(self, stands: Mapping[Partition, int], held: Held) -> None:
        beyond = {name: at for name, at in stands.items() if name in held and held[name].position < at}
        if held:
            await self._handler.pass_over(beyond, held)

    def _hurry(self, ends_at: float) -> None:
        for limit in self._limits:
            if not limit.expired():
                limit.reschedule(min(ends_at, limit.when() or ends_at))


def _now() -> float:
    return asyncio.get_running_loop().time()
