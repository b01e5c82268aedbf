"""Names of what people configure."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from argus_database.tables.profiles import ProfileRow


async def profile_names(session: AsyncSession, where: ColumnElement[bool]) -> Sequence[str]:
    """Return how the profiles that fit are called: by their name, else by their timeslot's."""
    found = select(ProfileRow).options(joinedload(ProfileRow.timeslot)).where(where).order_by(ProfileRow.id)
    return [row.name or row.timeslot.name for row in await session.scalars(found)]
