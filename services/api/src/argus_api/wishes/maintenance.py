"""When and about what nobody needs to be told."""

from collections.abc import Sequence
from datetime import datetime, tzinfo
from functools import partial
from typing import Any, Literal, NamedTuple, get_args

from msgspec import UNSET, UnsetType

from argus_api.wishes.timeslots import LONGEST_ZONE, days
from argus_api.wishes.values import flag, nested, number_of, pks
from argus_database.configuration.errors import Refused
from argus_database.configuration.maintenance import FOREVER, LONGEST_DESCRIPTION
from argus_database.configuration.timeslots import check_zone
from argus_http.fields import Fields, Wrong, choice, text
from argus_http.moments import FORMAT_ERROR, INFINITY
from argus_schemas.schedules import Repeats

Every = Literal["day", "week", "month"]
Nth = Literal[-1, 1, 2, 3, 4]
EVERY: dict[str, Every] = {each: each for each in get_args(Every)}
NTH: dict[str, Nth] = {str(each): each for each in get_args(Nth)}


class MaintenanceWish(NamedTuple):
    """A planned maintenance task as a body wishes it."""

    filters: Sequence[int] | None
    starts_at: datetime | None
    ends_at: datetime | None
    description: str | None
    repeats: Repeats | UnsetType | None
    tell_after: bool | None


def maintenance_wish(fields: Fields, *, whole: bool, v3: bool = False, zone_name: str = "UTC") -> MaintenanceWish:
    """Return what a body says of a task; how it comes again, and what is told after it, are `v3`'s alone.

    Raises:
        ApiError: 400 with the errors of all fields.
    """
    wish = MaintenanceWish(
        fields.read("filters", partial(pks, some=True), None, required=whole),
        fields.moment("start_time"),
        _end(fields),
        fields.read("description", lambda value: text(value, LONGEST_DESCRIPTION), None),
        _repeats(fields, zone_name) if v3 else UNSET,
        flag(fields, "tell_after") if v3 else None,
    )
    fields.check()
    return wish


def repeats(value: Any, zone: tzinfo, zone_name: str) -> Repeats:
    """Return how a task comes again, on the server's clocks unless it names a zone.

    Raises:
        Wrong: what is wrong with which field, or with them together.
    """
    fields = nested(value, zone)
    none: list[int] = []
    every = fields.choice("every", EVERY, "day", required=True)
    interval = fields.read("interval", number_of(Repeats, "interval"), 1)
    weekdays = tuple(sorted(set(fields.read("days", days, none))))
    nth = fields.read("nth", _nth, None, null=True)
    until = fields.moment("until", null=True)
    zone_name = _zone(fields, zone_name)
    if fields.errors:
        raise Wrong(fields.errors)
    try:
        return Repeats(every=every, interval=interval, days=weekdays, nth=nth, until=until, zone=zone_name)
    except ValueError as error:
        raise Wrong({"non_field_errors": [str(error)]}) from None


def _nth(value: Any) -> Nth | None:
    return choice(value, NTH)


def _zone(fields: Fields, zone_name: str) -> str:
    zone = fields.text("zone", longest=LONGEST_ZONE) or zone_name
    try:
        check_zone(zone)
    except Refused as refused:
        fields.errors["zone"] = [refused.message]
    return zone


def _repeats(fields: Fields, zone_name: str) -> Repeats | UnsetType | None:
    if "repeats" not in fields:
        return UNSET
    return fields.read("repeats", partial(repeats, zone=fields.zone, zone_name=zone_name), None, null=True)


def _end(fields: Fields) -> datetime | None:
    """Return the end; null is `FOREVER`, as is the last moment of the server's clock, but not the word."""
    if "end_time" not in fields:
        return None
    said = fields.raw("end_time")
    if said is None:
        return FOREVER
    if isinstance(said, str) and said.strip() == INFINITY:
        fields.errors["end_time"] = [FORMAT_ERROR]
        return None
    return fields.end("end_time") or FOREVER
