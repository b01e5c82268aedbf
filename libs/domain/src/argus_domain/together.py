"""What several filters ask that all have to fit, said once: a profile may have hundreds that ask the same."""

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from argus_domain.filters import is_empty, tags_by_key
from argus_schemas.configuration import Filter

CHOICES = ("sourceSystemIds", "source_types", "event_types")
STATES = ("open", "acked", "stateful")


class Together(NamedTuple):
    """What filters ask together."""

    filter: Filter
    """Without tags; empty: nothing else."""
    clauses: frozenset[frozenset[str]]
    """Of each the incident has to carry a tag; those of one clause have the same key."""


def together(filters: Sequence[Filter], *, about_events: bool = True) -> Together | None:
    """Return what the filters ask together; None where nothing can fit them all.

    Args:
        filters: Without any, or with an empty one, nothing fits.
        about_events: Whether the types of events that they name count.
    """
    if not filters or any(map(is_empty, filters)):
        return None
    asked: dict[str, Any] = {}
    for name in CHOICES if about_events else CHOICES[:2]:
        named = [frozenset(value) for value in _set(filters, name)]
        asked[name] = tuple(sorted(frozenset.intersection(*named))) if named else ()
        if named and not asked[name]:
            return None
    for name in STATES:
        values = {*_set(filters, name)} - {None}
        if len(values) > 1:
            return None
        asked[name] = next(iter(values), None)
    asked["maxlevel"] = min((filter_.maxlevel for filter_ in filters if filter_.maxlevel is not None), default=None)
    asked["hide_closed_acked"] = any(filter_.hide_closed_acked for filter_ in filters)
    clauses = frozenset(clause for filter_ in filters for clause in tags_by_key(filter_).values())
    return Together(Filter(**asked), clauses)


def _set(filters: Iterable[Filter], name: str) -> list[Any]:
    """Return the values of a field where they ask something; `false` does."""
    return [value for filter_ in filters if (value := getattr(filter_, name)) not in (None, ())]
