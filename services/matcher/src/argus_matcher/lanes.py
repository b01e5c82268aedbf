"""All lanes of a process: they open after an assignment, close before the next, and tell whose turn it is."""

import asyncio
import logging
from collections.abc import AsyncIterable, Awaitable, Callable, Iterable, Iterator, Mapping
from typing import Protocol

from argus_matcher import metrics
from argus_matcher.lane import Lane
from argus_matcher.sequence import Turn
from argus_matcher.standing import Standing
from argus_runtime.health import Check
from argus_runtime.kafka import Partition, Record

# Faust gives an assignment 90 s (`broker_request_timeout`) and takes a longer one for a stop, standing still for ever.
OPENING_SECONDS = 80.0

log = logging.getLogger(__name__)

Positions = Callable[[list[Partition]], Awaitable[Mapping[Partition, int | None]]]
"""Tells the committed positions, once nobody else can move them."""
Seek = Callable[[Partition, int], Awaitable[None]]


class Log(Protocol):
    """What lanes need of Kafka beside events (`argus_matcher.log.KafkaLog`)."""

    async def new_lane(self, source: Partition) -> Lane:
        """Return a lane, not open."""

    async def standings(self, positions: Mapping[Partition, int | None]) -> Mapping[Partition, Standing]:
        """Return where each partition's log begins and ends, beside the committed position and the text beside that."""

    def committed_states(self, source: Partition) -> AsyncIterable[Record]:
        """Yield the states of the partition's incidents that were committed, in their order."""


class Lanes:
    """The lanes of the partitions that are assigned to this process."""

    def __init__(
        self,
        log: Log,
        *,
        failed: Callable[[BaseException], None],
        check: Check,
        seconds_to_open: float = OPENING_SECONDS,
    ) -> None:
        self._log = log
        self._seconds_to_open = seconds_to_open
        self._failed = failed
        self._check = check
        self._changing = asyncio.Lock()
        self._lanes: dict[Partition, Lane] = {}

    def __iter__(self) -> Iterator[Lane]:
        return iter(tuple(self._lanes.values()))

    def __len__(self) -> int:
        return len(self._lanes)

    async def open(self, assigned: Iterable[Partition], positions: Positions) -> None:
        """Open the lanes that are not open yet: fence earlier owners, ask where they ended, load what they left.

        No record is handled before all of them have left word that they work.
        """
        async with self._changing, asyncio.timeout(self._seconds_to_open):
            lanes = [await self._log.new_lane(place) for place in sorted(assigned) if place not in self._lanes]
            try:
                await asyncio.gather(*(lane.fence() for lane in lanes))
                standings = await self._log.standings(await positions([lane.source for lane in lanes]))
                await asyncio.gather(
                    *(lane.load(standings[lane.source], self._log.committed_states(lane.source)) for lane in lanes)
                )
                await asyncio.gather(*(lane.sign_on() for lane in lanes))
            except BaseException:
                await asyncio.gather(*(lane.close() for lane in lanes))
                raise
            self._begin(lanes)
        self._check.ok(f"{len(self)} open")

    def _begin(self, lanes: Iterable[Lane]) -> None:
        for lane in lanes:
            lane.open(self._failed)
            self._lanes[lane.source] = lane
            place = {"position": f"{lane.source}@{lane.order.next}"}
            if lane.opening.suspects:
                log.warning("%s owners crashed here: one record at a time", lane.opening.crashes, extra=place)
            log.info("the lane is open", extra=place)

    async def close(self, why: str) -> None:
        """Close all lanes; what they have not committed is aborted."""
        self._check.waits(why)
        async with self._changing:
            lanes, self._lanes = tuple(self), {}
            await asyncio.gather(*(lane.close() for lane in lanes))

    def nothing_assigned(self) -> None:
        """Say that no partition is ours, which is well where the group has more members than partitions."""
        self._check.ok("no partition is ours")

    async def lane_for(self, record: Record, seek: Seek) -> Lane | None:
        """Return the lane whose next record this is; seek back where records before it were dropped."""
        lane = self._lanes.get(record.partition)
        if lane is None:
            return None
        turn = lane.order.turn_of(record.offset)
        if turn is Turn.HOLE:
            log.warning("records were dropped, seeking back to %s", lane.order.next, extra={"position": record.place})
            metrics.SEEKS.inc()
            await seek(record.partition, lane.order.next)
        return lane if turn is Turn.NEXT else None
