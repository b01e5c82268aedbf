"""An end in time for clients that would wait for a broker for ever.

The library's own stop waits for requests that a broker which is away never answers, and lets the cancellation of its
tasks escape; so it runs in a task of its own, for so long and no longer.
"""

import asyncio
from collections.abc import Coroutine
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

SECONDS_TO_LEAVE = 2.0
SECONDS_TO_FLUSH = 3.0
SECONDS_TO_BREAK_OFF = 0.5


async def close_producer(client: AIOKafkaProducer) -> None:
    """Send what is queued, as far as that goes in three seconds, and disconnect."""
    if not await ended(client.stop(), SECONDS_TO_FLUSH):
        await ended(client._sender.close(), SECONDS_TO_BREAK_OFF)  # noqa: SLF001  its own stop did not come to this
        await ended(client.client.close(), SECONDS_TO_BREAK_OFF)


async def close_consumer(client: AIOKafkaConsumer) -> None:
    """Leave the group, if the broker hears of it in two seconds, and disconnect."""
    if not await ended(client.stop(), SECONDS_TO_LEAVE):
        await ended(client._client.close(), SECONDS_TO_BREAK_OFF)  # noqa: SLF001  its own stop did not come to this


async def ended(closing: Coroutine[Any, Any, Any], seconds: float) -> bool:
    """Return whether `closing` ended well in time; if not, it is broken off."""
    task = asyncio.ensure_future(closing)
    await asyncio.wait({task}, timeout=seconds)
    if not task.done():
        task.cancel()
        await asyncio.wait({task}, timeout=SECONDS_TO_BREAK_OFF)
        return False
    return not task.cancelled() and task.exception() is None


class Background:
    """Work that goes on until it is closed."""

    def __init__(self, task: "asyncio.Future[None]") -> None:
        self._task = task
        self.closed = False

    async def close(self) -> None:
        """Break it off."""
        self.closed = True
        self._task.cancel()
        await asyncio.wait({self._task})
