"""How much configuration there may be: all of it is held in memory by whoever decides who is told."""

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.errors import Refused
from argus_database.tables.base import Base
from argus_database.tables.profiles import (
    EscalationStepRow,
    ProfileRow,
    profile_destinations,
    profile_filters,
    profile_timeslots,
    step_destinations,
)

MOST_OWNED = 1000
"""Things of a kind that one user has."""

MOST_NAMED = 200
"""Things of a kind that one profile or task names, and recurrences of one timeslot."""

MOST_NAMED_BY_ALL = 5000
"""Filters, timeslots and destinations that all profiles of one user name, those of escalations too, each as often as
their list shows it."""

MOST_STEPS = 10
"""Of one profile's escalation."""

MOST_LISTS = 20
"""Of dates that one timeslot leaves out."""

MOST_LEFT_OUT = 80_000
"""Dates that the timeslots of one profile leave out, each as often as a timeslot names its list; more do not fit a
document."""

MOST_TASKS = 1000
"""Planned maintenance tasks, of all users, that have not ended."""

MOST_TYPES = 1000
"""Types of sources, which every user may add."""

LARGEST_RULES = 8 * 1024 * 1024
"""Bytes of all documents on `rules` that are made of what one user has: profiles, and tasks that have not ended."""

TOO_LARGE = f"The profiles and planned maintenance of one user can take at most {LARGEST_RULES} bytes together."

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


async def check_names(session: AsyncSession, user: int) -> None:
    """Refuse what the profiles of a user name together, as the session has it now, if that is too much.

    Raises:
        Refused: it is.
    """
    await session.flush()
    named = 0
    for link in (profile_filters, profile_timeslots, profile_destinations):
        theirs = select(func.count()).select_from(link).join(ProfileRow).where(ProfileRow.user_id == user)
        named += await session.scalar(theirs) or 0
    later = select(func.count()).select_from(step_destinations).join(EscalationStepRow)
    named += await session.scalar(later.join(ProfileRow).where(ProfileRow.user_id == user)) or 0
    if named > MOST_NAMED_BY_ALL:
        raise Refused(None, f"The profiles of one user can name at most {MOST_NAMED_BY_ALL} things together.")
