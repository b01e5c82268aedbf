"""What a profile would be told of that nobody has saved: its filters may stand in the body itself."""

from typing import Annotated, Any, NamedTuple

from msgspec import UNSET, Meta, Struct, UnsetType

from argus_api.wishes.bodies import ConditionsBody, Named, Number, SomeNamed, StepBody
from argus_api.wishes.filters import blob
from argus_api.wishes.profiles import profile_wish
from argus_database.configuration.limits import MOST_NAMED
from argus_database.configuration.owned import LONGEST_NAME
from argus_database.configuration.wishes import Wish
from argus_http.fields import Fields
from argus_http.lists import items
from argus_schemas.configuration import Damping, Filter, from_blob


class SketchBody(Struct):
    """A profile to try: of `timeslot` and `timeslots` at least one, of `filters` and `conditions`, too."""

    timeslot: Number | UnsetType = UNSET
    timeslots: SomeNamed | UnsetType = UNSET
    filters: SomeNamed | UnsetType = UNSET
    conditions: list[ConditionsBody] | UnsetType = UNSET
    """Filters that are not stored."""
    destinations: Named | UnsetType = UNSET
    name: Annotated[str, Meta(max_length=LONGEST_NAME)] | None = None
    active: bool = True
    damping: Damping | None = None
    escalation: list[StepBody] | UnsetType = UNSET


class Sketch(NamedTuple):
    """A profile as a body wishes it, and its filters that are not stored."""

    wish: Wish
    conditions: list[Filter]


def sketch_wish(fields: Fields, *, whole: bool) -> Sketch:
    """Return what a body says of a profile that is not to be saved.

    Raises:
        ApiError: 400 with the errors of all fields, as for one that is.
    """
    none: list[Filter] = []
    conditions = fields.read("conditions", _filters, none)
    inline = bool(conditions) or "conditions" in fields.errors
    return Sketch(profile_wish(fields, whole=whole, v3=True, unfiltered=inline), conditions)


def _filters(value: Any) -> list[Filter]:
    return [from_blob(each) for each in items(value, blob, MOST_NAMED, of_objects=True)]
