"""What a compacted topic says of all its documents, in few bytes each: for comparing it with the tables."""

import asyncio
import time
from collections.abc import Collection
from datetime import datetime
from typing import Any

from argus_domain.likeness import Held, Likeness, after, likeness
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Admin, Kafka, Partition, Reader, Record
from argus_schemas.topics import Topic

MOST_AT_ONCE = 100
"""Documents, between which others have their turn."""

SECONDS_WITHOUT_PROGRESS = 30.0
"""Longer than a transaction may be open, whose end has to be waited for."""


class Contents:
    """Keeps how each document stands on its topic; a deleted one is none."""

    def __init__(self, kafka: Kafka, topic: Topic[Any], at: datetime) -> None:
        self.topic = topic
        self.documents: dict[str, Held] = {}
        self.highest = 0
        """The highest version that any document had."""
        self._kafka = kafka
        self._at = at
        self._reader: Reader | None = None
        self._admin: Admin | None = None

    async def catch_up(self) -> None:
        """Take all that stands on the topic now, once it is committed.

        Raises:
            LogUnavailable: Kafka is away, or did not give what is there.
        """
        reader, ends = await self._opened(), await self._ends()
        moved_at, waiting = time.monotonic(), await _before(reader, ends)
        while waiting:
            for records in (await reader.batches(most=MOST_AT_ONCE)).values():
                for record in records:
                    self._take(record)
            await asyncio.sleep(0)
            before, waiting = waiting, await _before(reader, ends)
            moved_at = time.monotonic() if waiting != before else moved_at
            if time.monotonic() - moved_at > SECONDS_WITHOUT_PROGRESS:
                raise LogUnavailable(f"{self.topic.name} cannot be read to its end")

    async def close(self) -> None:
        """Disconnect."""
        for opened in (self._reader, self._admin):
            if opened is not None:
                await opened.close()

    async def _opened(self) -> Reader:
        if self._reader is None:
            self._reader = await self._kafka.reader(self.topic, committed=True)
        return self._reader

    async def _ends(self) -> dict[Partition, int]:
        if self._admin is None:
            self._admin = await self._kafka.admin()
        return await self._admin.ends([self.topic])

    def _take(self, record: Record) -> None:
        key = (record.key or b"").decode(errors="replace")
        if record.value is None:
            self.documents.pop(key, None)
            return
        held = self.documents.get(key)
        self.documents[key] = after(held, *self._read(record.value, held))

    def _read(self, value: bytes, held: Held | None) -> tuple[int, Likeness | None]:
        try:
            document = self.topic.decode(value)
        except ValueError:
            return held.version if held else 0, None
        self.highest = max(self.highest, document.version)
        return document.version, likeness(document, self._at)


async def _before(reader: Reader, ends: dict[Partition, int]) -> Collection[tuple[Partition, int]]:
    """Return where the reader stands in the partitions that it has not read up to their `ends`."""
    positions = {partition: await reader.position(partition) for partition in ends}
    return [(partition, at) for partition, at in positions.items() if at < ends[partition]]
