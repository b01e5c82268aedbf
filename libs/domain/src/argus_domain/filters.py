"""Filters: conditions on incidents and events, with one meaning everywhere (design 6.1, 6.2)."""

from collections import defaultdict
from collections.abc import Mapping
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
    """Tell whether the filter accepts the incident as it is at `at`; an empty one accepts none.

    Each condition is a predicate of its own below, so that `explain` can say which of them does not hold.
    """
    return (
        not is_empty(filter_)
        and fits_source(filter_, incident)
        and fits_source_type(filter_, incident)
        and fits_level(filter_, incident)
        and fits_condition(filter_, condition_of(incident, at))
        and fits_tags(filter_, incident)
    )


def fits_source(filter_: Filter, incident: Incident) -> bool:
    """Tell whether the incident comes from one of the sources."""
    return not filter_.sourceSystemIds or incident.source.pk in filter_.sourceSystemIds


def fits_source_type(filter_: Filter, incident: Incident) -> bool:
    """Tell whether the incident comes from a source of one of the types."""
    return not filter_.source_types or incident.source.type in filter_.source_types


def fits_level(filter_: Filter, incident: Incident) -> bool:
    """Tell whether the incident is bad enough."""
    return filter_.maxlevel is None or incident.level <= filter_.maxlevel


def fits_tags(filter_: Filter, incident: Incident) -> bool:
    """Tell whether the incident carries one of the tags of each key."""
    if not filter_.tags:
        return True
    carried = {str(tag) for tag in incident.tags}
    return all(not texts.isdisjoint(carried) for texts in tags_by_key(filter_).values())


def tags_by_key(filter_: Filter) -> Mapping[str, frozenset[str]]:
    """Return the tags that the filter names: OR within a key, AND across keys; a text without `=` names no tag."""
    wanted: defaultdict[str, set[str]] = defaultdict(set)
    for text in filter_.tags:
        wanted[text.partition("=")[0]].add(text)
    return {key: frozenset(texts) for key, texts in wanted.items()}


class Condition(NamedTuple):
    """What an incident is at a moment, as far as filters ask."""

    stateful: bool
    ended: bool
    acked: bool

    @property
    def is_open(self) -> bool:
        """Stateful, and not ended."""
        return self.stateful and not self.ended

    @property
    def is_closed(self) -> bool:
        """Stateful, and ended."""
        return self.stateful and self.ended


CONDITIONS = tuple(Condition(*each) for each in product((False, True), repeat=len(Condition._fields)))
"""All that there are."""


def condition_of(incident: Incident, at: datetime) -> Condition:
    """Return what the incident is at `at`."""
    ended = incident.ended_at is not None and incident.ended_at <= at
    return Condition(incident.stateful, ended, is_acked(incident, at))


def fits_condition(filter_: Filter, condition: Condition) -> bool:
    """Tell whether the filter accepts incidents in this condition, whatever else they are."""
    return (
        fits_stateful(filter_, condition)
        and fits_open(filter_, condition)
        and fits_acked(filter_, condition)
        and fits_hidden(filter_, condition)
    )


def fits_stateful(filter_: Filter, condition: Condition) -> bool:
    """Tell whether it may be one that is open or closed, or one that is neither."""
    return filter_.stateful is None or filter_.stateful == condition.stateful


def fits_open(filter_: Filter, condition: Condition) -> bool:
    """Tell whether it may be open, or closed."""
    return filter_.open is None or (condition.is_open if filter_.open else condition.is_closed)


def fits_acked(filter_: Filter, condition: Condition) -> bool:
    """Tell whether it may be acknowledged, or not."""
    return filter_.acked is None or filter_.acked == condition.acked


def fits_hidden(filter_: Filter, condition: Condition) -> bool:
    """Tell whether it is not hidden for being closed and acknowledged."""
    return not (filter_.hide_closed_acked and condition.acked and condition.is_closed)
