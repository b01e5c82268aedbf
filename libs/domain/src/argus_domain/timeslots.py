"""Timeslots: when a user wants to be told, on the clocks of the timeslot's zone (design 6.4)."""

from datetime import UTC, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

from argus_schemas.schedules import Recurrence, Timeslot

SUNDAY = 7


def contains(timeslot: Timeslot, moment: datetime) -> bool:
    """Tell whether any recurrence contains `moment`; without recurrences, never."""
    weekday, clock = _local(timeslot.zone, moment)
    return any(_recurs(recurrence, weekday, clock) for recurrence in timeslot.recurrences)


@lru_cache(maxsize=64)
def _local(zone: str, moment: datetime) -> tuple[int, time]:
    """Return the local weekday and time; in UTC where the zone's clock would show a year before 1 or after 9999.

    The timeslots of very many users are asked about one moment, on the clocks of few zones.
    """
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except OverflowError:
        local = moment.astimezone(UTC)
    return local.isoweekday(), local.time()


def _recurs(recurrence: Recurrence, weekday: int, clock: time) -> bool:
    """Both ends belong to it; one that ends before it starts runs into the day after each of its days."""
    today = weekday in recurrence.days
    if recurrence.start <= recurrence.end:
        return today and recurrence.start <= clock <= recurrence.end
    yesterday = (weekday - 1 or SUNDAY) in recurrence.days
    return (today and clock >= recurrence.start) or (yesterday and clock <= recurrence.end)
