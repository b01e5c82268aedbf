"""What waits to be sent to one partition: records that come in one turn of the event loop leave as one batch.

The client library keeps a future for each record that it sends, and one for a batch that is given to it whole. In
profiles of reports by the thousand its futures and batches took a quarter of the processor time.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import NamedTuple

from aiokafka import AIOKafkaProducer
from aiokafka.producer.message_accumulator import BatchBuilder

from argus_runtime.errors import LogUnavailable, TransientError
from argus_runtime.kafka.connection import Connection
from argus_runtime.kafka.records import Partition, Place
from argus_runtime.kafka.translation import FAILURES

MOST_WAITING = 1024 * 1024
"""Bytes that wait for one partition; who wants to send more waits for room."""

SECONDS_FOR_A_BATCH = 7.0
"""More than the client itself takes to send a batch or to fail; one that was closed meanwhile says nothing any more."""


class Waiting(NamedTuple):
    """A record, and what becomes its place."""

    key: bytes | None
    value: bytes | None
    headers: list[tuple[str, bytes]]
    confirmed: "asyncio.Future[Place]"
    after: "asyncio.Future[Place] | None" = None
    """The place of the record that this one must not be stored without, which was queued before."""

    @property
    def orphaned(self) -> bool:
        """Whether the record before it is not known to be stored, though nobody is storing it any more."""
        after = self.after
        if after is None or not after.done():
            return False
        return after.cancelled() or isinstance(after.exception(), TransientError)

    @property
    def size(self) -> int:
        """Bytes of key and value."""
        return len(self.key or b"") + len(self.value or b"")


class Outgoing:
    """Sends the records of a partition in their order, one batch at a time.

    While a batch is on its way, those that come meanwhile gather for the next. Who gave up on a record before it left
    has it no more. The broker stores a batch whole or not at all, so a record that comes `after` another one may leave
    in the same batch: it is stored with it, or once that one is, or fails as it does. Only one that is too large, and
    so never comes, is not waited for.
    """

    def __init__(
        self,
        partition: Partition,
        connection: Connection,
        failed: Callable[[Partition, BaseException], Exception],
        patience: float = SECONDS_FOR_A_BATCH,
    ) -> None:
        self._partition = partition
        self._connection = connection
        self._failed = failed
        self._patience = patience
        self._waiting: deque[Waiting] = deque()
        self._bytes = 0
        self._turns: deque[asyncio.Future[None]] = deque()
        """Of those who wait for room; whose turn it is stays the first until it has come back to add its record."""
        self.sending: asyncio.Task[None] | None = None
        """What sends until nothing waits."""

    @property
    def full(self) -> bool:
        """Whether too much waits, or somebody who came before waits for room."""
        return self._bytes > MOST_WAITING or bool(self._turns)

    async def room(self) -> None:
        """Return when there is room for another record, to each in the order of asking; then add it at once."""
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._turns.append(turn)
        try:
            await turn
        except asyncio.CancelledError:
            self._turns.remove(turn)
            self._let_in()
            raise
        self._turns.remove(turn)

    def add(self, record: Waiting) -> None:
        """Queue a record."""
        self._waiting.append(record)
        self._count(record.size)
        if self.sending is None or self.sending.done():
            self.sending = asyncio.create_task(self._send())

    def _count(self, size: int) -> None:
        self._bytes += size
        if self._turns:
            self._let_in()

    def _let_in(self) -> None:
        if self._turns and self._bytes <= MOST_WAITING and not self._turns[0].done():
            self._turns[0].set_result(None)

    async def _send(self) -> None:
        while self._waiting:
            records: list[Waiting] = []
            try:
                client = await self._connection.client()
                batch, records = self._batch(client.create_batch())
                if records:
                    first = await self._stored(client, batch)
                    self._connection.answered()
                    self._confirm(records, first)
            except (*FAILURES, LogUnavailable) as error:
                self._fail(records or self._all(), error)

    async def _stored(self, client: AIOKafkaProducer, batch: BatchBuilder) -> int:
        """Return the offset of the batch's first record, once all replicas have it."""
        async with asyncio.timeout(self._patience):
            stored = await client.send_batch(batch, self._partition.topic, partition=self._partition.partition)
            offset: int = (await stored).offset
            return offset

    def _batch(self, batch: BatchBuilder) -> tuple[BatchBuilder, list[Waiting]]:
        """Move to `batch` what it takes: the first whatever its size, then more up to the size of a batch."""
        taken: list[Waiting] = []
        while self._waiting:
            record = self._waiting[0]
            if record.orphaned:
                fail(record.confirmed, LogUnavailable("the record before it was not stored"))
            wanted = not record.confirmed.done()
            if wanted:
                if batch.append(timestamp=None, key=record.key, value=record.value, headers=record.headers) is None:
                    break
                taken.append(record)
            self._waiting.popleft()
            self._count(-record.size)
        return batch, taken

    def _all(self) -> list[Waiting]:
        """Give up everything that waits: there is nobody to send it to."""
        waiting = list(self._waiting)
        self._waiting.clear()
        self._count(-self._bytes)
        return waiting

    def _confirm(self, records: list[Waiting], first: int) -> None:
        for offset, record in enumerate(records, first):
            if not record.confirmed.done():
                record.confirmed.set_result(Place(self._partition, offset))

    def _fail(self, records: list[Waiting], error: BaseException) -> None:
        for record in records:
            fail(record.confirmed, self._failed(self._partition, error))


def fail(confirmed: "asyncio.Future[Place]", error: Exception) -> None:
    """Tell whoever waits for the place that there is none."""
    if not confirmed.done():
        confirmed.set_exception(error)
        confirmed.exception()  # counted and logged by whoever awaits it; nobody has to
