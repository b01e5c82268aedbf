"""The destination that follows a user's address (specification 5.5)."""

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import publish
from argus_database.configuration.escalation import tells
from argus_database.tables.accounts import UserRow
from argus_database.tables.profiles import (
    DestinationRow,
    EscalationStepRow,
    ProfileRow,
    profile_destinations,
    step_destinations,
)
from argus_media.bundled.email import EMAIL
from argus_schemas.topics import DESTINATIONS


async def follow_address(session: AsyncSession, user: UserRow) -> None:
    """Let the user's address be a managed destination, and only that; without an address there is none.

    The lock of the outbox is the caller's to take.
    """
    mails = (await session.scalars(select(DestinationRow).where(*_mails_of(user)))).all()
    managed = next((row for row in mails if row.managed), None)
    if not user.email:
        if managed is not None:
            await _remove(session, managed)
        return
    wanted = next((row for row in mails if row.settings.get(EMAIL.key) == user.email), None)
    if wanted is None:
        wanted = DestinationRow(user_id=user.id, media=EMAIL.slug, settings={EMAIL.key: user.email})
        session.add(wanted)
    if managed is not None:
        managed.managed = False  # the address before stays, as the user's own
    wanted.managed = True
    await publish.destinations(session, *_mails_of(user))


def _mails_of(user: UserRow) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return DestinationRow.user_id == user.id, DestinationRow.media == EMAIL.slug


async def _remove(session: AsyncSession, row: DestinationRow) -> None:
    profiles = (await session.scalars(select(ProfileRow.id).where(tells(row.id)))).all()
    for link in (profile_destinations, step_destinations):
        await session.execute(delete(link).where(link.c.destination_id == row.id))
    nobody = EscalationStepRow.profile_id.in_(profiles), ~EscalationStepRow.destinations.any()
    await session.execute(delete(EscalationStepRow).where(*nobody))
    await session.delete(row)
    await publish.profiles(session, ProfileRow.id.in_(profiles))
    await publish.deletions(session, DESTINATIONS, "destination", [row.id])
