"""Records that can never be processed: kept as they were, with where they came from and why they are here."""

import asyncio
import logging
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

from argus_runtime.kafka.records import Place, Record
from argus_runtime.log import at
from argus_runtime.metrics import DEAD_LETTERS as COUNTED
from argus_runtime.metrics import family
from argus_schemas.base import Schema
from argus_schemas.topics import DEAD_LETTERS, Topic

LONGEST_REASON = 2000
ORIGINAL = "original-"

log = logging.getLogger(__name__)


class Sends(Protocol):
    """What can send records: a `Producer`, or a fake of one."""

    async def send(
        self,
        topic: Topic[Any] | str,
        key: str | bytes | None,
        value: Schema | bytes | None,
        *,
        headers: Iterable[tuple[str, bytes]] = (),
        partition: int | None = None,
    ) -> "Awaitable[Place]":
        """Queue a record and return what becomes its place."""


class DeadLetters:
    """Writes dead letters; `bury` returns when the letter is stored, so that its record's position may move on."""

    def __init__(self, producer: Sends, service: str, prefix: str = "argus.") -> None:
        self._producer = producer
        self._service = service
        self._prefix = prefix

    async def bury(self, record: Record, reason: str, *, attempts: int = 1) -> Place:
        """Keep `record` with its original key, bytes and headers."""
        log.warning("dead-lettered %s: %s", record.place, reason, extra=at(record.place))
        topic = record.partition.topic.removeprefix(self._prefix)
        kept = tuple((f"{ORIGINAL}{name}", value) for name, value in record.headers)
        return await self._send(topic, record.key, record.value, record.place, reason, attempts, kept)

    async def bury_bytes(
        self, key: bytes | None, value: bytes | None, origin: str, reason: str, *, attempts: int = 1
    ) -> Place:
        """Keep bytes that came from `origin`, such as a report that the fold refused: `topic[partition]@offset`."""
        log.warning("dead-lettered %s: %s", origin, reason, extra=at(origin))
        topic = origin.split("[", maxsplit=1)[0].removeprefix(self._prefix)
        return await self._send(topic, key, value, origin, reason, attempts, ())

    async def _send(
        self,
        topic: str,
        key: bytes | None,
        value: bytes | None,
        origin: str,
        reason: str,
        attempts: int,
        kept: tuple[tuple[str, bytes], ...],
    ) -> Place:
        headers = letter_headers(origin, reason, self._service, attempts=attempts)
        stored = await self._producer.send(DEAD_LETTERS, key, value, headers=(*headers, *kept))
        place = await stored
        COUNTED.labels(family(topic)).inc()
        return place


def letter_headers(origin: str, reason: str, service: str, *, attempts: int = 1) -> tuple[tuple[str, bytes], ...]:
    """Return the headers of a dead letter, for those who send it in a transaction of their own."""
    return (
        ("origin", origin.encode()),
        ("reason", reason[:LONGEST_REASON].encode(errors="replace")),
        ("at", datetime.now(UTC).isoformat().encode()),
        ("attempts", str(attempts).encode()),
        ("service", service.encode()),
    )


async def all_stored(sent: Iterable["Awaitable[Place]"]) -> list[Place]:
    """Return the places of all that was sent, once it is stored."""
    return list(await asyncio.gather(*sent))
