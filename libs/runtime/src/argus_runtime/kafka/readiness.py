"""Waiting for a broker with the topics of the catalogue, and watching whether it answers."""

import asyncio
import logging
from collections.abc import Iterable
from typing import Any

from argus_runtime.errors import CatalogueMismatch, LogUnavailable
from argus_runtime.health import Check
from argus_runtime.kafka.admin import Admin
from argus_schemas.topics import Topic

SECONDS_BETWEEN_TRIES = 1.0
SECONDS_BETWEEN_PINGS = 2.0

log = logging.getLogger(__name__)


async def there(admin: Admin, expected: Iterable[Topic[Any]], stop: asyncio.Event, check: Check | None) -> bool:
    """Wait for the broker and these topics; False: `stop` was set first.

    Raises:
        CatalogueMismatch: a topic is otherwise than the catalogue says.
    """
    said = ""
    while not stop.is_set():
        missing = await _missing(admin, expected)
        if not missing:
            if check is not None:
                check.ok()
            return True
        if missing != said:
            log.warning("waiting for Kafka: %s", missing)
            said = missing
        if check is not None:
            check.failed(missing)
        await _pause(stop)
    return False


async def watch(admin: Admin, check: Check) -> None:
    """Tell `check` every two seconds, until cancelled, whether a broker answers."""
    while True:
        await asyncio.sleep(SECONDS_BETWEEN_PINGS)
        try:
            await admin.ping()
        except LogUnavailable as error:
            check.failed(f"Kafka is away: {error}")
        else:
            check.ok()


async def _missing(admin: Admin, expected: Iterable[Topic[Any]]) -> str:
    try:
        differences = await admin.differences(expected)
    except LogUnavailable as error:
        return str(error)
    wrong = [line for line in differences if not line.endswith("is missing")]
    if wrong:
        raise CatalogueMismatch(wrong)
    return ", ".join(differences)


async def _pause(stop: asyncio.Event) -> None:
    try:
        await asyncio.wait_for(stop.wait(), SECONDS_BETWEEN_TRIES)
    except TimeoutError:
        return
