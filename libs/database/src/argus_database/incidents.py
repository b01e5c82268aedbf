"""Reading the read model: rows as the records that made them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import TextClause, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.tables.incidents import OutcomeRow, PositionRow
from argus_schemas.incident import Event, Incident

FACTS = """
    'pk', i.id, 'key', i.key, 'source_incident_id', i.source_incident_id, 'start_time', i.start_time,
    'stateful', i.stateful, 'ended_at', i.ended_at, 'description', i.description, 'level', i.level,
    'details_url', i.details_url, 'ticket_url', i.ticket_url, 'metadata', i.metadata, 'changed_at', i.changed_at,
    'source', json_build_object(
        'pk', i.source_id, 'name', coalesce(s.name, ''), 'type', coalesce(s.type, ''),
        'user', coalesce(s.user_id, 1), 'username', coalesce(u.username, ''), 'base_url', coalesce(s.base_url, '')),
    'tags', coalesce((
        SELECT json_agg(json_build_object('key', t.key, 'value', t.value, 'added_by', t.added_by,
                                          'added_at', t.added_at) ORDER BY t.ordinal)
        FROM incident_tags t WHERE t.incident_id = i.id), '[]')
"""
# One JSON document an incident, so that a batch is one statement and pydantic reads it in one go.
DOCUMENT = f"""
json_build_object({FACTS},
    'acks', coalesce((
        SELECT json_agg(json_build_object('event', a.event_id, 'expires_at', a.expires_at) ORDER BY a.event_id)
        FROM acks a WHERE a.incident_id = i.id), '[]')
)::text
"""  # noqa: S608  built of constants
# A source that configuration does not know (yet) must not hide its incidents.
ITS_SOURCE = "LEFT JOIN sources s ON s.id = i.source_id LEFT JOIN users u ON u.id = s.user_id"
TABLES = f"incidents i {ITS_SOURCE}"

_INCIDENTS = f"SELECT {DOCUMENT} FROM {TABLES} WHERE "  # noqa: S608  built of constants
_BY_KEYS = text(_INCIDENTS + "i.key = ANY(:keys)")
_BY_KEY = text(_INCIDENTS + "i.key = :key")
_BY_PK = text(f"{_INCIDENTS} i.id = coalesce((SELECT incident_id FROM aliases WHERE pk = :pk), :pk)")  # noqa: S608
_EVENT = text(
    """
    SELECT json_build_object(
        'pk', e.id, 'event_id', e.event_id, 'incident', e.incident_id, 'type', e.type,
        'occurred_at', e.occurred_at, 'received_at', e.received_at, 'description', e.description,
        'actor', json_build_object(
            'pk', e.actor_id, 'username', coalesce(u.username, ''), 'is_superuser', coalesce(u.is_superuser, false),
            'is_source', EXISTS (SELECT FROM sources s WHERE s.user_id = e.actor_id))
    )::text, e.digest
    FROM events e LEFT JOIN users u ON u.id = e.actor_id WHERE e.event_id = :event_id
    """
)


@dataclass(frozen=True, slots=True)
class StoredEvent:
    """An event as it is stored, and the digest of the request that made it."""

    event: Event
    digest: str | None


@dataclass(frozen=True, slots=True)
class StoredOutcome:
    """What became of a record that made no event of its own; `incident` is the one that it met, if any."""

    event_id: UUID
    incident: int | None
    key: str
    what: str
    reason: str
    digest: str | None
    at: datetime


async def incident_by_pk(session: AsyncSession, pk: int) -> Incident | None:
    """Return the incident that people know as `pk`, also where that was promised to a refused create."""
    return await _incident(session, _BY_PK, {"pk": pk})


async def incident_by_key(session: AsyncSession, key: str) -> Incident | None:
    """Return the incident with this key."""
    return await _incident(session, _BY_KEY, {"key": key})


async def states(session: AsyncSession, keys: Sequence[str]) -> dict[str, Incident]:
    """Return the incidents that have these keys, by key; acks are in the order of their pks."""
    documents = await session.scalars(_BY_KEYS, {"keys": list(keys)})
    return {incident.key: incident for incident in map(Incident.read, documents)}


async def event_by_event_id(session: AsyncSession, event_id: UUID) -> StoredEvent | None:
    """Return the event with this identity."""
    row = (await session.execute(_EVENT, {"event_id": event_id})).first()
    return None if row is None else StoredEvent(Event.read(row[0]), row[1])


async def outcome(session: AsyncSession, event_id: UUID) -> StoredOutcome | None:
    """Return what became of the record with this identity, where it made no event of its own."""
    row = await session.get(OutcomeRow, event_id)
    if row is None:
        return None
    return StoredOutcome(row.event_id, row.incident_id, row.key, row.what, row.reason, row.digest, row.at)


async def positions(session: AsyncSession) -> dict[tuple[str, int], int]:
    """Return the next offset that the store will handle, by topic (its full name) and partition."""
    rows = await session.execute(select(PositionRow.topic, PositionRow.partition, PositionRow.next_offset))
    return {(topic, partition): offset for topic, partition, offset in rows}


async def _incident(session: AsyncSession, statement: TextClause, values: dict[str, object]) -> Incident | None:
    document = (await session.execute(statement, values)).scalar()
    return Incident.read(document) if document else None
