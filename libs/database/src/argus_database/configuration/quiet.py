"""Quiet: until when a user wants to be told of nothing."""

from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.errors import Refused
from argus_database.tables.accounts import UserRow
from argus_database.tables.profiles import ProfileRow

LONGEST_QUIET = timedelta(days=30)


async def quiet_until(session: AsyncSession, user: int) -> datetime | None:
    """Return until when a user wants to be told of nothing; None: it is told."""
    until = await session.scalar(select(UserRow.quiet_until).where(UserRow.id == user))
    return until if until is not None and until > datetime.now(UTC) else None


async def set_quiet(session: AsyncSession, user: int, until: datetime | None) -> None:
    """Let a user be told of nothing until then, or of everything again, and publish each of its profiles.

    Raises:
        Refused: that is past, or too far ahead.
    """
    now = datetime.now(UTC)
    if until is not None and until <= now:
        raise Refused("until", "This moment is past.")
    if until is not None and until > now + LONGEST_QUIET:
        raise Refused("until", f"This moment is more than {LONGEST_QUIET.days} days ahead.")
    await outbox.lock(session)
    row = (await session.scalars(select(UserRow).where(UserRow.id == user))).one()
    if row.quiet_until != until:
        row.quiet_until = until
        await publish.profiles(session, ProfileRow.user_id == user)
