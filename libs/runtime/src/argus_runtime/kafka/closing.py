"""An end in time for clients that would wait for a broker for ever."""

import asyncio
from contextlib import suppress
from typing import Any

from aiokafka import AIOKafkaProducer

SECONDS_TO_FLUSH = 4.0
SECONDS_TO_BREAK_OFF = 0.5


async def close_producer(client: AIOKafkaProducer) -> None:
    """Send what is queued, as far as that goes in four seconds, and disconnect."""
    with suppress(Exception):
        await asyncio.wait_for(client.stop(), SECONDS_TO_FLUSH)
        return
    await _break_off(client._sender.close())  # noqa: SLF001  its own stop waits for the broker before it comes to this
    await _break_off(client.client.close())


async def _break_off(closing: Any) -> None:
    with suppress(Exception):
        await asyncio.wait_for(closing, SECONDS_TO_BREAK_OFF)
