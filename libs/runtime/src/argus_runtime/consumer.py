"""The loop of a service whose positions are Kafka's: read, handle, commit; dead-letter what can never work."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field

from argus_runtime.dead_letters import DeadLetters
from argus_runtime.errors import InvalidRecord, PartitionTaken, TransientError
from argus_runtime.health import Check
from argus_runtime.kafka import Partition, Record
from argus_runtime.limits import Limits
from argus_runtime.marks import MOST_CRASHES, NONE, Mark, parse
from argus_runtime.metrics import consumed, show_lag
from argus_runtime.outages import SECONDS_BETWEEN_TRIES, Outages
from argus_runtime.sources import Source

SECONDS_A_LOOK = 0.5
MOST_AT_ONCE = 500
SECONDS_FOR_THE_BATCH = 5.0
"""For the batch in hand when partitions move; what is not done then is done again by its next owner."""

Handle = Callable[[Record], Awaitable["Awaitable[object] | None"]]
"""Handles one record. It may return something to await (a record's confirmation, say) before the commit, so that a
whole batch is under way at once. Either may raise InvalidRecord."""

log = logging.getLogger(__name__)


@dataclass
class Loop:
    """Handles every record at least once, in the order of its partition; handlers are idempotent.

    Three outcomes: handled; InvalidRecord, which is dead-lettered; anything else ends the process before the commit,
    and the record is tried again, three times at most (`marks`). A TransientError is nobody's fault: the batch is tried
    again in this process, after a pause, for as long as it takes; what cannot be read now is read later.
    """

    handle: Handle
    dead_letters: DeadLetters
    limits: Limits
    prefix: str = "argus."
    check: Check | None = None
    between_tries: float = SECONDS_BETWEEN_TRIES
    _consumer: Source | None = field(default=None, init=False)
    _marks: dict[Partition, tuple[int, Mark]] = field(default_factory=dict, init=False)
    """Where a batch began and never ended: the marked position and its mark."""
    _outages: Outages = field(init=False)
    _idle: asyncio.Event = field(default_factory=asyncio.Event, init=False)

    def __post_init__(self) -> None:
        self._outages = Outages(self.check, self.between_tries)
        self._idle.set()

    async def on_assigned(self, partitions: set[Partition]) -> None:
        """Learn of crashes before; the consumer calls it."""
        found = (await self._source.committed_marks(partitions)).items()
        marks = {partition: (first, parse(text)) for partition, (first, text) in found if first is not None}
        self._outages.handled()
        self._marks = {partition: (first, mark) for partition, (first, mark) in marks.items() if mark.crashes}
        for partition, (first, mark) in self._marks.items():
            log.warning("handling of %s@%s began %s times and never ended", partition, first, mark.crashes)
        self.limits.assigned(self._source, partitions)

    async def on_revoked(self, _partitions: set[Partition]) -> None:
        """Let the batch in hand end; the consumer calls it."""
        try:
            await asyncio.wait_for(self._idle.wait(), SECONDS_FOR_THE_BATCH)
        except TimeoutError:
            log.warning("partitions move although a batch is not done; it will be done again")

    @property
    def _source(self) -> Source:
        if self._consumer is None:
            raise RuntimeError("the loop has no consumer yet")
        return self._consumer

    async def run(self, source: Source, stop: asyncio.Event) -> None:
        """Consume until `stop` is set; the batch in hand is finished and committed."""
        self._consumer = source
        while not stop.is_set():
            batches = await self._read(stop)
            if not batches:
                continue
            self._idle.clear()
            try:
                await self._done(batches)
                self._outages.handled()
            except TransientError as error:
                await self._again(batches, error, stop)
            finally:
                self._idle.set()

    async def _read(self, stop: asyncio.Event) -> dict[Partition, list[Record]]:
        """Return the next records; none where they cannot be read, and then not before a pause."""
        source = self._source
        try:
            self.limits.look(source)
            show_lag((at.topic.removeprefix(self.prefix), behind) for at, behind in source.lag().items())
            batches = await source.batches(SECONDS_A_LOOK, MOST_AT_ONCE)
        except TransientError as error:
            await self._outages.unread(error, stop)
            return {}
        self._outages.read()
        return batches

    async def _done(self, batches: dict[Partition, list[Record]]) -> None:
        suspects = {partition: records for partition, records in batches.items() if partition in self._marks}
        for partition, records in suspects.items():
            await self._one_by_one(partition, records)
        await self._together(
            {partition: records for partition, records in batches.items() if partition not in suspects}
        )

    async def _together(self, batches: dict[Partition, list[Record]]) -> None:
        if not batches:
            return
        marks = {partition: str(Mark(1, records[-1].offset + 1)) for partition, records in batches.items()}
        await self._source.commit({partition: records[0].offset for partition, records in batches.items()}, marks)
        await self._handled([record for records in batches.values() for record in records])
        await self._source.commit({partition: records[-1].offset + 1 for partition, records in batches.items()})

    async def _one_by_one(self, partition: Partition, records: list[Record]) -> None:
        marks = self._marks
        for record in records:
            first, mark = marks[partition]
            crashes = mark.at(record.offset, first)
            if crashes >= MOST_CRASHES:
                await self.dead_letters.bury(
                    record, f"the process crashed {crashes} times while handling it", attempts=crashes
                )
                self._tell(record, good=False)
            else:
                begun = Mark(crashes + 1, max(mark.until, record.offset + 1))
                await self._source.commit({partition: record.offset}, {partition: str(begun)})
                await self._handled([record])
            marks[partition] = (record.offset + 1, Mark(1, mark.until))
        after, left = marks[partition]
        if after >= left.until:
            del marks[partition]
        await self._source.commit({partition: after}, {partition: str(left)} if partition in marks else {})

    async def _handled(self, records: list[Record]) -> None:
        """Handle records together; when this returns, each has had its effect or is dead-lettered."""
        begun = [await self._begun(record) for record in records]
        ended = [await _ended(one) for one in begun]
        bad = [(record, error) for record, error in zip(records, ended, strict=True) if error is not None]
        await asyncio.gather(*(self.dead_letters.bury(record, str(error)) for record, error in bad))
        for record, error in zip(records, ended, strict=True):
            self._tell(record, good=error is None)

    async def _begun(self, record: Record) -> Awaitable[object] | InvalidRecord | None:
        try:
            return await self.handle(record)
        except InvalidRecord as error:
            return error

    def _tell(self, record: Record, *, good: bool) -> None:
        consumed(record.partition.topic.removeprefix(self.prefix), "handled" if good else "dead").inc()
        if good:
            self.limits.handled(record.partition.topic)
        else:
            self.limits.dead(self._source, record.partition)

    async def _again(self, batches: dict[Partition, list[Record]], error: TransientError, stop: asyncio.Event) -> None:
        if isinstance(error, PartitionTaken):
            log.info("a batch was not ours any more: %s", error)
            return
        self._outages.unhandled(error)
        mine = self._source.assignment() & batches.keys()
        first = {partition: self._marks.get(partition, (batches[partition][0].offset, NONE)) for partition in mine}
        for partition, (offset, _) in first.items():
            await self._source.seek(partition, offset)
        with suppress(TransientError):  # this was no crash, so nobody shall count it as one
            marks = {partition: str(mark) for partition, (_, mark) in first.items()}
            await self._source.commit({partition: offset for partition, (offset, _) in first.items()}, marks)
        await self._outages.pause(stop)


async def _ended(begun: Awaitable[object] | InvalidRecord | None) -> InvalidRecord | None:
    try:
        if begun is not None and not isinstance(begun, InvalidRecord):
            await begun
    except InvalidRecord as error:
        return error
    return begun if isinstance(begun, InvalidRecord) else None
