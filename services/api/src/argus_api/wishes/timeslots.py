"""When a user wants to be told."""

from collections.abc import Sequence
from datetime import time
from functools import partial
from typing import Any, NamedTuple

from argus_api.wishes.values import MOST_ITEMS, name, nested, pks
from argus_database.configuration.limits import MOST_LISTS, MOST_NAMED
from argus_database.configuration.users import DAY_END, DAY_START
from argus_http.fields import Fields, Wrong, choice
from argus_http.lists import items
from argus_schemas.schedules import Recurrence

NO_TIME = "Time has wrong format. Use one of these formats instead: hh:mm[:ss[.uuuuuu]]."
START_BEFORE_END = "'start' must be before 'end'."
LONGEST_ZONE = 100
DAYS = {str(day): day for day in range(1, 8)}


class TimeslotWish(NamedTuple):
    """A timeslot as a body wishes it."""

    name: str | None
    recurrences: list[Recurrence] | None
    zone: str | None
    exceptions: Sequence[int] | None


def timeslot_wish(fields: Fields, *, whole: bool, v3: bool = False) -> TimeslotWish:
    """Return what a body says of a timeslot; date lists that it leaves out are `v3`'s alone.

    Raises:
        ApiError: 400 with the errors of all fields.
    """
    recurrences = fields.read("time_recurrences", _recurrences, None, required=whole)
    zone = fields.text("zone", longest=LONGEST_ZONE) or None
    exceptions = fields.read("exceptions", partial(pks, most=MOST_LISTS), None) if v3 else None
    wish = TimeslotWish(name(fields, required=whole), recurrences, zone, exceptions)
    fields.check()
    return wish


def recurrence(value: Any) -> Recurrence:
    """Return a recurrence; `all_day` overrides its times, and an end before its start is on the next day."""
    fields = nested(value)
    none: list[int] = []
    found = fields.read("days", days, none, required=True)
    all_day = fields.boolean("all_day")
    start = fields.read("start", _time, DAY_START, required=not all_day)
    end = fields.read("end", _time, DAY_END, required=not all_day)
    if fields.errors:
        raise Wrong(fields.errors)
    if all_day:
        start, end = DAY_START, DAY_END
    if start == end:
        raise Wrong({"non_field_errors": [START_BEFORE_END]})
    return Recurrence(days=tuple(sorted(set(found))), start=start, end=end)


def _recurrences(value: Any) -> list[Recurrence]:
    return items(value, recurrence, MOST_NAMED, of_objects=True)


def days(value: Any) -> list[int]:
    """Return the days of the week; the first that is wrong is what is wrong with all.

    Raises:
        Wrong: it is no list of days.
    """
    try:
        return items(value, partial(choice, choices=DAYS), MOST_ITEMS)
    except Wrong as wrong:
        raise Wrong(next(iter(wrong.body.values())) if isinstance(wrong.body, dict) else wrong.body) from None


def _time(value: Any) -> time:
    said = value.strip() if isinstance(value, str) else ""
    try:
        parsed = time.fromisoformat(said) if said[2:3] == ":" else None
    except ValueError:
        parsed = None
    if parsed is None or parsed.tzinfo is not None or said.startswith("24"):
        raise Wrong([NO_TIME])
    return parsed
