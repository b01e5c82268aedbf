"""How much configuration there may be: all of it is held in memory by whoever decides who is told."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.errors import Refused
from argus_database.tables.base import Base

MOST_OWNED = 1000
"""Things of a kind that one user has."""

MOST_NAMED = 200
"""Things of a kind that one profile or task names, and recurrences of one timeslot."""

MOST_NAMED_BY_ALL = 5000
"""Filters, timeslots and destinations that all profiles of one user name, each as often as their list shows it."""

MOST_TASKS = 1000
"""Planned maintenance tasks, of all users, that have not ended."""

MOST_TYPES = 1000
"""Types of sources, which every user may add."""

LARGEST_FILTER = 32 * 1024
"""Bytes of the conditions of a filter, as they are stored."""


async def check_room(
    session: AsyncSession, kind: type[Base], most: int, what: str, *those: ColumnElement[bool]
) -> None:
    """Refuse one more of a kind where there are `most` that fit; `what` says which in words.

    The lock of the outbox is the caller's to take, so that of two at the same time one is refused.

    Raises:
        Refused: there is no room.
    """
    found = await session.scalar(select(func.count()).select_from(kind).where(*those))
    if (found or 0) >= most:
        raise Refused(None, f"There can be at most {most} {what}.")
