"""A member of a consumer group whose positions move only when it is told to."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition, errors

from argus_runtime.errors import LogUnavailable, PipelineError, PositionLost
from argus_runtime.kafka.positions import Log
from argus_runtime.kafka.records import Partition, Record
from argus_runtime.kafka.translation import ours, record, theirs, translating

Rebalanced = Callable[[set[Partition]], Awaitable[None]]
Mark = tuple[int | None, str]
"""A committed position and the text committed with it."""

SECONDS_TO_STOP = 5.0
SECONDS_FOR_A_COMMIT = 5.0
SECONDS_BETWEEN_TRIES = 1.0
SECONDS_BEYOND = 1.0

log = logging.getLogger(__name__)


class Consumer:
    """Reads the partitions that its group gives it; delivers at least once, and says so in its owner's class.

    No record is delivered before `on_assigned` has returned, however long it takes (it is broken off if the partitions
    move on meanwhile, and repeated where it raises LogUnavailable), and nobody else gets a partition before
    `on_revoked` has returned, unless this process was given up for dead. A partition begins where `on_assigned` seeks,
    else at the group's position, else at its earliest record. What goes wrong is raised by the next `batches`.
    """

    def __init__(
        self, client: AIOKafkaConsumer, *, on_assigned: Rebalanced | None = None, on_revoked: Rebalanced | None = None
    ) -> None:
        self._client = client
        self._log = Log(client)
        self._on_assigned = on_assigned
        self._on_revoked = on_revoked
        self._error: Exception | None = None
        self._paused: set[Partition] = set()
        self._sought: set[Partition] = set()
        self._fresh: set[Partition] = set()
        self._settling: asyncio.Future[None] | None = None

    @property
    def listener(self) -> ConsumerRebalanceListener:
        """What the client library calls in a rebalance."""
        return _Listener(self._assigned, self._revoked)

    async def batches(self, timeout: float, most: int) -> dict[Partition, list[Record]]:  # noqa: ASYNC109  a long poll
        """Return the next records, `most` in all; nothing where none come for about `timeout` seconds.

        Raises:
            PositionLost: a position lies outside its log.
            PipelineError: whatever `on_assigned` or `on_revoked` raised.
        """
        if self._error is not None:
            error, self._error = self._error, None
            raise error
        if self._settling is not None:
            await asyncio.wait({self._settling}, timeout=timeout)
            return {}
        try:
            # While partitions move, the client waits without a limit of its own. Breaking it off loses no record.
            async with asyncio.timeout(timeout + SECONDS_BEYOND):
                with translating():
                    found = await self._client.getmany(timeout_ms=int(timeout * 1000), max_records=most)
        except TimeoutError:
            return {}
        except PipelineError as error:
            return self._meant(error)
        return {(at := ours(partition)): [record(at, one) for one in records] for partition, records in found.items()}

    def _meant(self, error: PipelineError) -> dict[Partition, list[Record]]:
        cause = error.__cause__
        if isinstance(cause, errors.NoOffsetForPartitionError | TimeoutError):
            return {}  # where to begin is about to be decided; or nothing came
        if isinstance(cause, errors.OffsetOutOfRangeError):
            lost = ", ".join(f"{ours(partition)}@{offset}" for partition, offset in cause.args[0].items())
            raise PositionLost(lost) from cause
        raise error

    def assignment(self) -> set[Partition]:
        """Return the partitions that are ours now."""
        return {ours(partition) for partition in self._client.assignment()}

    async def seek(self, partition: Partition, offset: int) -> None:
        """Go on at `offset`."""
        with translating():
            self._client.seek(theirs(partition), offset)
        self._sought.add(partition)

    def pause(self, *partitions: Partition) -> None:
        """Deliver nothing of these partitions until they are resumed or given to somebody else."""
        self._paused.update(partitions)
        with translating():
            self._client.pause(*map(theirs, partitions))

    def resume(self, *partitions: Partition) -> None:
        """Deliver their records again."""
        self._paused.difference_update(partitions)
        with translating():
            self._client.resume(*map(theirs, set(partitions) - self._fresh))

    async def commit(self, positions: Mapping[Partition, int], marks: Mapping[Partition, str] | None = None) -> None:
        """Record that everything before these positions is done, each with a short text.

        Raises:
            PartitionTaken: they belong to somebody else by now, who begins at the position before.
            LogUnavailable: Kafka cannot be reached.
        """
        if not positions:
            return
        texts = marks or {}
        with translating():
            async with asyncio.timeout(SECONDS_FOR_A_COMMIT):
                await self._client.commit(
                    {theirs(partition): (offset, texts.get(partition, "")) for partition, offset in positions.items()}
                )

    async def committed(self, partition: Partition) -> int | None:
        """Return the group's position."""
        return (await self.committed_marks([partition]))[partition][0]

    async def committed_marks(self, partitions: Iterable[Partition]) -> dict[Partition, Mark]:
        """Return the group's positions, each with the text that was committed with it."""
        wanted = {partition: theirs(partition) for partition in partitions}
        if not wanted:
            return {}
        with translating():
            # The client's own method drops the text that was committed.
            found = await self._client._coordinator.fetch_committed_offsets(list(wanted.values()))  # noqa: SLF001
        nothing: Mark = (None, "")
        marks = {partition: (one.offset, one.metadata or "") for partition, one in found.items() if one.offset >= 0}
        return {partition: marks.get(name, nothing) for partition, name in wanted.items()}

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

    async def _assigned(self, partitions: set[TopicPartition]) -> None:
        self._client.pause(*partitions)  # before anything is fetched: this runs in the same step as the assignment
        fresh = {ours(partition) for partition in partitions}
        self._fresh, self._sought, self._error = fresh, set(), None
        # A task of its own: the client sends no heartbeats before it is back from here.
        self._settling = asyncio.ensure_future(self._settle(fresh))

    async def _settle(self, fresh: set[Partition]) -> None:
        try:
            while not await self._tried_to_begin(fresh):  # noqa: ASYNC110  the broker does not say when it is back
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)
        except Exception as error:
            self._error = error
        else:
            self._fresh = set()
            with suppress(errors.IllegalStateError):
                self._client.resume(*map(theirs, fresh - self._paused))
        self._settling = None

    async def _tried_to_begin(self, fresh: set[Partition]) -> bool:
        try:
            if self._on_assigned is not None:
                await self._on_assigned(fresh)
            await self._begin(fresh - self._sought)
        except LogUnavailable as error:
            log.warning("cannot begin with new partitions yet: %s", error)
            return False
        return True

    async def _begin(self, partitions: set[Partition]) -> None:
        marks = await self.committed_marks(partitions)
        starts = await self._log.starts({partition: position for partition, (position, _) in marks.items()})
        for partition, offset in starts.items():
            self._client.seek(theirs(partition), offset)

    async def _revoked(self, partitions: set[TopicPartition]) -> None:
        await self._break_off()
        lost = {ours(partition) for partition in partitions}
        try:
            if self._on_revoked is not None and lost:
                await self._on_revoked(lost)
        except Exception as error:
            self._error = error
        self._paused -= lost

    async def _break_off(self) -> None:
        settling, self._settling = self._settling, None
        if settling is not None:
            settling.cancel()
            await asyncio.wait({settling})

    async def close(self) -> None:
        """Leave the group; `on_revoked` is not called."""
        await self._break_off()
        with suppress(*ENDINGS):
            await asyncio.wait_for(self._client.stop(), SECONDS_TO_STOP)


ENDINGS = (errors.KafkaError, TimeoutError, OSError)


class _Listener(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    def __init__(self, assigned: Callable[[Any], Awaitable[None]], revoked: Callable[[Any], Awaitable[None]]) -> None:
        self._assigned = assigned
        self._revoked = revoked

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        await self._assigned(assigned)

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        await self._revoked(revoked)
