"""When: times of the week, dates that are left out, and what repeats."""

from datetime import date, time, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta

from argus_schemas.facts import Fact, Moment, Pk

MOST_DATES = 1000
"""In one list."""

LONGEST_REPEATED = timedelta(days=7)
"""An occurrence of a maintenance task that repeats."""

Weekday = Annotated[int, Meta(ge=1, le=7)]
"""1 is Monday."""


class Recurrence(Fact, frozen=True, kw_only=True):
    """Times of the week: both ends belong to it; an end before its start lies on the next day."""

    days: tuple[Weekday, ...]
    """Where the recurrence starts."""
    start: time
    end: time


class DateList(Fact, frozen=True, kw_only=True):
    """Dates, holidays for example, that several timeslots may leave out."""

    pk: Pk
    name: str
    dates: tuple[date, ...] = ()


class Timeslot(Fact, frozen=True, kw_only=True):
    """When a user wants to be told, on the clocks of `zone` (an IANA name)."""

    pk: Pk
    name: str
    zone: str = "UTC"
    recurrences: tuple[Recurrence, ...] = ()
    exceptions: tuple[DateList, ...] = ()
    """A recurrence does not start on their dates."""

    def __post_init__(self) -> None:
        """Check the zone.

        Raises:
            ValueError: this machine knows none of that name.
        """
        check_zone(self.zone)


class Repeats(Fact, frozen=True, kw_only=True):
    """How a planned maintenance task comes again: at the same time of other days, on the clocks of `zone`."""

    every: Literal["day", "week", "month"]
    interval: Annotated[int, Meta(ge=1, le=99)] = 1
    """2: every other one."""
    days: tuple[Weekday, ...] = ()
    """Of the week, or of the month together with `nth`; none: the days that the first occurrence has."""
    nth: Literal[-1, 1, 2, 3, 4] | None = None
    """Which of the month's days of that name; -1 is the last. None: the same day of the month, where it has one."""
    until: Moment | None = None
    """No occurrence begins after it."""
    zone: str = "UTC"

    def __post_init__(self) -> None:
        """Check the zone, and that `nth` belongs to days of a month.

        Raises:
            ValueError: this machine knows none of that name, or the fields do not go together.
        """
        check_zone(self.zone)
        if self.nth is not None and (self.every != "month" or not self.days):
            raise ValueError("nth says which of a month's days: every must be month, and days must name some")
        if self.days and (self.every == "day" or (self.every == "month" and self.nth is None)):
            raise ValueError("days belong to every week, or to every month together with nth")


def check_zone(name: str) -> None:
    """Check that this machine knows a time zone of that name.

    Raises:
        ValueError: it does not.
    """
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"no time zone {name!r}") from None
