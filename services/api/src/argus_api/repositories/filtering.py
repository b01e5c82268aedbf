"""Incidents that stored filters accept."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import chain, zip_longest

from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.repositories.incidents import incidents
from argus_api.repositories.shown import ShownIncident
from argus_api.repositories.where import Where
from argus_domain.filters import EMPTY
from argus_domain.together import Together, together
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
    _accepted(where, together(filters, about_events=False))


def wanted(where: Where, filters: Sequence[Filter]) -> None:
    """Ask for what all filters of a profile accept, with an event that all of them accept."""
    _accepted(where, together(filters))


def _accepted(where: Where, asked: Together | None) -> None:
    if asked is None:
        where.add("false")
        return
    if asked.filter != EMPTY:
        where.fits(asked.filter)
    for tags in _by_turns(asked.clauses):
        where.fits(Filter(tags=tags))


def _by_turns(clauses: Iterable[frozenset[str]]) -> Iterator[tuple[str, ...]]:
    """Yield tags in as few groups as possible such that each has one clause of a key, as a filter does."""
    by_key: defaultdict[str, list[list[str]]] = defaultdict(list)
    for clause in sorted(map(sorted, clauses)):
        by_key[clause[0].partition("=")[0]].append(clause)
    for turn in zip_longest(*by_key.values(), fillvalue=()):
        yield tuple(chain.from_iterable(turn))
