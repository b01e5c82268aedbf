"""Filters: conditions on incidents and events, with one meaning everywhere (design 6.1, 6.2)."""

from collections import defaultdict
from datetime import datetime
from itertools import product
from typing import NamedTuple

from argus_domain.states import is_acked
from argus_schemas.configuration import Filter
from argus_schemas.incident import Event, Incident

EMPTY = Filter()


def is_empty(filter_: Filter) -> bool:
    """Tell whether no condition is set; such a filter matches nothing."""
    return filter_ == EMPTY


def with_fallback(filter_: Filter, fallback: Filter) -> Filter:
    """Return the filter with the fallback's conditions where it has none; `false` is a condition."""
    if fallback is EMPTY:
        return filter_
    unset = [name for name in filter_.__struct_fields__ if getattr(filter_, name) in (None, ())]
    return filter_.but(**{name: getattr(fallback, name) for name in unset}) if unset else filter_


def fits_event(filter_: Filter, event: Event) -> bool:
    """Tell whether the filter accepts events of this type."""
    return not filter_.event_types or event.type in filter_.event_types


def fits_incident(filter_: Filter, incident: Incident, at: datetime) -> bool:
    """Tell whether the filter accepts the incident as it is at `at`; an empty one accepts none."""
    return (
        not is_empty(filter_)
        and (not filter_.sourceSystemIds or incident.source.pk in filter_.sourceSystemIds)
        and (not filter_.source_types or incident.source.type in filter_.source_types)
        and (filter_.maxlevel is None or incident.level <= filter_.maxlevel)
        and fits_condition(filter_, condition_of(incident, at))
        and _fits_tags(filter_, incident)
    )


class Condition(NamedTuple):
    """What an incident is at a moment, as far as filters ask."""

    stateful: bool
    ended: bool
    acked: bool


CONDITIONS = tuple(Condition(*each) for each in product((False, True), repeat=len(Condition._fields)))
"""All that there are."""


def condition_of(incident: Incident, at: datetime) -> Condition:
    """Return what the incident is at `at`."""
    ended = incident.ended_at is not None and incident.ended_at <= at
    return Condition(incident.stateful, ended, is_acked(incident, at))


def fits_condition(filter_: Filter, condition: Condition) -> bool:
    """Tell whether the filter accepts incidents in this condition, whatever else they are."""
    is_closed = condition.stateful and condition.ended
    is_open = condition.stateful and not condition.ended
    return (
        (filter_.stateful is None or filter_.stateful == condition.stateful)
        and (filter_.open is None or (is_open if filter_.open else is_closed))
        and (filter_.acked is None or filter_.acked == condition.acked)
        and not (filter_.hide_closed_acked and condition.acked and is_closed)
    )


def _fits_tags(filter_: Filter, incident: Incident) -> bool:
    """OR within a key, AND across keys; a text without `=` names no tag."""
    wanted = defaultdict(set)
    for text in filter_.tags:
        wanted[text.partition("=")[0]].add(text)
    carried = {str(tag) for tag in incident.tags}
    return all(not texts.isdisjoint(carried) for texts in wanted.values())
