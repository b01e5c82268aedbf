"""How far each reader of the log is behind its end, in records and in seconds."""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from argus_database.engine import Sessions
from argus_database.incidents import positions
from argus_database.tables.outbox import OutboxRow
from argus_runtime.kafka import Admin, Kafka, Partition
from argus_schemas.topics import DELIVERIES, INCIDENT_EVENTS, NOTIFICATIONS, REPORTS, Topic

MOST_LOOKED_AT = 5000
"""Records beyond that are counted by their offsets alone, markers of transactions included."""


@dataclass(frozen=True, slots=True)
class Lag:
    """What a reader has still to read."""

    records: int
    seconds: float


Question = Callable[[Kafka, Sessions], Awaitable[Lag]]


async def of_ingest(kafka: Kafka, _sessions: Sessions) -> Lag:
    """Return how far ingest is behind with reports on Kafka."""
    admin = await kafka.admin()
    reached = await admin.positions("ingest")
    lags = await admin.lag("ingest") if reached else {}
    return _sum([await _behind(kafka, place, reached[place]) for place, many in lags.items() if many])


def of_group(group: str, topic: Topic[Any]) -> Question:
    """Ask how far a group is behind with a topic."""

    async def ask(kafka: Kafka, _sessions: Sessions) -> Lag:
        admin = await kafka.admin()
        return await _of(kafka, admin, topic, await admin.positions(group))

    return ask


def of_store(topic: Topic[Any]) -> Question:
    """Ask how far the store, whose positions PostgreSQL keeps, is behind with a topic."""

    async def ask(kafka: Kafka, sessions: Sessions) -> Lag:
        async with sessions() as session:
            reached = {Partition(*place): offset for place, offset in (await positions(session)).items()}
        return await _of(kafka, await kafka.admin(), topic, reached)

    return ask


async def of_relay(_kafka: Kafka, sessions: Sessions) -> Lag:
    """Return what waits in the outbox."""
    age = func.extract("epoch", func.now() - func.min(OutboxRow.created_at))
    async with sessions() as session:
        many, seconds = (await session.execute(select(func.count(), age).select_from(OutboxRow))).one()
    return Lag(many, float(seconds or 0))


QUESTIONS: dict[tuple[str, str], Question] = {
    ("ingest", REPORTS.name): of_ingest,
    ("matcher", INCIDENT_EVENTS.name): of_group("matcher", INCIDENT_EVENTS),
    ("dispatch", NOTIFICATIONS.name): of_group("dispatch", NOTIFICATIONS),
    **{("store", topic.name): of_store(topic) for topic in (INCIDENT_EVENTS, NOTIFICATIONS, DELIVERIES)},
    ("api", "outbox"): of_relay,
}
"""How far each reader is behind, by service and what it reads."""


async def _of(kafka: Kafka, admin: Admin, topic: Topic[Any], reached: Mapping[Partition, int]) -> Lag:
    ends = await admin.ends([topic])
    unread = {place: reached.get(place, 0) for place, end in ends.items() if reached.get(place, 0) < end}
    return _sum([await _behind(kafka, place, offset) for place, offset in unread.items()])


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


def _sum(behind: list[tuple[int, float]]) -> Lag:
    return Lag(sum(many for many, _ in behind), max((seconds for _, seconds in behind), default=0.0))
