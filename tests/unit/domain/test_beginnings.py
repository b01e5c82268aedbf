"""When a timeslot begins next, against a walk through all minutes to come; clocks jump, and dates are left out."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from argus_domain.beginnings import FARTHEST, first_start, next_start
from argus_domain.timeslots import contains
from argus_schemas.schedules import DateList, Recurrence, Timeslot
from tests.builders import ALL_THE_TIME, NOON

MINUTE = timedelta(minutes=1)
JUMPS = {
    "Europe/Oslo": (date(2026, 3, 29), date(2026, 10, 25)),
    "America/Chicago": (date(2026, 3, 8), date(2026, 11, 1)),
    "America/Sao_Paulo": (date(2018, 2, 18), date(2018, 11, 4)),
    "Australia/Lord_Howe": (date(2026, 4, 5), date(2026, 10, 4)),
    "Pacific/Apia": (date(2011, 12, 30), date(2011, 12, 31)),
    "Asia/Kathmandu": (date(2026, 3, 29),),
}
"""Days on which clocks change: at midnight in Sao Paulo, by half an hour on Lord Howe, by a whole day in Apia."""

minutes = st.times().map(lambda at: at.replace(second=0, microsecond=0, tzinfo=None))
weekdays = st.sets(st.integers(1, 7), min_size=1, max_size=3).map(lambda days: tuple(sorted(days)))
short = st.builds(
    lambda days, start, length: Recurrence(days=days, start=start, end=_after(start, length)),
    weekdays, minutes, st.sampled_from([1, 30, 90, 480, 1200]),
)  # fmt: skip


def _after(start: time, length: int) -> time:
    return (datetime.combine(date(2026, 1, 1), start) + length * MINUTE).time()


@st.composite
def asked(draw):
    """A timeslot that is not awake at a moment some days from where its clocks jump."""
    zone, days = draw(st.sampled_from([(zone, day) for zone, days in JUMPS.items() for day in days]))
    left_out = draw(st.sets(st.integers(-15, 16), max_size=12))
    dates = tuple(days + timedelta(each) for each in sorted(left_out))
    timeslot = Timeslot(
        pk=1, name="s", zone=zone, recurrences=tuple(draw(st.lists(short, max_size=2))),
        exceptions=(DateList(pk=1, name="off", dates=dates),),
    )  # fmt: skip
    moment = datetime.combine(days, time(), UTC) + draw(st.integers(-3 * 1440, 2 * 1440)) * MINUTE
    assume(not contains(timeslot, moment))
    return timeslot, moment


def walked(timeslot, moment):
    """Ask about one minute after the other."""
    to_come = (moment + number * MINUTE for number in range(1, FARTHEST // MINUTE + 1))
    return next((each for each in to_come if contains(timeslot, each)), None)


@given(asked())
@settings(max_examples=25, deadline=None)
def test_a_timeslot_begins_where_a_walk_through_the_minutes_finds_it(drawn):
    assert next_start(*drawn) == walked(*drawn)


@pytest.mark.long
@given(asked())
@settings(max_examples=1000, deadline=None)
def test_a_thousand_timeslots_begin_where_a_walk_finds_them(drawn):
    assert next_start(*drawn) == walked(*drawn)


def slot(start, end, zone="Europe/Oslo", days=(1, 2, 3, 4, 5, 6, 7)):
    return Timeslot(pk=1, name="s", zone=zone, recurrences=(Recurrence(days=days, start=start, end=end),))


def test_a_time_that_is_skipped_begins_when_the_clocks_jump_over_its_start():
    night = slot(time(2, 30), time(4))

    assert next_start(night, datetime(2026, 3, 29, 0, 59, tzinfo=UTC)) == datetime(2026, 3, 29, 1, tzinfo=UTC)


def test_an_hour_that_comes_twice_begins_twice():
    night = slot(time(2, 15), time(2, 45))

    assert next_start(night, datetime(2026, 10, 25, 0, tzinfo=UTC)) == datetime(2026, 10, 25, 0, 15, tzinfo=UTC)
    assert next_start(night, datetime(2026, 10, 25, 0, 50, tzinfo=UTC)) == datetime(2026, 10, 25, 1, 15, tzinfo=UTC)


def test_nothing_begins_that_has_no_times_or_none_within_two_weeks():
    next_month = slot(time(8), time(16)).but(
        exceptions=(DateList(pk=1, name="off", dates=tuple(NOON.date() + timedelta(each) for each in range(-1, 16))),)
    )

    assert next_start(ALL_THE_TIME.but(recurrences=()), NOON) is None
    assert next_start(next_month, NOON) is None
    assert first_start([], NOON) is None
    assert first_start([next_month, slot(time(14), time(15), "UTC")], NOON) == NOON + timedelta(hours=2)


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
def test_the_ends_of_the_calendar_are_moments_like_others(moment, zone):
    found = next_start(slot(time(8), time(16), zone), moment)

    assert found is None or contains(slot(time(8), time(16), zone), found)
