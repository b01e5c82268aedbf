"""The Kafka inbox: what a source reports on its own topic becomes a record on `incident-events`.

At least once: a report that is read again after a crash gets the id that it had before, and is then a repeat.
"""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from uuid import UUID

from argus_ingest import reporting
from argus_ingest.appending import Log
from argus_ingest.ids import Ids
from argus_ingest.inbox.order import Order
from argus_ingest.inbox.shares import FairShares
from argus_ingest.inbox.waiting import KnownSources
from argus_ingest.metrics import REPORTS as COUNTED
from argus_ingest.reporting import REFUSABLE, Sender
from argus_ingest.sources import Sources
from argus_runtime import tracing
from argus_runtime.consumer import Loop
from argus_runtime.errors import InvalidRecord, PositionLost, TransientError
from argus_runtime.health import Check
from argus_runtime.kafka import Kafka, Partition, Place, Record
from argus_schemas.base import storable
from argus_schemas.configuration import SourceDocument
from argus_schemas.identity import position_event_id, principal_event_id
from argus_schemas.records import Origin
from argus_schemas.report import Report
from argus_schemas.topics import REPORTS

GROUP = "ingest"
ACCEPTED, REFUSED = (COUNTED.labels("kafka", outcome) for outcome in ("accepted", "refused"))
PATTERN = rf"{REPORTS.name}\.[a-z0-9-]{{1,60}}"


@dataclass
class Inbox:
    """Handles one report; the source is the topic that it came on, never a field in it."""

    sources: Sources
    ids: Ids
    log: Log
    prefix: str
    saw: Callable[[int, datetime], None]
    """Is told of each source when it reported."""
    order: Order = field(default_factory=Order)

    def knows(self, topic: str) -> bool:
        """Tell whether the source of a topic is known and active."""
        document = self.sources.of_slug(self._slug(topic))
        return document is not None and document.active

    async def handle(self, record: Record) -> "asyncio.Future[Place]":
        """Append what the report says, and return its confirmation.

        Raises:
            InvalidRecord: it is no report.
            TransientError: it cannot be appended now.
        """
        document = self.sources.of_slug(self._slug(record.partition.topic))
        if document is None:
            raise TransientError(f"the source of {record.partition.topic} is gone")
        self.saw(document.source.pk, datetime.fromtimestamp(record.appended_at_ms / 1000, UTC))
        try:
            report = reporting.read(record.value)
        except InvalidRecord:
            REFUSED.inc()
            raise
        sent = await reporting.record_of(
            report, Sender.of(document), self.ids,
            event_id=_event_id(report, document, record), received_at=datetime.now(UTC), origin=_origin(report, record),
        )  # fmt: skip
        place = Place(record.partition, record.offset)
        before = self.order.before(sent.key, place)
        confirmation = await self.log.send(sent, trace=tracing.of(record.headers), after=before)
        self.order.sent(sent.key, place, confirmation)
        ACCEPTED.inc()
        return confirmation

    def _slug(self, topic: str) -> str:
        return topic.removeprefix(f"{self.prefix}{REPORTS.name}.")


async def consume(kafka: Kafka, inbox: Inbox, loop: Loop, stop: asyncio.Event, positions: Check) -> None:
    """Join the group and handle reports until `stop` is set; topics whose position is lost stand still meanwhile."""

    async def assigned(partitions: set[Partition]) -> None:
        positions.ok()
        inbox.order.forget(partitions)
        await loop.on_assigned(partitions)

    def lost(some: Mapping[Partition, PositionLost]) -> None:
        positions.failed(f"{'; '.join(map(str, some.values()))}; while no ingest runs")

    positions.ok()
    consumer = await kafka.consumer(
        pattern=PATTERN, group=GROUP, on_assigned=assigned, on_revoked=loop.on_revoked, on_lost=lost
    )
    await loop.run(KnownSources(FairShares(consumer), inbox.knows), stop)


def _event_id(report: Report, document: SourceDocument, record: Record) -> UUID:
    if report.event_id is not None:
        return principal_event_id(document.actor.pk, str(report.event_id))
    partition = record.partition.partition
    return position_event_id(document.slug, partition, record.offset, record.appended_at_ms)


def _origin(report: Report, record: Record) -> Origin:
    kept = report.type in REFUSABLE
    return Origin(
        topic=record.partition.topic,
        partition=record.partition.partition,
        offset=record.offset,
        report=(record.value or b"").decode() if kept else None,
        key=_text(record.key) if kept else None,
    )


def _text(key: bytes | None) -> str | None:
    try:
        return None if key is None else storable(key.decode())
    except ValueError:
        return None
