"""What rules ask of an event, taken apart into questions that an index can answer for all rules at once."""

from collections.abc import Collection, Hashable, Iterable
from functools import cache, lru_cache, reduce
from typing import NamedTuple

from argus_domain.filters import CONDITIONS, Condition, condition_of, fits_condition, is_empty, tags_by_key
from argus_schemas.configuration import Filter
from argus_schemas.incident import Event, Incident
from argus_schemas.words import EventType, Level

Accepted = frozenset[Hashable] | None
"""The values that a rule accepts; None: any."""


class Asked(NamedTuple):
    """What a rule accepts; it fits where it accepts all of an event's values and, of each clause, one of its tags."""

    sources: Accepted
    source_types: Accepted
    levels: Accepted
    conditions: Accepted
    event_types: Accepted
    clauses: tuple[frozenset[str], ...]

    @property
    def values(self) -> tuple[Accepted, ...]:
        """The accepted values, in the order of `Given.values`."""
        return self[:-1]


class Given(NamedTuple):
    """What an event and its incident are, as far as rules ask."""

    source: int
    source_type: str
    level: int
    condition: Condition
    event_type: EventType
    tags: tuple[str, ...]

    @property
    def values(self) -> tuple[Hashable, ...]:
        """One value for each of `Asked.values`."""
        return self[:-1]


def given(incident: Incident, event: Event) -> Given:
    """Return what rules may ask about the event, the incident being as it is after it."""
    return Given(
        incident.source.pk,
        incident.source.type,
        incident.level,
        condition_of(incident, event.received_at),
        event.type,
        tuple(map(str, incident.tags)),
    )


def asked(filters: Collection[Filter], *, about_events: bool = True) -> Asked | None:
    """Return what filters ask together, which all have to fit; None where nothing can fit them.

    Args:
        filters: With the fallback's conditions already; without any filter, or with an empty one, nothing fits.
        about_events: Whether the types of events that they name count (maintenance covers all).
    """
    if not filters or any(map(is_empty, filters)):
        return None
    found = Asked(
        _both(frozenset(each.sourceSystemIds) or None for each in filters),
        _both(frozenset(each.source_types) or None for each in filters),
        _both(_levels(each.maxlevel) for each in filters),
        _both(_conditions(each.open, each.acked, each.stateful, hide=each.hide_closed_acked) for each in filters),
        _both(_event_types(each.event_types) for each in filters) if about_events else None,
        tuple(dict.fromkeys(clause for each in filters for clause in tags_by_key(each).values())),
    )
    return None if frozenset() in found.values else found


def _both(groups: Iterable[Accepted]) -> Accepted:
    """Return what all groups accept."""
    limits = [group for group in groups if group is not None]
    return reduce(frozenset.__and__, limits) if limits else None


@cache
def _levels(highest: int | None) -> Accepted:
    return None if highest is None else frozenset(level for level in Level if level <= highest)


@cache
def _conditions(open_: bool | None, acked: bool | None, stateful: bool | None, *, hide: bool) -> Accepted:
    filter_ = Filter(open=open_, acked=acked, stateful=stateful, hide_closed_acked=hide)
    fitting = frozenset(condition for condition in CONDITIONS if fits_condition(filter_, condition))
    return None if len(fitting) == len(CONDITIONS) else fitting


@lru_cache(maxsize=1024)
def _event_types(named: tuple[EventType, ...]) -> Accepted:
    return frozenset(named) or None
