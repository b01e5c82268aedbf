"""Reading events, acknowledgements and notifications of an incident."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import Select, literal, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.tables.accounts import UserRow
from argus_database.tables.incidents import AckRow, AttemptRow, EventRow, NotificationRow
from argus_http.pagination import Cursor
from argus_schemas.incident import Actor, Event
from argus_schemas.words import EventType

Ack = tuple[Event, datetime | None]
"""The event of an acknowledgement, and when it expires."""

_PLACE = tuple_(EventRow.occurred_at, EventRow.id)
_NEWEST_FIRST = (EventRow.occurred_at.desc(), EventRow.id.desc())
_OLDEST_FIRST = (EventRow.occurred_at, EventRow.id)

T = TypeVar("T", bound=Select[*tuple[Any, ...]])


async def events(session: AsyncSession, incident: int | None, cursor: Cursor | None, size: int) -> Sequence[Event]:
    """Return the next `size` events and one more, of an incident or of all; newest first, or as the cursor looks."""
    found = events_with_actors() if incident is None else events_with_actors().where(EventRow.incident_id == incident)
    return [event_of(row, username) for row, username in await session.execute(_paged(found, cursor, size))]


async def event(session: AsyncSession, incident: int, pk: int) -> Event | None:
    """Return an event of an incident."""
    found = (
        await session.execute(events_with_actors().where(EventRow.incident_id == incident, EventRow.id == pk))
    ).first()
    return None if found is None else event_of(*found)


async def acknowledgements(session: AsyncSession, incident: int, cursor: Cursor | None, size: int) -> Sequence[Ack]:
    """Return the next `size` acks of an incident and one more, those that have expired included."""
    found = await session.execute(_paged(_acks().where(AckRow.incident_id == incident), cursor, size))
    return [(event_of(row, username), expires_at) for row, username, expires_at in found]


async def acknowledgement(session: AsyncSession, incident: int, pk: int) -> Ack | None:
    """Return an ack of an incident."""
    found = (await session.execute(_acks().where(AckRow.incident_id == incident, AckRow.event_id == pk))).first()
    return None if found is None else (event_of(found[0], found[1]), found[2])


async def notifications(
    session: AsyncSession, incident: int, owner: int | None, most: int
) -> Sequence[NotificationRow]:
    """Return the notifications about an incident, newest first; of one owner, or of all."""
    found = select(NotificationRow).where(NotificationRow.incident_id == incident)
    if owner is not None:
        found = found.where(NotificationRow.owner_id == owner)
    newest_first = NotificationRow.updated_at.desc(), NotificationRow.id
    return (await session.scalars(found.order_by(*newest_first).limit(most))).all()


async def attempts(
    session: AsyncSession, notifications: Sequence[NotificationRow]
) -> Mapping[UUID, Sequence[AttemptRow]]:
    """Return the attempts to deliver each of these notifications, oldest first."""
    found = select(AttemptRow).where(AttemptRow.notification_id.in_([each.id for each in notifications]))
    by_notification: defaultdict[UUID, list[AttemptRow]] = defaultdict(list)
    for row in await session.scalars(found.order_by(AttemptRow.replay, AttemptRow.attempt)):
        by_notification[row.notification_id].append(row)
    return by_notification


def _paged(found: T, cursor: Cursor | None, size: int) -> T:
    if cursor is None:
        return found.order_by(*_NEWEST_FIRST).limit(size + 1)
    place = tuple_(literal(cursor.moment), literal(cursor.pk))
    after = place < _PLACE if cursor.back else place > _PLACE
    return found.where(after).order_by(*(_OLDEST_FIRST if cursor.back else _NEWEST_FIRST)).limit(size + 1)


def events_with_actors() -> Select[EventRow, str | None]:
    """Return what finds events, each beside the name of its actor."""
    return select(EventRow, UserRow.username).outerjoin(UserRow, UserRow.id == EventRow.actor_id)


def _acks() -> Select[EventRow, str | None, datetime | None]:
    return (
        select(EventRow, UserRow.username, AckRow.expires_at)
        .join(AckRow, AckRow.event_id == EventRow.id)
        .outerjoin(UserRow, UserRow.id == EventRow.actor_id)
    )


def event_of(row: EventRow, username: str | None) -> Event:
    """Return an event as it is read."""
    return Event(
        pk=row.id,
        event_id=row.event_id,
        incident=row.incident_id,
        type=EventType(row.type),
        actor=Actor(pk=row.actor_id, username=username or ""),
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        description=row.description,
    )
