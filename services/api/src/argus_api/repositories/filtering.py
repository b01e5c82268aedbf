"""Incidents that stored filters accept."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.repositories.incidents import incidents
from argus_api.repositories.shown import ShownIncident
from argus_api.repositories.where import Where
from argus_domain.filters import EMPTY
from argus_schemas.configuration import Filter

MOST_PREVIEWED = 1000
"""Rows of an answer without pages."""


async def newest(session: AsyncSession, where: Where) -> Sequence[ShownIncident]:
    """Return the newest incidents that fit, as many as a preview shows."""
    rows, _ = await incidents(session, where, None, MOST_PREVIEWED)
    return rows[:MOST_PREVIEWED]


def covered(where: Where, starts_at: datetime, ends_at: datetime | None, filters: Sequence[Filter]) -> None:
    """Ask for the open incidents that planned maintenance covers at the moment of `where`."""
    current = starts_at <= where.now and (ends_at is None or where.now <= ends_at)
    if not current:
        where.add("false")
    where.open(yes=True)
    _accepted(where, filters)


def wanted(where: Where, filters: Sequence[Filter]) -> None:
    """Ask for what all filters of a profile accept, with an event that all of them accept."""
    _accepted(where, filters)
    named = [set(filter_.event_types) for filter_ in filters if filter_.event_types]
    if named and (common := set.intersection(*named)):
        where.fits(Filter(event_types=tuple(sorted(common))))
    elif named:
        where.add("false")


def _accepted(where: Where, filters: Sequence[Filter]) -> None:
    """Ask for incidents that all filters accept, whatever happened to them; without filters there are none."""
    if not filters:
        where.add("false")
    for filter_ in filters:
        of_incidents = filter_.but(event_types=())
        if of_incidents != EMPTY or filter_ == EMPTY:  # one of event types alone accepts every incident
            where.fits(of_incidents)
