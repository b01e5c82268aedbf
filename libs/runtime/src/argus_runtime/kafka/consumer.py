"""A member of a consumer group whose positions move only when it is told to."""

import asyncio
from collections.abc import Iterable, Mapping
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, ConsumerRecord, TopicPartition, errors

from argus_runtime.errors import PipelineError, PositionLost
from argus_runtime.kafka.closing import close_consumer
from argus_runtime.kafka.membership import Lost, Mark, Membership, Rebalanced
from argus_runtime.kafka.positions import Log, lost
from argus_runtime.kafka.records import Partition, Record
from argus_runtime.kafka.translation import ours, record, theirs, translating
from argus_runtime.metrics import READ_ERRORS

SECONDS_FOR_A_COMMIT = 5.0
SECONDS_BEYOND = 1.0

Fetched = Mapping[TopicPartition, "list[ConsumerRecord[bytes, bytes]]"]


class Consumer:
    """Reads the partitions that its group gives it; delivers at least once, and says so in its owner's class.

    No record is delivered before `on_assigned` has returned, however long it takes (it is broken off if the partitions
    move on meanwhile, and repeated where it raises a TransientError), and nobody else gets a partition before
    `on_revoked` has returned, unless this process was given up for dead. A partition begins where `on_assigned` seeks,
    else at the group's position, else at its earliest record. What goes wrong is raised by the next `batches`; where
    there is an `on_lost`, it hears of positions outside the log, whose partitions stand still while the others go on.
    """

    def __init__(
        self,
        client: AIOKafkaConsumer,
        *,
        on_assigned: Rebalanced | None = None,
        on_revoked: Rebalanced | None = None,
        on_lost: Lost | None = None,
    ) -> None:
        self._client = client
        self._log = Log(client)
        self.membership = Membership(client, self._log, on_assigned, on_revoked, on_lost)
        self._next: dict[Partition, int] = {}
        self.closed = False

    async def batches(
        self,
        timeout: float,  # noqa: ASYNC109  a long poll
        most: int,
        *,
        of: Iterable[Partition] = (),
    ) -> dict[Partition, list[Record]]:
        """Return the next records, `most` in all; nothing where none come for about `timeout` seconds.

        With `of`, those of these partitions only; what is fetched of the others already is kept for later.

        Raises:
            PositionLost: a position lies outside its log.
            LogUnavailable: Kafka gives no records for now.
            PipelineError: whatever `on_assigned` or `on_revoked` raised.
        """
        try:
            found = await self._fetched(timeout, most, of)
        except PipelineError as error:
            READ_ERRORS.labels(type(error).__name__).inc()
            raise
        batches = {(at := ours(partition)): [record(at, one) for one in some] for partition, some in found.items()}
        self._next.update({partition: records[-1].offset + 1 for partition, records in batches.items()})
        return batches

    async def _fetched(self, seconds: float, most: int, of: Iterable[Partition]) -> Fetched:
        member = self.membership
        if member.error is not None:
            error, member.error = member.error, None
            raise error
        if member.settling is not None:
            await asyncio.wait({member.settling}, timeout=seconds)
            return {}
        try:
            # While partitions move, the client waits without a limit of its own. Breaking it off loses no record.
            async with asyncio.timeout(seconds + SECONDS_BEYOND):
                with translating():
                    wanted = map(theirs, of)
                    found: Fetched = await self._client.getmany(
                        *wanted, timeout_ms=int(seconds * 1000), max_records=most
                    )
        except TimeoutError:
            return {}
        except PipelineError as error:
            self.membership.lose(_lost(error))
            return {}
        return found

    def assignment(self) -> set[Partition]:
        """Return the partitions that are ours now."""
        return {ours(partition) for partition in self._client.assignment()}

    async def seek(self, partition: Partition, offset: int) -> None:
        """Go on at `offset`."""
        with translating():
            self._client.seek(theirs(partition), offset)
        self.membership.sought.add(partition)

    async def position(self, partition: Partition) -> int:
        """Return the offset of the next record to deliver, past what only marks transactions."""
        with translating():
            return int(await self._client.position(theirs(partition)))

    def pause(self, *partitions: Partition) -> None:
        """Deliver nothing of these partitions until they are resumed or given to somebody else."""
        self.membership.paused.update(partitions)
        with translating():
            self._client.pause(*map(theirs, partitions))

    def resume(self, *partitions: Partition) -> None:
        """Deliver their records again."""
        self.membership.paused.difference_update(partitions)
        with translating():
            self._client.resume(*map(theirs, set(partitions) - self.membership.fresh - self.membership.lost))

    async def commit(self, positions: Mapping[Partition, int], marks: Mapping[Partition, str] | None = None) -> None:
        """Record that everything before these positions is done, each with a short text.

        Raises:
            PartitionTaken: they belong to somebody else by now, who begins at the position before.
            LogUnavailable: Kafka cannot be reached.
        """
        texts = marks or {}
        told = {theirs(partition): (offset, texts.get(partition, "")) for partition, offset in positions.items()}
        if told:
            with translating():
                async with asyncio.timeout(SECONDS_FOR_A_COMMIT):
                    await self._client.commit(told)

    async def committed(self, partition: Partition) -> int | None:
        """Return the group's position."""
        return (await self.membership.committed([partition]))[partition][0]

    async def committed_marks(self, partitions: Iterable[Partition]) -> dict[Partition, Mark]:
        """Return the group's positions, each with the text that was committed with it."""
        return await self.membership.committed(partitions)

    async def beginning(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Return the offset of the first record that each log still has."""
        return await self._log.beginning(partitions)

    async def end(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Return the offset of each log's next record."""
        return await self._log.end(partitions)

    async def offset_at(self, partition: Partition, ms: int) -> int | None:
        """Return the offset of the first record that was appended at or after `ms`, if there is one."""
        return await self._log.offset_at(partition, ms)

    def highwater(self, partition: Partition) -> int | None:
        """Return the end of the log as the last fetch saw it."""
        with suppress(AssertionError, errors.IllegalStateError):
            found: int | None = self._client.highwater(theirs(partition))
            return found
        return None

    def lag(self) -> dict[Partition, int]:
        """Return how many records each partition has after the last one delivered, as far as that is known."""
        ends = {partition: self.highwater(partition) for partition in self.assignment() & self._next.keys()}
        return {partition: max(0, end - self._next[partition]) for partition, end in ends.items() if end is not None}

    async def close(self) -> None:
        """Leave the group; `on_revoked` is not called."""
        self.closed = True
        await self.membership.break_off()
        await close_consumer(self._client)


def _lost(error: PipelineError) -> dict[Partition, PositionLost]:
    cause = error.__cause__
    if isinstance(cause, errors.NoOffsetForPartitionError):
        return {}  # where to begin is about to be decided
    if isinstance(cause, errors.OffsetOutOfRangeError):
        return lost(cause)
    raise error
