"""The producer of records that stand alone: acknowledged by all replicas, or an error within five seconds."""

import asyncio
import logging
from collections.abc import Iterable
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer

from argus_runtime import tracing
from argus_runtime.errors import LogUnavailable, RecordTooLarge
from argus_runtime.kafka.closing import close_producer
from argus_runtime.kafka.deadlines import Deadlines
from argus_runtime.kafka.names import Names
from argus_runtime.kafka.records import Partition, Place
from argus_runtime.kafka.refreshing import with_pauses
from argus_runtime.kafka.translation import FAILURES, translated
from argus_runtime.metrics import PRODUCE_ERRORS, family
from argus_schemas.base import Schema
from argus_schemas.topics import MEBIBYTE, Topic, encode

SECONDS_FOR_A_RECORD = 4.2
"""From `send` to its result, whatever happens; a client was promised an answer within five."""

SECONDS_BETWEEN_LOOKS = 0.2
REQUEST_TIMEOUT_MS = 3000
LARGEST_REQUEST = 6 * MEBIBYTE
BATCH_BYTES = 256 * 1024
SECONDS_BETWEEN_RENEWALS = 1.0

log = logging.getLogger(__name__)


class Producer:
    """Sends records; what it confirms is on all replicas, what it reports as failed may still appear.

    Not idempotent on purpose: the idempotent producer never gives up, and writes what was answered with an error.
    After a failure it goes on by itself, with a new connection where the old one is beyond repair.
    """

    def __init__(self, brokers: str, names: Names) -> None:
        self._brokers = brokers
        self._names = names
        self._client: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None
        self._deadlines = Deadlines(SECONDS_BETWEEN_LOOKS, self._late)
        self._confirmed = 0
        self.closed = False

    async def start(self) -> None:
        """Connect, if the broker is there; else the first record that it answers will."""
        with suppress(LogUnavailable):
            await self._connected(REQUEST_TIMEOUT_MS / 1000)

    async def send(
        self,
        topic: Topic[Any] | str,
        key: str | bytes | None,
        value: Schema | bytes | None,
        *,
        headers: Iterable[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> "asyncio.Future[Place]":
        """Queue a record and return what becomes its place once it is stored.

        Records of one key keep the order of their calls. Both steps together take less than five seconds. A record
        without `traceparent` continues the current trace.

        Raises:
            LogUnavailable: (also from the result) Kafka cannot be reached or did not answer in time.
            RecordTooLarge: (also from the result) the topic takes no such record.
        """
        name, encoded = self._names.of(topic), encode(value)
        if encoded is None and key is None:
            encoded = b""  # what has neither key nor value could not be sent
        if isinstance(topic, Topic) and encoded is not None and len(encoded) > topic.largest:
            raise RecordTooLarge(f"{len(encoded)} bytes; {name} takes {topic.largest}")
        deadline = asyncio.get_running_loop().time() + SECONDS_FOR_A_RECORD
        record = (name, encoded, key.encode() if isinstance(key, str) else key, partition)
        try:
            queued = await self._queue(record, tracing.continued(headers), deadline)
        except FAILURES as error:
            raise self._failed(name, error) from error
        return self._confirmation(name, queued, deadline)

    async def _queue(
        self, record: tuple[str, Any, bytes | None, int | None], headers: list[tuple[str, bytes]], deadline: float
    ) -> "asyncio.Future[Any]":
        client, (name, value, key, partition) = self._client, record
        queued: asyncio.Future[Any]
        # A timer for each record would cost as much as sending it. Where the partitions are known, the client waits at
        # most its request timeout for room; only without them it could wait longer.
        if client is not None and client.client.cluster.partitions_for_topic(name) is not None:
            queued = await client.send(name, value, key, partition, headers=headers)
            return queued
        async with asyncio.timeout_at(deadline):
            client = client or await self._connected(SECONDS_FOR_A_RECORD)
            queued = await client.send(name, value, key, partition, headers=headers)
            return queued

    def _confirmation(self, name: str, queued: "asyncio.Future[Any]", deadline: float) -> "asyncio.Future[Place]":
        confirmed: asyncio.Future[Place] = asyncio.get_running_loop().create_future()

        def settle(answer: "asyncio.Future[Any]") -> None:
            error = asyncio.CancelledError() if answer.cancelled() else answer.exception()
            if confirmed.done():
                return
            if error is None:
                stored = answer.result()
                self._confirmed += 1
                confirmed.set_result(Place(Partition(stored.topic, stored.partition), stored.offset))
            else:
                _fail(confirmed, self._failed(name, error))

        queued.add_done_callback(settle)
        self._deadlines.add(deadline, confirmed, name)
        return confirmed

    def _late(self, confirmed: "asyncio.Future[Place]", name: str) -> None:
        _fail(confirmed, self._failed(name, TimeoutError(f"no answer for {SECONDS_FOR_A_RECORD} s")))

    def _failed(self, name: str, error: BaseException) -> Exception:
        PRODUCE_ERRORS.labels(family(self._names.without_prefix(name))).inc()
        meaning = translated(error)
        if (
            isinstance(meaning, LogUnavailable)
            and not self.closed
            and (self._renewing is None or self._renewing.done())
        ):
            self._renewing = asyncio.ensure_future(self._renew(self._confirmed))
        return meaning

    async def _connected(self, seconds: float) -> AIOKafkaProducer:
        async with self._connecting:
            if self._client is None:
                self._client = await _open(self._brokers, seconds)
            return self._client

    async def _renew(self, confirmed: int) -> None:
        """Replace the client unless a record is confirmed before a new one could connect."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_RENEWALS)
            if self._confirmed > confirmed:
                return
            try:
                fresh = await _open(self._brokers, REQUEST_TIMEOUT_MS / 1000)
            except LogUnavailable:
                continue
            async with self._connecting:
                old, self._client = self._client, None
                if old is not None:
                    await close_producer(old)
                self._client = fresh
            log.info("producer connected anew")
            return

    async def close(self) -> None:
        """Send what is queued, as far as that goes in seconds, and disconnect."""
        self.closed = True
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait({self._renewing})
        if self._client is not None:
            await close_producer(self._client)
            self._client = None
        self._deadlines.close()


async def _open(brokers: str, seconds: float) -> AIOKafkaProducer:
    client = AIOKafkaProducer(
        bootstrap_servers=brokers,
        acks="all",
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        max_request_size=LARGEST_REQUEST,
        max_batch_size=BATCH_BYTES,
        linger_ms=0,
    )
    with_pauses(client.client)
    try:
        async with asyncio.timeout(seconds):
            await client.start()
    except FAILURES as error:
        await close_producer(client)
        raise translated(error) from error
    except asyncio.CancelledError:
        await close_producer(client)
        raise
    return client


def _fail(confirmed: "asyncio.Future[Place]", error: Exception) -> None:
    if not confirmed.done():
        confirmed.set_exception(error)
        confirmed.exception()  # counted and logged by whoever awaits it; nobody has to
