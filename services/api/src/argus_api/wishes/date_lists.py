"""Which days timeslots may leave out."""

from datetime import date
from functools import partial
from typing import Any, NamedTuple

from argus_api.wishes.values import name
from argus_http.fields import Fields, Wrong
from argus_http.lists import items
from argus_schemas.schedules import MOST_DATES

NO_DATE = "Date has wrong format. Use one of these formats instead: YYYY-MM-DD."


class DateListWish(NamedTuple):
    """A date list as a body wishes it."""

    name: str | None
    dates: list[date] | None


def date_list_wish(fields: Fields, *, whole: bool) -> DateListWish:
    """Return what a body says of a date list.

    Raises:
        ApiError: 400 with the errors of all fields.
    """
    dates = fields.read("dates", partial(items, read=day, most=MOST_DATES), None, required=whole)
    wish = DateListWish(name(fields, required=whole), dates)
    fields.check()
    return wish


def day(value: Any) -> date:
    """Return a date.

    Raises:
        Wrong: it is none.
    """
    said = value.strip() if isinstance(value, str) else ""
    try:
        # The library also reads other formats, such as weeks.
        parsed = date.fromisoformat(said) if (said[4:5], said[7:8], len(said)) == ("-", "-", 10) else None
    except ValueError:
        parsed = None
    if parsed is None:
        raise Wrong([NO_DATE])
    return parsed
