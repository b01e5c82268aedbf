"""What a filter shall be."""

from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple

from argus_api.wishes.values import MOST_ITEMS, flag, integer, name, nested
from argus_database.configuration.owned import LARGEST_PK
from argus_database.configuration.sources import LONGEST_TYPE
from argus_http.fields import Fields, Wrong, boolean, choice, text
from argus_http.lists import items
from argus_schemas.words import EventType

LONGEST_TAG = 700


class FilterWish(NamedTuple):
    """A filter as a body wishes it."""

    name: str | None
    filter: dict[str, Any] | None
    public: bool | None


def filter_wish(fields: Fields, *, whole: bool) -> FilterWish:
    """Return what a body says of a filter.

    Raises:
        ApiError: 400 with the errors of all fields.
    """
    wish = FilterWish(name(fields, required=whole), fields.read("filter", blob, None), flag(fields, "public"))
    fields.check()
    return wish


def conditions_wish(fields: Fields, *, whole: bool) -> dict[str, Any]:  # noqa: ARG001  none is required
    """Return the conditions that a body itself says.

    Raises:
        ApiError: 400 with the errors of all conditions.
    """
    found = _conditions(fields)
    fields.check()
    return found


def blob(value: Any) -> dict[str, Any]:
    """Return the conditions in a field of a body.

    Raises:
        Wrong: what is wrong with which condition.
    """
    fields = nested(value)
    found = _conditions(fields)
    if fields.errors:
        raise Wrong(fields.errors)
    return found


def _conditions(fields: Fields) -> dict[str, Any]:
    """Return the conditions of a filter; what is not known is dropped."""
    found = {each: fields.read(each, parse, None, null=True) for each, parse in _CONDITIONS.items()}
    found["hide_closed_acked"] = fields.boolean("hide_closed_acked")
    return {each: said for each, said in found.items() if said is not None}


def _tag(value: Any) -> str:
    said = text(value, LONGEST_TAG)
    if len(said) < 3:
        raise Wrong(["Ensure this field has at least 3 characters."])
    return said


_EVENT_TYPES = {each.value: each.value for each in EventType}
_CONDITIONS: dict[str, Callable[[Any], Any]] = {
    "sourceSystemIds": partial(items, most=MOST_ITEMS, read=integer(1, LARGEST_PK)),
    "source_types": partial(items, most=MOST_ITEMS, read=partial(text, longest=LONGEST_TYPE)),
    "tags": partial(items, most=MOST_ITEMS, read=_tag),
    "open": boolean,
    "acked": boolean,
    "stateful": boolean,
    "maxlevel": integer(1, 5),
    "event_types": partial(items, most=MOST_ITEMS, read=partial(choice, choices=_EVENT_TYPES)),
}
