"""Timeslots: when a user wants to be told, on the clocks of the timeslot's zone (design 6.4)."""

from datetime import datetime, time

from argus_domain.clocks import shown
from argus_schemas.schedules import Recurrence, Timeslot

SUNDAY = 7
NO_DAY = 0
"""Stands for a weekday that its date takes out; no recurrence has it."""


def contains(timeslot: Timeslot, moment: datetime) -> bool:
    """Tell whether any recurrence contains `moment`; without recurrences, never."""
    clock = shown(timeslot.zone, moment)
    today = clock.isoweekday()
    yesterday = today - 1 or SUNDAY
    if timeslot.exceptions:
        today = NO_DAY if leaves_out(timeslot, clock.toordinal()) else today
        yesterday = NO_DAY if leaves_out(timeslot, clock.toordinal() - 1) else yesterday
    return any(_recurs(recurrence, today, yesterday, clock.time()) for recurrence in timeslot.recurrences)


def leaves_out(timeslot: Timeslot, day: int) -> bool:
    """Tell whether no recurrence starts on a day, told by its ordinal, because one of the timeslot's lists has it."""
    return any(date.toordinal() == day for exception in timeslot.exceptions for date in exception.dates)


def _recurs(recurrence: Recurrence, today: int, yesterday: int, clock: time) -> bool:
    """Both ends belong to it; one that ends before it starts runs into the day after each of its days."""
    if recurrence.start <= recurrence.end:
        return today in recurrence.days and recurrence.start <= clock <= recurrence.end
    return (today in recurrence.days and clock >= recurrence.start) or (
        yesterday in recurrence.days and clock <= recurrence.end
    )
