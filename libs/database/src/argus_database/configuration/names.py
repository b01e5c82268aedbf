"""Names of what people configure."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from argus_database.tables.profiles import ProfileRow


async def profile_names(session: AsyncSession, user: int, where: ColumnElement[bool]) -> Sequence[str]:
    """Return how the user's profiles that fit are called: by their name, else by their timeslot's.

    Those of others are counted: their names are nobody else's business, and may be many.
    """
    mine = select(ProfileRow).options(joinedload(ProfileRow.timeslot)).where(where, ProfileRow.user_id == user)
    names = [row.name or row.timeslot.name for row in await session.scalars(mine.order_by(ProfileRow.id))]
    theirs = select(func.count()).select_from(ProfileRow).where(where, ProfileRow.user_id != user)
    others = await session.scalar(theirs)
    return [*names, f"{others} of other users"] if others else names
