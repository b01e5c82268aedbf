"""What a compacted topic says of all its documents, in few bytes each: for comparing it with the tables."""

import asyncio
import time
from datetime import datetime
from typing import Any

from argus_domain.likeness import Held, Likeness, after, likeness
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Kafka, Partition, Reader, Record
from argus_schemas.topics import Topic

MOST_AT_ONCE = 100
"""Documents, between which others have their turn."""

SECONDS_WITHOUT_PROGRESS = 30.0


class Contents:
    """Keeps how each document stands on its topic, as its readers see it; a deleted one is none."""

    def __init__(self, kafka: Kafka, topic: Topic[Any], at: datetime) -> None:
        self.topic = topic
        self.documents: dict[str, Held] = {}
        self.highest = 0
        """The highest version that any document had."""
        self._kafka = kafka
        self._at = at
        self._reader: Reader | None = None

    async def catch_up(self) -> None:
        """Take all that stands on the topic now.

        Raises:
            LogUnavailable: Kafka is away, or did not give what is there.
        """
        if self._reader is None:
            self._reader = await self._kafka.reader(self.topic)
        reader, ends = self._reader, await self._reader.end()
        moved_at, unread = time.monotonic(), await _unread(reader, ends)
        while unread:
            for records in (await reader.batches(most=MOST_AT_ONCE)).values():
                for record in records:
                    self._take(record)
            await asyncio.sleep(0)
            before, unread = unread, await _unread(reader, ends)
            moved_at = time.monotonic() if unread != before else moved_at
            if time.monotonic() - moved_at > SECONDS_WITHOUT_PROGRESS:
                raise LogUnavailable(f"{self.topic.name} cannot be read to its end")

    async def close(self) -> None:
        """Disconnect."""
        if self._reader is not None:
            await self._reader.close()

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


async def _unread(reader: Reader, ends: dict[Partition, int]) -> int:
    """Return how many offsets the reader has before it up to the `ends`."""
    return sum([max(0, end - await reader.position(partition)) for partition, end in ends.items()])
