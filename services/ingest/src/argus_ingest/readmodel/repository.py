"""All statements of ingest; they take a connection that commits by itself."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import AsyncConnection

from argus_database.incidents import DOCUMENT, TABLES
from argus_runtime.kafka.records import Partition
from argus_schemas.incident import Incident

Connection = AsyncConnection[tuple[Any, ...]]

_FATES = """
SELECT e.event_id, e.id, e.incident_id, 'applied', '', e.digest, a.expires_at
FROM events e LEFT JOIN acks a ON a.event_id = e.id WHERE e.event_id = ANY(%(ids)s)
UNION ALL
SELECT o.event_id, NULL, o.incident_id, o.what, o.reason, o.digest, NULL
FROM outcomes o WHERE o.event_id = ANY(%(ids)s)
"""
_INCIDENTS = f"""
SELECT asked.pk, {DOCUMENT}
FROM unnest(%(pks)s::bigint[]) AS asked(pk) LEFT JOIN aliases ON aliases.pk = asked.pk
JOIN ({TABLES}) ON i.id = coalesce(aliases.incident_id, asked.pk)
"""  # noqa: S608  built of constants
_DOCUMENTS = f"""
SELECT pk, document, size FROM (
    SELECT pk, document, sum(octet_length(document)) OVER (ROWS UNBOUNDED PRECEDING)::bigint AS size
    FROM ({_INCIDENTS} OFFSET 0) AS found(pk, document)
) AS measured WHERE size - octet_length(document) <= %(most)s
"""  # noqa: S608  built of constants
_EVENTS = """
SELECT e.{}, json_build_object(
    'pk', e.id, 'event_id', e.event_id, 'incident', e.incident_id, 'type', e.type, 'occurred_at', e.occurred_at,
    'received_at', e.received_at, 'description', e.description,
    'actor', json_build_object('pk', e.actor_id, 'username', coalesce(u.username, '')))::text
FROM events e LEFT JOIN users u ON u.id = e.actor_id
"""
_BY_EVENT_ID = _EVENTS.format("event_id") + "WHERE e.event_id = ANY(%(ids)s)"
_ACKS = _EVENTS.format("id") + "JOIN acks a ON a.event_id = e.id WHERE e.id = ANY(%(pks)s)"


@dataclass(frozen=True, slots=True)
class Fate:
    """What became of a record, by its event id; `event` is the pk of the event that stands for it, if any."""

    event: int | None
    incident: int | None
    what: str
    reason: str
    digest: str | None
    expires_at: datetime | None
    """Of the ack, where it is one."""


async def fates(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, Fate]:
    """Return what became of the records with these event ids."""
    cursor = await connection.execute(_FATES, {"ids": list(ids)})
    return {row[0]: Fate(*row[1:]) for row in await cursor.fetchall()}


async def incidents(connection: Connection, pks: Sequence[int]) -> dict[int, Incident]:
    """Return the incidents that people know by these pks, also those that a refused create was promised."""
    cursor = await connection.execute(_INCIDENTS.encode(), {"pks": list(pks)})
    return {pk: Incident.read(document) for pk, document in await cursor.fetchall()}


async def documents(connection: Connection, pks: Sequence[int], most: int) -> tuple[dict[int, str], int]:
    """Return the same incidents as JSON, and how many bytes they have; beyond `most` bytes there are no more."""
    cursor = await connection.execute(_DOCUMENTS.encode(), {"pks": list(pks), "most": most})
    rows = await cursor.fetchall()
    return {pk: document for pk, document, _ in rows}, max((size for _, _, size in rows), default=0)


async def events(connection: Connection, ids: Sequence[UUID]) -> dict[UUID, str]:
    """Return the events with these ids, as JSON of `argus_schemas.incident.Event`."""
    cursor = await connection.execute(_BY_EVENT_ID.encode(), {"ids": list(ids)})
    return dict(await cursor.fetchall())


async def acks(connection: Connection, pks: Sequence[int]) -> dict[int, str]:
    """Return the events of the acks with these pks, as JSON of `argus_schemas.incident.Event`."""
    cursor = await connection.execute(_ACKS.encode(), {"pks": list(pks)})
    return dict(await cursor.fetchall())


async def last_seen(connection: Connection, sources: Sequence[int]) -> dict[int, datetime | None]:
    """Return when these sources were last heard of."""
    cursor = await connection.execute(
        "SELECT id, last_seen FROM sources WHERE id = ANY(%(pks)s)", {"pks": list(sources)}
    )
    return dict(await cursor.fetchall())


async def full_name(connection: Connection, user: int) -> str:
    """Return the first and last name of a user, as far as there are any."""
    asked = "SELECT trim(first_name || ' ' || last_name) FROM users WHERE id = %(pk)s"
    row = await (await connection.execute(asked, {"pk": user})).fetchone()
    return "" if row is None else str(row[0])


async def positions(connection: Connection) -> dict[Partition, int]:
    """Return the next offset that the store will handle, by partition."""
    cursor = await connection.execute("SELECT topic, partition, next_offset FROM positions")
    return {Partition(topic, partition): offset for topic, partition, offset in await cursor.fetchall()}
