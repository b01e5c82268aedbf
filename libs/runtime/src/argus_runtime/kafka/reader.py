"""A reader of chosen partitions, outside of any group."""

from collections.abc import AsyncIterator, Iterable

from aiokafka import AIOKafkaConsumer, errors

from argus_runtime.errors import PipelineError, RecordsGone
from argus_runtime.kafka.closing import close_consumer
from argus_runtime.kafka.positions import Log
from argus_runtime.kafka.records import Partition, Record
from argus_runtime.kafka.translation import ours, record, theirs, translating

SECONDS_A_LOOK = 0.2
MOST_AT_ONCE = 5000


class Reader:
    """Reads partitions from the earliest record, or from where it is told; goes on by itself after an outage."""

    def __init__(self, client: AIOKafkaConsumer, partitions: Iterable[Partition]) -> None:
        self._client = client
        self._log = Log(client)
        self.partitions = frozenset(partitions)
        self.closed = False

    async def start(self) -> None:
        """Begin at the earliest records."""
        first = await self._log.beginning(self.partitions)
        with translating():
            self._client.assign([theirs(partition) for partition in self.partitions])
            for partition, offset in first.items():
                self._client.seek(theirs(partition), offset)

    async def seek(self, partition: Partition, offset: int) -> None:
        """Go on at `offset`.

        Raises:
            RecordsGone: it lies outside the log.
        """
        _, outside = await self._log.placed({partition: offset})
        if outside:
            raise RecordsGone(f"{partition}@{offset}")
        self._client.seek(theirs(partition), offset)

    async def position(self, partition: Partition) -> int:
        """Return the offset of the next record to deliver."""
        with translating():
            return int(await self._client.position(theirs(partition)))

    async def batches(
        self,
        timeout: float = SECONDS_A_LOOK,  # noqa: ASYNC109  a long poll
        most: int = MOST_AT_ONCE,
    ) -> dict[Partition, list[Record]]:
        """Return the next records, `most` in all; nothing where none come for `timeout` seconds.

        Raises:
            RecordsGone: the log has lost records that were still to be read, or is another one; `start` reads it anew.
        """
        try:
            with translating():
                found = await self._client.getmany(timeout_ms=int(timeout * 1000), max_records=most)
        except PipelineError as error:
            if isinstance(error.__cause__, errors.OffsetOutOfRangeError):
                missing = (f"{ours(partition)}@{at}" for partition, at in error.__cause__.args[0].items())
                raise RecordsGone(", ".join(missing)) from error
            raise
        return {(at := ours(partition)): [record(at, one) for one in records] for partition, records in found.items()}

    async def to_end(self) -> AsyncIterator[Record]:
        """Yield all records up to the present end; for a reader of committed records, of those.

        Raises:
            RecordsGone: as `batches`.
        """
        ends = await self._log.end(self.partitions)
        while await self._before(ends):
            for records in (await self.batches()).values():
                for one in records:
                    yield one

    async def _before(self, ends: dict[Partition, int]) -> bool:
        return any([await self.position(partition) < end for partition, end in ends.items()])

    def heard_at_ms(self) -> int | None:
        """Return when the broker last answered a fetch for all partitions; None: not yet."""
        heard = [self._client.last_poll_timestamp(theirs(partition)) for partition in self.partitions]
        return None if not heard or None in heard else min(heard)

    async def beginning(self) -> dict[Partition, int]:
        """Return the offset of the first record that each log still has."""
        return await self._log.beginning(self.partitions)

    async def end(self) -> dict[Partition, int]:
        """Return the offset of each log's next record."""
        return await self._log.end(self.partitions)

    async def offset_at(self, partition: Partition, ms: int) -> int | None:
        """Return the offset of the first record that was appended at or after `ms`, if there is one."""
        return await self._log.offset_at(partition, ms)

    async def close(self) -> None:
        """Disconnect."""
        self.closed = True
        await close_consumer(self._client)
