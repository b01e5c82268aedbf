"""The log, as far as ingest writes and asks it."""

import asyncio
import logging

from argus_runtime import tracing
from argus_runtime.batched import Batched
from argus_runtime.errors import LogUnavailable, RecordsGone
from argus_runtime.kafka import Admin, Place, Producer, Reader
from argus_runtime.kafka.records import Partition
from argus_schemas.ids import Base, Block
from argus_schemas.records import Record
from argus_schemas.topics import IDS, INCIDENT_EVENTS

SERVICE = "ingest"
SECONDS_TO_ASK = 2.0

Pending = asyncio.Future[Place]
"""What becomes the place of a record."""

log = logging.getLogger(__name__)


class Log:
    """Appends records to `incident-events`, and knows where it ends."""

    def __init__(self, producer: Producer, admin: Admin) -> None:
        self._producer = producer
        self._ends: Batched[str, list[Place]] = Batched(self._ask)
        self._admin = admin

    async def append(self, record: Record) -> Place:
        """Return where `record` stands, once all replicas have it.

        Raises:
            LogUnavailable: Kafka did not confirm it in time; it may still appear.
            RecordTooLarge: the topic takes no such record.
        """
        return await (await self.send(record))

    async def send(self, record: Record, *, trace: str | None = None, after: Pending | None = None) -> Pending:
        """Queue `record`, as a step of `trace` if there is one, and return what becomes its place.

        One that is sent `after` another record of its incident is not stored without it.
        """
        return await self.send_encoded(record.key, record.to_bytes(), trace=trace, after=after)

    async def send_encoded(
        self, key: str, record: bytes, *, trace: str | None = None, after: Pending | None = None
    ) -> Pending:
        """Queue a record that is JSON already, as `send` does."""
        headers = (tracing.header(trace),)
        return await self._producer.send(INCIDENT_EVENTS, key, record, headers=headers, after=after)

    async def ends(self) -> list[Place]:
        """Return the place after the last record of each partition, as it is now.

        Raises:
            LogUnavailable: Kafka cannot be reached.
        """
        try:
            async with asyncio.timeout(SECONDS_TO_ASK):
                return await self._ends.get(INCIDENT_EVENTS.name) or []
        except TimeoutError:
            raise LogUnavailable("Kafka does not say where the log ends") from None

    async def _ask(self, _names: object) -> dict[str, list[Place]]:
        found: dict[Partition, int] = await self._admin.ends([INCIDENT_EVENTS])
        return {INCIDENT_EVENTS.name: [Place(partition, end) for partition, end in found.items()]}


class IdBlocks:
    """Takes blocks of ids: one record each on `ids`, below which the last base counts."""

    def __init__(self, producer: Producer, reader: Reader) -> None:
        self._producer = producer
        self._reader = reader
        self._bases: list[tuple[int, int]] = []
        self._latest = -1

    async def take(self, count: int) -> list[tuple[int, int, int]]:
        """Append `count` blocks and return their offset, and the offset and ids of the base below each.

        Raises:
            LogUnavailable: Kafka cannot be reached, or the topic has no base.
        """
        sent = [await self._producer.send(IDS, SERVICE, Block(service=SERVICE)) for _ in range(count)]
        offsets = [(await stored).offset for stored in sent]
        if offsets[0] <= self._latest:
            log.warning("the topic of ids was made anew")
            await self._start_over()
        self._latest = offsets[-1]
        try:
            await self._read_on()
        except RecordsGone as error:
            log.warning("ids: %s", error)
            await self._start_over()
            await self._read_on()
        return [(offset, *self._base_below(offset)) for offset in offsets]

    async def _start_over(self) -> None:
        self._bases.clear()
        await self._reader.start()

    async def _read_on(self) -> None:
        async for record in self._reader.to_end():
            found = IDS.decode(record.value or b"")
            if isinstance(found, Base):
                self._bases.append((record.offset, found.above))

    def _base_below(self, offset: int) -> tuple[int, int]:
        for base_offset, above in reversed(self._bases):
            if base_offset < offset:
                return base_offset, above
        raise LogUnavailable("the topic of ids has no base yet: run `argus topics`")
