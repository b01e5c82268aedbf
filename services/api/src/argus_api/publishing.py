"""Rows of the outbox onto their topics."""

import asyncio
import logging
from collections.abc import Iterable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

from argus_api.listening import Row
from argus_api.metrics import OUTBOX_BROKEN, OUTBOX_PUBLISHED
from argus_database.configuration.outbox import ROOM_FOR_KEYS
from argus_runtime.errors import LogUnavailable, PipelineError
from argus_schemas.topics import DESTINATIONS, RULES, SOURCES, Topic, reports_topic

TOPICS: dict[str, Topic[Any]] = {topic.name: topic for topic in (RULES, SOURCES, DESTINATIONS)}
SECONDS_TO_PUBLISH = 10.0
log = logging.getLogger(__name__)


class Sender(Protocol):
    """Sends to the log in transactions, as `argus_runtime.kafka.TransactionalProducer` does."""

    def transaction(self) -> AbstractAsyncContextManager[None]:
        """Commit what is sent inside, or nothing."""

    async def send(self, topic: Topic[Any], key: str, value: bytes | None) -> None:
        """Add a record to the transaction."""


class Creator(Protocol):
    """Creates topics, as `argus_runtime.kafka.Admin` does."""

    async def create(self, topics: Iterable[Topic[Any]]) -> list[str]:
        """Create those that are missing."""


class Broken:
    """The rows that cannot be published: kept, counted and logged with their ids."""

    def __init__(self) -> None:
        self.rows: dict[int, tuple[Row, str]] = {}

    def keep(self, row: Row, reason: str) -> None:
        """Remember a row."""
        self.rows[row.id] = (row, reason)
        OUTBOX_BROKEN.inc()
        log.error("outbox row %s (%s on %r) cannot be published and is kept: %s", row.id, row.key, row.topic, reason)

    def outdated_by(self, published: Sequence[Row]) -> list[int]:
        """Forget the rows of whose documents a newer version is published, and return their ids."""
        newest = {(row.topic, row.key): row.id for row in published}
        gone = [id_ for id_, (row, _) in self.rows.items() if id_ < newest.get((row.topic, row.key), 0)]
        for id_ in gone:
            row, _ = self.rows.pop(id_)
            log.warning("outbox row %s (%s on %r) is replaced by a newer one", id_, row.key, row.topic)
        return gone


class Publisher:
    """Publishes rows in their order; a source's topic is there before its document."""

    def __init__(self, producer: Sender, admin: Creator, broken: Broken) -> None:
        self._producer = producer
        self._admin = admin
        self._created: set[str] = set()
        self._broken = broken

    async def publish(self, rows: Sequence[Row]) -> list[int]:
        """Return the ids of the rows that the outbox needs no more, once the log has them.

        Those that can never be published go into `broken`; the others go on, since each document is whole.

        Raises:
            LogUnavailable: Kafka is away or did not answer in time; whether it has them is not known, and publishing
                the same versions again is harmless.
        """
        new = [row for row in rows if row.id not in self._broken.rows]
        try:
            async with asyncio.timeout(SECONDS_TO_PUBLISH):
                ready = await self._prepared(new)
                if ready:
                    await self._send(ready)
        except TimeoutError:
            raise LogUnavailable("no answer in time") from None
        for row in ready:
            OUTBOX_PUBLISHED.labels(row.topic).inc()
        return [*(row.id for row in ready), *self._broken.outdated_by(ready)]

    async def _send(self, rows: Sequence[Row]) -> None:
        async with self._producer.transaction():
            for row in rows:
                await self._producer.send(TOPICS[row.topic], row.key, row.value)

    async def _prepared(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows that can be sent, when the topics that they need are there."""
        good: list[tuple[Row, str | None]] = []
        for row in rows:
            try:
                good.append((row, _slug(row)))
            except (KeyError, ValueError) as error:
                self._broken.keep(row, f"{type(error).__name__}: {error}".splitlines()[0])
        needed = {slug for _, slug in good if slug is not None}
        refused = await self._create(needed - self._created)
        for row, slug in good:
            if slug in refused:
                self._broken.keep(row, refused[slug])
        return [row for row, slug in good if slug not in refused]

    async def _create(self, slugs: set[str]) -> dict[str | None, str]:
        """Create topics of sources and return those that the broker refuses, with its reasons."""
        refused: dict[str | None, str] = {}
        if slugs:
            try:
                await self._admin.create([reports_topic(slug) for slug in sorted(slugs)])
            except LogUnavailable:
                raise
            except PipelineError as error:
                refused = dict.fromkeys(slugs, str(error))
        self._created |= slugs - refused.keys()
        return refused


def _slug(row: Row) -> str | None:
    """Return the slug of the source that a row is about; None: another document.

    Raises:
        KeyError: there is no such topic.
        ValueError: the topic takes no such value.
    """
    topic = TOPICS[row.topic]
    if row.value is None:
        return None
    if len(row.value) > topic.largest - ROOM_FOR_KEYS:
        raise ValueError(f"{len(row.value)} bytes; the topic takes {topic.largest}")
    document = topic.decode(row.value)
    return document.slug if topic is SOURCES else None
