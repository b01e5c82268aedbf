"""A compacted topic as a dict that every process holds whole: rules, sources, destinations."""

import asyncio
import logging
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Generic, TypeVar

from argus_runtime.errors import LogUnavailable, TransientError
from argus_runtime.kafka import Kafka, Reader, Record
from argus_runtime.log import at
from argus_runtime.metrics import BROADCAST_DOCUMENTS, BROADCAST_UNREADABLE
from argus_schemas.topics import Topic

V = TypeVar("V")
Changed = Callable[[str, V | None], None]

SECONDS_BETWEEN_TRIES = 1.0
SECONDS_A_LOOK = 0.5
MOST_AT_ONCE = 5000
SECONDS_TO_CATCH_UP = 5.0

log = logging.getLogger(__name__)


class Broadcast(Generic[V]):
    """Holds the last version of each document; goes on with what it has while Kafka is away.

    A version not above the one held is ignored, a tombstone deletes. A document that cannot be read is counted, logged
    and kept out, and stops nothing; the version held before it stays. Each is held as `kept_as` returns it.
    """

    def __init__(self, kafka: Kafka, topic: Topic[V], *, kept_as: Callable[[V], V] = lambda document: document) -> None:
        self._kafka = kafka
        self._topic = topic
        self._kept_as = kept_as
        self._reader: Reader | None = None
        self._callbacks: list[Changed[V]] = []
        self._heard_at: float | None = None
        self.documents: dict[str, V] = {}
        self.loaded = False

    @property
    def age(self) -> float | None:
        """Seconds since the broker last confirmed that this is all there is; None: it never has."""
        return None if self._heard_at is None else max(0.0, time.time() - self._heard_at)

    def on_change(self, callback: Changed[V]) -> None:
        """Call `callback` with the key and the new document, or None for a deleted one, at every change from now on."""
        self._callbacks.append(callback)

    async def load(self) -> None:
        """Read the whole topic to its present end.

        Raises:
            LogUnavailable: Kafka cannot be reached.
            RecordsGone: the topic was shortened meanwhile.
        """
        await self._forget_reader()
        reader = self._reader = await self._kafka.reader(self._topic)
        seen: set[str] = set()
        async for record in reader.to_end():
            seen.add(_key(record))
            self._take(record)
        for key in self.documents.keys() - seen:
            self._delete(key)  # compacted away, with its tombstone, while nobody was reading
        self._heard(reader)
        self.loaded = True

    async def follow(self) -> None:
        """Keep the documents up to date until cancelled, whatever Kafka does meanwhile; loads first if need be."""
        while True:
            try:
                if self._reader is None:
                    await self.load()
                await self._follow()
            except TransientError as error:
                log.warning("%s cannot be read: %s", self._topic.name, error)
                await self._forget_reader()
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)

    async def up_to_end(self) -> None:
        """Return when everything that stands in the topic now has been taken; needs `follow` running.

        Raises:
            LogUnavailable: Kafka cannot be reached.
        """
        admin = await self._kafka.admin()
        try:
            ends = await admin.ends([self._topic])
            async with asyncio.timeout(SECONDS_TO_CATCH_UP):
                while not await self._passed(ends):  # noqa: ASYNC110  asked for rarely, answered in milliseconds
                    await asyncio.sleep(0.02)
        except TimeoutError:
            raise LogUnavailable(f"{self._topic.name} was not read to its end in {SECONDS_TO_CATCH_UP} s") from None
        finally:
            await admin.close()

    async def _passed(self, ends: dict[Any, int]) -> bool:
        reader = self._reader
        if reader is None or not self.loaded:
            return False
        return all([await reader.position(partition) >= end for partition, end in ends.items()])

    async def _follow(self) -> None:
        reader = self._reader
        while reader is not None:
            for records in (await reader.batches(SECONDS_A_LOOK, MOST_AT_ONCE)).values():
                for record in records:
                    self._take(record)
            self._heard(reader)

    def _take(self, record: Record) -> None:
        key = _key(record)
        if record.value is None:
            self._delete(key)
            return
        try:
            document = self._kept_as(self._topic.decode(record.value))
        except ValueError as error:
            BROADCAST_UNREADABLE.labels(self._topic.name).inc()
            log.error("unreadable document %s: %s", record.place, error, extra=at(record.place))  # noqa: TRY400
            return
        held = self.documents.get(key)
        if held is None or _version(document) > _version(held):
            self.documents[key] = document
            self._tell(key, document)

    def _delete(self, key: str) -> None:
        if self.documents.pop(key, None) is not None:
            self._tell(key, None)

    def _tell(self, key: str, document: V | None) -> None:
        BROADCAST_DOCUMENTS.labels(self._topic.name).set(len(self.documents))
        for callback in self._callbacks:
            callback(key, document)

    def _heard(self, reader: Reader) -> None:
        at_ms = reader.heard_at_ms()
        self._heard_at = time.time() if at_ms is None and not self.loaded else self._heard_at
        if at_ms is not None:
            self._heard_at = at_ms / 1000

    async def _forget_reader(self) -> None:
        reader, self._reader = self._reader, None
        if reader is not None:
            with suppress(TransientError):
                await reader.close()


def _key(record: Record) -> str:
    return (record.key or b"").decode(errors="replace")


def _version(document: Any) -> int:
    return int(getattr(document, "version", 0))
