"""Records that can never be processed: kept as they were, with where they came from and why they are here."""

import logging
from collections.abc import Awaitable, Iterable
from datetime import UTC, datetime
from typing import Any, Protocol

from argus_runtime.kafka.records import Headers, Place, Record
from argus_runtime.log import at
from argus_runtime.metrics import DEAD_LETTERS as COUNTED
from argus_runtime.metrics import family
from argus_schemas.codec import Written
from argus_schemas.topics import DEAD_LETTERS, Topic

LONGEST_REASON = 2000
ORIGINAL = "original-"
ROOM_FOR_HEADERS = 256 * 1024
"""Bytes of a record's own headers that its dead letter keeps; those of any length would not fit beside the rest."""

BYTES_BESIDE = 10
"""Of each header: the lengths of its name and value."""

log = logging.getLogger(__name__)


class Sends(Protocol):
    """What can send records: a `Producer`, or a fake of one."""

    async def send(
        self,
        topic: Topic[Any] | str,
        key: str | bytes | None,
        value: Written | bytes | None,
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
        """Keep `record` with its original key, bytes and headers, as many of these as there is room for."""
        kept = kept_headers(record.headers)
        headers = [*letter_headers(record.place, reason, self._service, attempts=attempts), *kept]
        return await self._send(record.place, reason, record.key, record.value, headers)

    async def bury_bytes(
        self, key: bytes | None, value: bytes | None, origin: str, reason: str, *, attempts: int = 1
    ) -> Place:
        """Keep bytes that came from `origin`, such as a report that the fold refused: `topic[partition]@offset`."""
        headers = letter_headers(origin, reason, self._service, attempts=attempts)
        return await self._send(origin, reason, key, value, headers)

    async def _send(
        self, origin: str, reason: str, key: bytes | None, value: bytes | None, headers: Iterable[tuple[str, bytes]]
    ) -> Place:
        log.warning("dead-lettered %s: %s", origin, reason, extra=at(origin))
        place = await (await self._producer.send(DEAD_LETTERS, key, value, headers=headers))
        COUNTED.labels(family(origin.split("[", maxsplit=1)[0].removeprefix(self._prefix))).inc()
        return place


def kept_headers(headers: Headers) -> list[tuple[str, bytes]]:
    """Return the first headers of a record, as its dead letter has them."""
    kept, room = [], ROOM_FOR_HEADERS
    for name, value in headers:
        room -= len(ORIGINAL) + len(name.encode()) + len(value or b"") + BYTES_BESIDE
        if room < 0:
            break
        kept.append((f"{ORIGINAL}{name}", value))
    return kept


def letter_headers(origin: str, reason: str, service: str, *, attempts: int = 1) -> tuple[tuple[str, bytes], ...]:
    """Return the headers of a dead letter, for those who send it in a transaction of their own."""
    return (
        ("origin", origin.encode()),
        ("reason", reason[:LONGEST_REASON].encode(errors="replace")),
        ("at", datetime.now(UTC).isoformat().encode()),
        ("attempts", str(attempts).encode()),
        ("service", service.encode()),
    )
