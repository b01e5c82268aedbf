"""Transactions: records of several topics and a group's positions that become visible together or not at all."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.structs import OffsetAndMetadata

from argus_runtime import tracing
from argus_runtime.kafka.closing import close_producer
from argus_runtime.kafka.connection import BATCH_BYTES, LARGEST_REQUEST
from argus_runtime.kafka.names import Names
from argus_runtime.kafka.records import Partition
from argus_runtime.kafka.refreshing import with_pauses
from argus_runtime.kafka.translation import FAILURES, theirs, translating
from argus_schemas.codec import Written
from argus_schemas.topics import Topic, encode

TRANSACTION_TIMEOUT_MS = 10_000
RETRY_BACKOFF_MS = 5  # a transaction often waits a moment for the one before; the default of 100 ms would be felt

TRANSACTION_SECONDS = 12.0
"""Then the broker has aborted it, or it is away: this client alone would wait for it for ever."""

SECONDS_TO_ABORT = 2.0
NO_TEXTS: Mapping[Partition, str] = {}


class TransactionalProducer:
    """One writer under one transactional id; starting it fences every earlier one.

    An error inside a transaction aborts it. After `Fenced`, or `LogUnavailable` from a transaction, the producer is of
    no more use: close it and begin again from the committed position, best with a new process.
    """

    def __init__(self, brokers: str, names: Names, transactional_id: str, seconds: float = TRANSACTION_SECONDS) -> None:
        self._names = names
        self._seconds = seconds
        self._sent: list[asyncio.Future[Any]] = []
        self._positions: dict[str, dict[TopicPartition, OffsetAndMetadata]] = {}
        self.closed = False
        self._client = AIOKafkaProducer(
            bootstrap_servers=brokers,
            transactional_id=names.of(transactional_id),
            transaction_timeout_ms=TRANSACTION_TIMEOUT_MS,
            retry_backoff_ms=RETRY_BACKOFF_MS,
            max_request_size=LARGEST_REQUEST,
            max_batch_size=BATCH_BYTES,
        )
        with_pauses(self._client.client)

    async def start(self) -> None:
        """Connect; from here on no earlier owner of the id can commit anything."""
        with translating():
            await self._client.start()

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        """Commit what is sent inside, positions included, when the block ends; abort it when the block raises.

        From its beginning to its commit it has so many seconds: one timer for all, since one for each record is felt.
        """
        with translating():
            async with asyncio.timeout(self._seconds) as deadline:
                await self._client.begin_transaction()
                self._sent, self._positions = [], {}
                try:
                    yield
                    await self._finish()
                except BaseException:
                    if not deadline.expired():
                        deadline.reschedule(None)  # to abort has a bound of its own
                    await self._abort()
                    raise

    async def send(
        self,
        topic: Topic[Any] | str,
        key: str | bytes | None,
        value: Written | bytes | None,
        *,
        headers: Iterable[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> None:
        """Add a record to the transaction."""
        name, raw = self._names.of(topic), key.encode() if isinstance(key, str) else key
        with translating():
            queued = await self._client.send(name, encode(value), raw, partition, headers=tracing.continued(headers))
        self._sent.append(queued)

    def send_offsets(
        self, positions: Mapping[Partition, int], group: str, texts: Mapping[Partition, str] = NO_TEXTS
    ) -> None:
        """Move the positions of `group` (named without prefix) with the transaction, each with the text beside it."""
        after = {
            theirs(partition): OffsetAndMetadata(offset, texts.get(partition, ""))
            for partition, offset in positions.items()
        }
        self._positions.setdefault(self._names.of(group), {}).update(after)

    async def _finish(self) -> None:
        await asyncio.gather(*self._sent)  # aiokafka commits a transaction even where the broker refused a batch
        for group, positions in self._positions.items():
            await self._client.send_offsets_to_transaction(positions, group)
        await self._client.commit_transaction()

    async def _abort(self) -> None:
        for future in self._sent:
            future.cancel()
        with suppress(*FAILURES, asyncio.InvalidStateError):
            await asyncio.wait_for(self._client.abort_transaction(), SECONDS_TO_ABORT)

    async def close(self) -> None:
        """Disconnect; what is not committed is aborted."""
        self.closed = True
        await close_producer(self._client)
