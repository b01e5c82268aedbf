"""Timeslots: when a user wants to be told, on the clocks of the timeslot's zone (design 6.4)."""

from datetime import datetime

from argus_domain.clocks import shown
from argus_schemas.schedules import Recurrence, Timeslot

SUNDAY = 7


def contains(timeslot: Timeslot, moment: datetime) -> bool:
    """Tell whether any recurrence contains `moment`; without recurrences, never."""
    clock = shown(timeslot.zone, moment)
    return any(_recurs(timeslot, recurrence, clock) for recurrence in timeslot.recurrences)


def leaves_out(timeslot: Timeslot, day: int) -> bool:
    """Tell whether no recurrence starts on a day, told by its ordinal, because one of the timeslot's lists has it."""
    return any(date.toordinal() == day for exception in timeslot.exceptions for date in exception.dates)


def _recurs(timeslot: Timeslot, recurrence: Recurrence, clock: datetime) -> bool:
    """Both ends belong to it; one that ends before it starts runs into the day after each of its days."""
    time = clock.time()
    if recurrence.start <= recurrence.end:
        return recurrence.start <= time <= recurrence.end and _began(timeslot, recurrence, clock, 0)
    return (time >= recurrence.start and _began(timeslot, recurrence, clock, 0)) or (
        time <= recurrence.end and _began(timeslot, recurrence, clock, 1)
    )


def _began(timeslot: Timeslot, recurrence: Recurrence, clock: datetime, days_ago: int) -> bool:
    if (clock.isoweekday() - days_ago or SUNDAY) not in recurrence.days:
        return False
    return not (timeslot.exceptions and leaves_out(timeslot, clock.toordinal() - days_ago))
