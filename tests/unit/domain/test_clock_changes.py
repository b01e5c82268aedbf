"""Timeslots follow the clocks on the wall: where these jump, minutes are missing or come twice.

The oracle asks each minute of a day's clock face how often it comes; the code is asked about each minute that passes.
"""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_domain.timeslots import contains
from argus_schemas.schedules import Recurrence, Timeslot

MINUTE = timedelta(minutes=1)
CHANGES = {
    "Europe/Oslo": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/Chicago": (date(2026, 3, 8), date(2026, 11, 1)),
    "Australia/Sydney": (date(2026, 4, 5), date(2026, 10, 4)),
    "Asia/Kathmandu": (date(2026, 3, 29), date(2026, 10, 25)),
}
"""Days on which the clocks change; in Kathmandu, 5:45 before Greenwich, they never do."""

DAYS = [(zone, day + timedelta(shift)) for zone, days in CHANGES.items() for day in days for shift in (-1, 0, 1)]
LENGTHS = {
    ("Europe/Oslo", date(2026, 3, 29)): 23 * 60, ("Europe/Oslo", date(2026, 10, 25)): 25 * 60,
    ("America/Chicago", date(2026, 3, 8)): 23 * 60, ("America/Chicago", date(2026, 11, 1)): 25 * 60,
    ("Australia/Sydney", date(2026, 4, 5)): 25 * 60, ("Australia/Sydney", date(2026, 10, 4)): 23 * 60,
}  # fmt: skip

minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
weekdays = st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days)))
recurrences = (
    st.tuples(weekdays, minutes, minutes)
    .filter(lambda drawn: drawn[1] != drawn[2])
    .map(lambda drawn: Recurrence(days=drawn[0], start=drawn[1], end=drawn[2]))
)


def comes(wall, zone):
    """Tell how often a minute of the clock face comes: not at all, once, or twice."""
    moments = {wall.replace(tzinfo=ZoneInfo(zone), fold=fold).astimezone(UTC) for fold in (0, 1)}
    return sum(moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None) == wall for moment in moments)


def wanted(recurrence, wall):
    """Tell whether a minute of the clock face lies in the recurrence, by the day on which that began."""
    begun_today = wall.isoweekday() in recurrence.days
    begun_yesterday = (wall - timedelta(1)).isoweekday() in recurrence.days
    if recurrence.start < recurrence.end:
        return begun_today and recurrence.start <= wall.time() <= recurrence.end
    return (begun_today and wall.time() >= recurrence.start) or (begun_yesterday and wall.time() <= recurrence.end)


def oracle(slots, zone, day):
    """Count the active minutes of a local day, one minute of the clock face after the other."""
    face = [datetime.combine(day, time(hour, minute)) for hour in range(24) for minute in range(60)]
    return sum(comes(wall, zone) for wall in face if any(wanted(each, wall) for each in slots))


def counted(slots, zone, day):
    """Count the minutes that pass on a local day and that the timeslot contains."""
    timeslot = Timeslot(pk=1, name="s", zone=zone, recurrences=slots)
    first = datetime.combine(day, time(), UTC) - timedelta(hours=15)
    passing = [first + number * MINUTE for number in range(60 * (24 + 30))]
    those = [moment for moment in passing if moment.astimezone(ZoneInfo(zone)).date() == day]
    return sum(contains(timeslot, moment) for moment in those)


@pytest.mark.parametrize(("zone", "day"), DAYS)
def test_a_timeslot_for_all_the_time_has_as_many_minutes_as_the_day(zone, day):
    always = Recurrence(days=(1, 2, 3, 4, 5, 6, 7), start=time.min, end=time.max)

    assert counted((always,), zone, day) == LENGTHS.get((zone, day), 24 * 60) == oracle((always,), zone, day)


@pytest.mark.parametrize("zone", CHANGES)
@given(st.data())
@settings(max_examples=25, deadline=None)
def test_active_minutes_are_those_of_the_clock_face_where_clocks_change(zone, data):
    day = data.draw(st.sampled_from([day for named, day in DAYS if named == zone]))
    slots = tuple(data.draw(st.lists(recurrences, min_size=1, max_size=3)))

    assert counted(slots, zone, day) == oracle(slots, zone, day)


@pytest.mark.parametrize(
    ("zone", "day", "start", "end", "active"),
    [
        ("Europe/Oslo", date(2026, 3, 29), time(2), time(2, 59), 0),
        ("Europe/Oslo", date(2026, 10, 25), time(2), time(2, 59), 120),
        ("America/Chicago", date(2026, 3, 8), time(22), time(6), 5 * 60 + 1 + 2 * 60),
        ("Australia/Sydney", date(2026, 4, 5), time(1, 30), time(3), 2 * 60 + 31),
        ("Asia/Kathmandu", date(2026, 3, 29), time(2), time(2, 59), 60),
    ],
)
def test_an_hour_that_is_skipped_never_counts_and_one_that_is_repeated_counts_twice(zone, day, start, end, active):
    slots = (Recurrence(days=(1, 2, 3, 4, 5, 6, 7), start=start, end=end),)

    assert counted(slots, zone, day) == active == oracle(slots, zone, day)


def test_a_timeslot_of_one_weekday_runs_into_a_day_whose_clocks_change():
    saturday_night = (Recurrence(days=(6,), start=time(22), end=time(4)),)

    found = {day: counted(saturday_night, "Europe/Oslo", date(2026, 3, day)) for day in (27, 28, 29, 30)}

    assert found == {27: 0, 28: 120, 29: 3 * 60 + 1, 30: 0}
