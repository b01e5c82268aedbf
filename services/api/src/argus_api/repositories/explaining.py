"""What an explanation needs: an incident as it was, the maintenance of that time, and what became of an event."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, Select, literal, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from argus_api.repositories.events import event_of, events_with_actors
from argus_database.configuration import documents
from argus_database.configuration.errors import Absent
from argus_database.configuration.kinds import PROFILE
from argus_database.configuration.owned import LARGEST_PK, word
from argus_database.tables.incidents import EventRow, NotificationRow
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import ProfileRow
from argus_domain.hindsight import TURNS, Turns
from argus_schemas.base import sought
from argus_schemas.configuration import Maintenance, Profile
from argus_schemas.incident import Event
from argus_schemas.words import EventType

MOST_NOTIFICATIONS = 1000
"""Of one event and one owner."""


async def profile(session: AsyncSession, user: int, pk: int) -> Profile:
    """Return a user's own profile as the matcher knows it.

    Raises:
        Absent: it is not there, or is somebody else's.
    """
    mine = ProfileRow.user_id == user, ProfileRow.id == sought(pk, LARGEST_PK)
    row = await session.scalar(PROFILE.where(*mine))
    if row is None:
        raise Absent(word(ProfileRow), pk)
    return documents.profile(row)


async def event(session: AsyncSession, pk: int) -> Event | None:
    """Return the event of any incident."""
    found = (await session.execute(events_with_actors().where(EventRow.id == sought(pk)))).first()
    return None if found is None else event_of(*found)


async def turns(session: AsyncSession, about: Event) -> Turns:
    """Return what opened and ended the incident of an event around it."""
    theirs = EventRow.incident_id == about.incident, EventRow.type.in_(TURNS)
    newest_first = EventRow.received_at.desc(), EventRow.id.desc()
    upto = events_with_actors().where(*theirs, _upto(about)).order_by(*newest_first).limit(1)
    last = (await session.execute(upto)).first()
    later = await session.scalar(select(EventRow.id).where(*theirs, ~_upto(about)).limit(1))
    return Turns(None if last is None else event_of(*last), later is not None)


async def acks(session: AsyncSession, about: Event) -> set[int]:
    """Return the pks of the events that had acknowledged the incident of an event by then."""
    theirs = EventRow.incident_id == about.incident, EventRow.type == EventType.ACKNOWLEDGE
    return set(await session.scalars(select(EventRow.id).where(*theirs, _upto(about))))


async def maintenance(session: AsyncSession, at: datetime) -> Sequence[Maintenance]:
    """Return the planned maintenance that had begun and was not over at a moment, also if that is long ago."""
    over = MaintenanceRow.over_at
    begun = ~MaintenanceRow.deleted, MaintenanceRow.starts_at <= at, or_(over.is_(None), over >= at)
    found = select(MaintenanceRow).where(*begun).options(selectinload(MaintenanceRow.filters))
    return [documents.maintenance(row) for row in await session.scalars(found.order_by(MaintenanceRow.id))]


async def notifications(session: AsyncSession, about: Event, owner: int) -> Sequence[NotificationRow]:
    """Return what became of an event for the destinations of one owner, in order of destination."""
    theirs = NotificationRow.incident_id == about.incident, NotificationRow.event_pk == about.pk
    found: Select[NotificationRow] = select(NotificationRow).where(*theirs, NotificationRow.owner_id == owner)
    ordered = found.order_by(NotificationRow.destination_id, NotificationRow.updated_at, NotificationRow.id)
    return (await session.scalars(ordered.limit(MOST_NOTIFICATIONS))).all()


def _upto(about: Event) -> ColumnElement[bool]:
    """Return what the events fit that had come by then: in the order of the log, as nearly as rows tell."""
    return tuple_(literal(about.received_at), literal(about.pk)) >= tuple_(EventRow.received_at, EventRow.id)
