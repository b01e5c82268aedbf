"""A client that sends, and the one that takes its place where it is beyond repair."""

import asyncio
import logging
from contextlib import suppress

from aiokafka import AIOKafkaProducer

from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka.closing import close_producer
from argus_runtime.kafka.refreshing import with_pauses
from argus_runtime.kafka.translation import FAILURES, translated
from argus_schemas.topics import MEBIBYTE

REQUEST_TIMEOUT_MS = 3000
LARGEST_REQUEST = 6 * MEBIBYTE
BATCH_BYTES = 256 * 1024
SECONDS_BETWEEN_RENEWALS = 1.0

log = logging.getLogger(__name__)


class Connection:
    """Connects when it is asked to, and anew after a failure that nothing good follows."""

    def __init__(self, brokers: str) -> None:
        self._brokers = brokers
        self._client: AIOKafkaProducer | None = None
        self._connecting = asyncio.Lock()
        self._renewing: asyncio.Task[None] | None = None
        self._answers = 0
        self.closed = False

    async def start(self) -> None:
        """Connect, if the broker is there; else whoever sends first will."""
        with suppress(LogUnavailable):
            await self.client()

    async def client(self) -> AIOKafkaProducer:
        """Return the client of the moment.

        Raises:
            LogUnavailable: there is none, and no broker answers.
        """
        if self._client is not None:
            return self._client
        async with self._connecting:
            if self._client is None:
                self._client = await _open(self._brokers)
            return self._client

    def answered(self) -> None:
        """Take note that the broker has done what it was asked."""
        self._answers += 1

    def failed(self) -> None:
        """Take note that it has not; unless it soon does, there will be another client."""
        if not self.closed and (self._renewing is None or self._renewing.done()):
            self._renewing = asyncio.ensure_future(self._renew(self._answers))

    async def _renew(self, answers: int) -> None:
        """Replace the client unless it is answered before a new one could connect."""
        while True:
            await asyncio.sleep(SECONDS_BETWEEN_RENEWALS)
            if self._answers > answers:
                return
            try:
                fresh = await _open(self._brokers)
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
        """Send what the client has, as far as that goes in seconds, and disconnect."""
        self.closed = True
        if self._renewing is not None:
            self._renewing.cancel()
            await asyncio.wait({self._renewing})
        if self._client is not None:
            await close_producer(self._client)
            self._client = None


async def _open(brokers: str) -> AIOKafkaProducer:
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
        async with asyncio.timeout(REQUEST_TIMEOUT_MS / 1000):
            await client.start()
    except FAILURES as error:
        await close_producer(client)
        raise translated(error) from error
    except asyncio.CancelledError:
        await close_producer(client)
        raise
    return client
