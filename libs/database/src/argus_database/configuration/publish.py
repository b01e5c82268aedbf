"""Documents of the rows that a write touched, into the outbox of its transaction."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from argus_database.configuration import documents, outbox
from argus_database.tables.accounts import SourceRow
from argus_database.tables.maintenance import MaintenanceRow, lasting
from argus_database.tables.profiles import DestinationRow, FilterRow, ProfileRow, TimeslotRow
from argus_schemas.codec import Written
from argus_schemas.configuration import document_key
from argus_schemas.topics import DESTINATIONS, RULES, SOURCES, Topic

Condition = ColumnElement[bool]


async def profiles(session: AsyncSession, *where: Condition) -> None:
    """Publish the profiles that fit, with all that they embed."""
    found = select(ProfileRow).options(
        joinedload(ProfileRow.user),
        selectinload(ProfileRow.filters),
        selectinload(ProfileRow.timeslots).selectinload(TimeslotRow.recurrences),
        selectinload(ProfileRow.destinations),
    )
    await _publish(session, RULES, "profile", found.where(*where).order_by(ProfileRow.id), documents.profile)


async def maintenance(session: AsyncSession, *where: Condition) -> None:
    """Publish the maintenance tasks that fit."""
    found = select(MaintenanceRow).options(selectinload(MaintenanceRow.filters))
    await _publish(
        session, RULES, "maintenance", found.where(*where).order_by(MaintenanceRow.id), documents.maintenance
    )


async def embedding_filter(session: AsyncSession, pk: int) -> None:
    """Publish whatever embeds a filter, but for tasks that have ended: what they covered stays."""
    await profiles(session, ProfileRow.filters.any(FilterRow.id == pk))
    await maintenance(session, MaintenanceRow.filters.any(FilterRow.id == pk), lasting())


async def destinations(session: AsyncSession, *where: Condition) -> None:
    """Publish the destinations that fit."""
    found = select(DestinationRow).options(joinedload(DestinationRow.user))
    await _publish(
        session, DESTINATIONS, "destination", found.where(*where).order_by(DestinationRow.id), documents.destination
    )


async def sources(session: AsyncSession, *where: Condition) -> None:
    """Publish the sources that fit, with their users and tokens."""
    found = select(SourceRow).options(joinedload(SourceRow.user), selectinload(SourceRow.tokens))
    await _publish(session, SOURCES, "source", found.where(*where).order_by(SourceRow.id), documents.source)


async def of_user(session: AsyncSession, user: int) -> None:
    """Publish whatever says something about a user."""
    await sources(session, SourceRow.user_id == user)
    await destinations(session, DestinationRow.user_id == user)
    await profiles(session, ProfileRow.user_id == user)


async def deletions(session: AsyncSession, topic: Topic[Any], kind: str, pks: Sequence[int]) -> None:
    """Publish that documents are gone."""
    await outbox.put(session, [outbox.Document(topic, document_key(kind, pk), None) for pk in pks])


async def everything(session: AsyncSession) -> None:
    """Publish all documents anew, for topics that have lost or never had them."""
    await outbox.lock(session)
    await sources(session)
    await destinations(session)
    await profiles(session)
    await maintenance(session)


async def _publish(
    session: AsyncSession, topic: Topic[Any], kind: str, found: Select[Any], document: Callable[[Any], Written]
) -> None:
    await session.flush()
    rows = (await session.scalars(found, execution_options={"populate_existing": True})).unique().all()
    await outbox.put(session, [outbox.Document(topic, document_key(kind, row.id), document(row)) for row in rows])
