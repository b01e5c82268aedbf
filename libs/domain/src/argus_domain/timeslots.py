"""Timeslots: when a user wants to be told, on the clocks of the timeslot's zone (design 6.4)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from argus_schemas.configuration import Recurrence, Timeslot


def contains(timeslot: Timeslot, moment: datetime) -> bool:
    """Tell whether any recurrence contains `moment`; without recurrences, never."""
    local = moment.astimezone(ZoneInfo(timeslot.zone))
    return any(_recurs(recurrence, local) for recurrence in timeslot.recurrences)


def _recurs(recurrence: Recurrence, local: datetime) -> bool:
    """Both ends belong to it; one that ends before it starts runs into the day after each of its days."""
    time = local.time()
    today = local.isoweekday() in recurrence.days
    if recurrence.start <= recurrence.end:
        return today and recurrence.start <= time <= recurrence.end
    yesterday = (local - timedelta(days=1)).isoweekday() in recurrence.days
    return (today and time >= recurrence.start) or (yesterday and time <= recurrence.end)
