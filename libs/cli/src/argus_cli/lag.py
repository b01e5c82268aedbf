"""How far each reader of the log is behind its end, in records and in seconds."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from argus_database.engine import Sessions
from argus_database.incidents import positions
from argus_database.tables.configuration import OutboxRow
from argus_runtime.kafka import Admin, Kafka, Partition
from argus_schemas.topics import DELIVERIES, INCIDENT_EVENTS, NOTIFICATIONS, Topic

MOST_LOOKED_AT = 5000
"""Records beyond that are counted by their offsets alone, markers of transactions included."""


@dataclass(frozen=True, slots=True)
class Lag:
    """What a reader has still to read."""

    service: str
    what: str
    records: int
    seconds: float


async def of_groups(kafka: Kafka) -> list[Lag]:
    """Return the lags of those whose positions Kafka keeps."""
    admin = await kafka.admin()
    lags = [
        await _of(kafka, admin, "matcher", INCIDENT_EVENTS, await admin.positions("matcher")),
        await _of(kafka, admin, "dispatch", NOTIFICATIONS, await admin.positions("dispatch")),
    ]
    reports = await admin.positions("ingest")
    behind = [await _behind(kafka, place, offset) for place, offset in (await _unread(admin, reports)).items()]
    return [_sum("ingest", "reports", behind), *lags]


async def of_store(kafka: Kafka, sessions: Sessions) -> list[Lag]:
    """Return the lags of the store, whose positions PostgreSQL keeps."""
    async with sessions() as session:
        reached = {Partition(*place): offset for place, offset in (await positions(session)).items()}
    admin = await kafka.admin()
    return [await _of(kafka, admin, "store", topic, reached) for topic in (INCIDENT_EVENTS, NOTIFICATIONS, DELIVERIES)]


async def of_relay(sessions: Sessions) -> Lag:
    """Return what waits in the outbox."""
    age = func.extract("epoch", func.now() - func.min(OutboxRow.created_at))
    async with sessions() as session:
        many, seconds = (await session.execute(select(func.count(), age).select_from(OutboxRow))).one()
    return Lag("api", "outbox", many, float(seconds or 0))


async def _of(kafka: Kafka, admin: Admin, service: str, topic: Topic[Any], reached: Mapping[Partition, int]) -> Lag:
    ends = await admin.ends([topic])
    behind = [
        await _behind(kafka, place, reached.get(place, 0)) for place, end in ends.items() if reached.get(place, 0) < end
    ]
    return _sum(service, topic.name, behind)


async def _unread(admin: Admin, reached: Mapping[Partition, int]) -> dict[Partition, int]:
    lags = await admin.lag("ingest") if reached else {}
    return {place: reached[place] for place, many in lags.items() if many}


async def _behind(kafka: Kafka, place: Partition, offset: int) -> tuple[int, float]:
    """Return how many records stand after a position, and for how many seconds the first has stood there."""
    reader = await kafka.reader(kafka.without_prefix(place.topic), [place.partition], committed=True)
    try:
        first, end = (await reader.beginning())[place], (await reader.end())[place]
        begin = min(max(first, offset), end)
        await reader.seek(place, begin)
        many, since = 0, None
        async for record in reader.to_end():
            many += 1
            since = since or record.appended_at_ms
            if many == MOST_LOOKED_AT:
                many = end - begin
                break
    finally:
        await reader.close()
    return many, 0.0 if since is None else max(0.0, time.time() - since / 1000)


def _sum(service: str, what: str, behind: list[tuple[int, float]]) -> Lag:
    return Lag(service, what, sum(many for many, _ in behind), max((seconds for _, seconds in behind), default=0.0))
