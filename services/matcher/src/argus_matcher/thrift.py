"""Equal parts of documents are kept once: thousands of users say "always" in the same words."""

from functools import lru_cache
from sys import intern

from argus_schemas.configuration import Filter, Maintenance, NamedFilter, Profile
from argus_schemas.schedules import DateList, Recurrence, Timeslot

MOST_PARTS = 16_384
"""Kept of each kind, the ones seen last; what is not among them is kept as often as it is said."""


def thrifty(document: Profile | Maintenance) -> Profile | Maintenance:
    """Return an equal document that shares its parts with others."""
    if isinstance(document, Maintenance):
        return document
    return document.but(
        filters=tuple(map(_named, document.filters)), timeslots=tuple(map(_timeslot, document.timeslots))
    )


@lru_cache(MOST_PARTS)
def _timeslot(timeslot: Timeslot) -> Timeslot:
    return timeslot.but(
        zone=intern(timeslot.zone),
        recurrences=_recurrences(timeslot.recurrences),
        exceptions=tuple(map(_dates, timeslot.exceptions)),
    )


@lru_cache(MOST_PARTS)
def _recurrences(recurrences: tuple[Recurrence, ...]) -> tuple[Recurrence, ...]:
    return recurrences


@lru_cache(MOST_PARTS)
def _dates(dates: DateList) -> DateList:
    return dates


def _named(named: NamedFilter) -> NamedFilter:
    return named.but(filter=_filter(named.filter))


def _filter(filter_: Filter) -> Filter:
    return filter_.but(tags=tuple(map(intern, filter_.tags)), source_types=_words(filter_.source_types))


@lru_cache(MOST_PARTS)
def _words(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(map(intern, words))
