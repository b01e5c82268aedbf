"""The relay: carries documents from the outbox to their compacted topics, in the order of their commits."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from datetime import UTC, datetime
from typing import Protocol

import psycopg

from argus_api.listening import Outbox, open_outbox
from argus_api.metrics import OUTBOX_WAITING_SECONDS
from argus_api.publishing import Broken, Publisher
from argus_runtime.errors import Fenced, LogUnavailable
from argus_runtime.health import Check
from argus_runtime.kafka import Kafka
from argus_runtime.settings import KafkaSettings
from argus_schemas.topics import MEBIBYTE

SECONDS_BETWEEN_LOOKS = 1.0
"""Where no announcement comes, something is away, or another process holds the lock."""

SECONDS_TO_START = 10.0
SECONDS_TO_KEEP_BROKEN = 60.0
"""After this long, broken rows are tried again, in case that somebody mended them or us."""

MOST_AT_ONCE = 500
MOST_BYTES_AT_ONCE = 8 * MEBIBYTE
"""In memory, and in one transaction; one document has at most one."""

TRANSACTIONAL_ID = "relay"
RELAYS = "this process relays"

Publishers = Callable[[Broken], AbstractAsyncContextManager[Publisher]]


class Beside(Protocol):
    """What the one who relays does beside it, as `argus_api.comparing.Comparing` does."""

    said: str
    """What is to be known of it, for people."""
    well: bool

    async def run(self) -> None:
        """Go on until cancelled."""


log = logging.getLogger(__name__)


class Relay:
    """Publishes each row at least once and deletes it when the log has it; one process at a time does.

    The lock in PostgreSQL makes it one; a predecessor that lost the lock and does not know it yet is fenced by the
    transactional id, so that it cannot put an older version after a newer one.
    """

    def __init__(self, url: str, publishers: Publishers, check: Check, beside: Beside | None = None) -> None:
        self._url = url
        self._publishers = publishers
        self._check = check
        self._beside = beside
        self._broken = Broken()
        self._tried_at = time.monotonic()

    async def run(self, stop: asyncio.Event) -> None:
        """Relay until `stop` is set, whatever is away for a time."""
        while not stop.is_set():
            try:
                async with open_outbox(self._url) as outbox:
                    await self._when_ours(outbox, stop)
            except psycopg.Error as error:
                self._check.failed(f"PostgreSQL is away: {error}")
            except (LogUnavailable, Fenced) as error:
                self._check.failed(f"Kafka is away, documents wait: {error}")
            if not stop.is_set():
                await _pause(stop)

    async def _when_ours(self, outbox: Outbox, stop: asyncio.Event) -> None:
        while not await outbox.is_ours():
            self._check.ok("another process relays")
            await _pause(stop)
            if stop.is_set():
                return
        await outbox.listen()
        async with self._publishers(self._broken) as publisher, _running(self._beside) as beside:
            while not stop.is_set() and not (beside and beside.done()):
                await self.drain(outbox, publisher)
                self._report()
                await outbox.until_announced(SECONDS_BETWEEN_LOOKS)

    async def drain(self, outbox: Outbox, publisher: Publisher) -> None:
        """Publish all rows that are there."""
        if time.monotonic() - self._tried_at > SECONDS_TO_KEEP_BROKEN:
            self._broken.rows.clear()
            self._tried_at = time.monotonic()
        after = 0
        while rows := await outbox.rows(after, MOST_AT_ONCE, MOST_BYTES_AT_ONCE):
            OUTBOX_WAITING_SECONDS.set((datetime.now(UTC) - rows[0].created_at).total_seconds())
            done = await publisher.publish(rows)
            if done:
                await outbox.remove(done)
            after = rows[-1].id
        OUTBOX_WAITING_SECONDS.set(0)

    def _report(self) -> None:
        broken = self._broken.rows
        if broken:
            told = "; ".join(f"row {number}: {reason}" for number, (_, reason) in list(broken.items())[:5])
            self._check.failed(f"{len(broken)} documents cannot be published: {told}")
        elif self._beside is None:
            self._check.ok(RELAYS)
        else:
            tell = self._check.ok if self._beside.well else self._check.failed
            tell(f"{RELAYS}; {self._beside.said}")


def publishers(settings: KafkaSettings) -> Publishers:
    """Return what gives a publisher onto the log of `settings`, which fences the one before it."""

    @asynccontextmanager
    async def give(broken: Broken) -> AsyncIterator[Publisher]:
        async with Kafka(settings) as kafka:
            producer = await kafka.transactional(TRANSACTIONAL_ID)
            try:
                async with asyncio.timeout(SECONDS_TO_START):
                    await producer.start()
            except TimeoutError:
                raise LogUnavailable("no coordinator of transactions in time") from None
            yield Publisher(producer, await kafka.admin(), broken)

    return give


@asynccontextmanager
async def _running(beside: Beside | None) -> AsyncIterator[asyncio.Task[None] | None]:
    """Run it until the context ends; what it fails with is raised there."""
    task = asyncio.create_task(beside.run(), name="beside the relay") if beside else None
    try:
        yield task
    finally:
        if task is not None and not task.done():
            task.cancel()
            await asyncio.wait({task})
    if task is not None and not task.cancelled():
        task.result()


async def _pause(stop: asyncio.Event) -> None:
    try:
        async with asyncio.timeout(SECONDS_BETWEEN_LOOKS):
            await stop.wait()
    except TimeoutError:
        return
