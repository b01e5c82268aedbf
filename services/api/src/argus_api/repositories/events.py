"""Reading events, acknowledgements and notifications of an incident."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Select, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.tables.accounts import UserRow
from argus_database.tables.incidents import AckRow, AttemptRow, EventRow, NotificationRow
from argus_schemas.incident import Actor, Event

_NEWEST_FIRST = (EventRow.occurred_at.desc(), EventRow.id.desc())


async def events(session: AsyncSession, incident: int) -> Sequence[Event]:
    """Return the events of an incident, newest first."""
    found = await session.execute(_events().where(EventRow.incident_id == incident).order_by(*_NEWEST_FIRST))
    return [_event(row, username) for row, username in found]


async def event(session: AsyncSession, incident: int, pk: int) -> Event | None:
    """Return an event of an incident."""
    found = (await session.execute(_events().where(EventRow.incident_id == incident, EventRow.id == pk))).first()
    return None if found is None else _event(*found)


async def acknowledgements(session: AsyncSession, incident: int) -> Sequence[tuple[Event, datetime | None]]:
    """Return the acks of an incident, newest first, those that have expired included."""
    found = await session.execute(_acks().where(AckRow.incident_id == incident).order_by(*_NEWEST_FIRST))
    return [(_event(row, username), expires_at) for row, username, expires_at in found]


async def acknowledgement(session: AsyncSession, incident: int, pk: int) -> tuple[Event, datetime | None] | None:
    """Return an ack of an incident."""
    found = (await session.execute(_acks().where(AckRow.incident_id == incident, AckRow.event_id == pk))).first()
    return None if found is None else (_event(found[0], found[1]), found[2])


async def notifications(session: AsyncSession, incident: int, owner: int | None) -> Sequence[NotificationRow]:
    """Return the notifications about an incident, newest first; of one owner, or of all."""
    found = select(NotificationRow).where(NotificationRow.incident_id == incident)
    if owner is not None:
        found = found.where(NotificationRow.owner_id == owner)
    return (await session.scalars(found.order_by(NotificationRow.updated_at.desc(), NotificationRow.id))).all()


async def attempts(session: AsyncSession, notifications: Sequence[NotificationRow]) -> Sequence[AttemptRow]:
    """Return the attempts to deliver these notifications, oldest first."""
    found = select(AttemptRow).where(AttemptRow.notification_id.in_([each.id for each in notifications]))
    return (await session.scalars(found.order_by(AttemptRow.replay, AttemptRow.attempt))).all()


def _events() -> Select[EventRow, str | None]:
    return select(EventRow, UserRow.username).outerjoin(UserRow, UserRow.id == EventRow.actor_id)


def _acks() -> Select[EventRow, str | None, datetime | None]:
    return (
        select(EventRow, UserRow.username, AckRow.expires_at)
        .join(AckRow, AckRow.event_id == EventRow.id)
        .outerjoin(UserRow, UserRow.id == EventRow.actor_id)
    )


def _event(row: EventRow, username: str | None) -> Event:
    return Event(
        pk=row.id,
        event_id=row.event_id,
        incident=row.incident_id,
        type=row.type,
        actor=Actor(pk=row.actor_id, username=username or ""),
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        description=row.description,
    )
