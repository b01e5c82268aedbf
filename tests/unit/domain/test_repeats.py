"""When planned maintenance comes again; the oracle asks each day whether it is one of the rule's."""

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from itertools import islice, takewhile
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_domain.maintenance import is_under_way
from argus_domain.repeats import occurrences
from argus_schemas.configuration import Maintenance
from argus_schemas.schedules import Repeats

OSLO = ZoneInfo("Europe/Oslo")
ZONES = ("UTC", "Europe/Oslo", "America/Chicago", "Australia/Sydney", "Asia/Kathmandu")
HOUR = timedelta(hours=1)
NEW_YEAR = datetime(2026, 1, 1, tzinfo=UTC)


def a_task(starts, hours=2.0, **repeats):
    return Maintenance(
        pk=1,
        version=1,
        starts_at=starts,
        ends_at=starts + hours * HOUR,
        repeats=Repeats(**repeats) if repeats else None,
    )


def local(year, month, day, hour, minute=0):
    return datetime(year, month, day, hour, minute, tzinfo=OSLO).astimezone(UTC)


def starts(task, after, count):
    return [found.start for found in islice(occurrences(task, after), count)]


def test_a_task_that_does_not_repeat_has_one_occurrence():
    task = a_task(local(2026, 11, 25, 22))

    assert starts(task, task.starts_at, 5) == [task.starts_at]
    assert is_under_way(task, task.starts_at)
    assert is_under_way(task, task.ends_at)
    assert not is_under_way(task, task.ends_at + HOUR)
    assert not is_under_way(task, task.starts_at + timedelta(days=7))


def test_a_task_without_an_end_is_under_way_from_its_start_on():
    task = Maintenance(pk=1, version=1, starts_at=local(2026, 11, 25, 22))

    assert not is_under_way(task, task.starts_at - HOUR)
    assert is_under_way(task, task.starts_at + timedelta(days=9999))


def test_the_second_tuesday_of_each_month_comes_at_the_same_time_of_the_clock():
    task = a_task(local(2026, 2, 10, 22), every="month", days=(2,), nth=2, zone="Europe/Oslo")

    assert starts(task, task.starts_at, 4) == [
        local(2026, 2, 10, 22), local(2026, 3, 10, 22), local(2026, 4, 14, 22), local(2026, 5, 12, 22),
    ]  # fmt: skip
    assert is_under_way(task, local(2026, 4, 14, 23, 59))
    assert not is_under_way(task, local(2026, 4, 7, 23))


def test_the_last_sunday_of_a_month_is_the_one_after_which_none_comes():
    task = a_task(local(2026, 1, 25, 3), every="month", days=(7,), nth=-1, zone="Europe/Oslo")

    assert starts(task, task.starts_at, 3) == [local(2026, 1, 25, 3), local(2026, 2, 22, 3), local(2026, 3, 29, 3)]


def test_a_month_without_the_day_is_left_out():
    task = a_task(local(2026, 1, 31, 3), every="month", zone="Europe/Oslo")

    assert starts(task, task.starts_at, 3) == [local(2026, 1, 31, 3), local(2026, 3, 31, 3), local(2026, 5, 31, 3)]


def test_every_other_week_counts_from_the_week_of_the_first():
    task = a_task(local(2026, 11, 25, 22), every="week", interval=2, days=(1, 3), zone="Europe/Oslo")

    assert starts(task, task.starts_at, 4) == [
        local(2026, 11, 25, 22), local(2026, 12, 7, 22), local(2026, 12, 9, 22), local(2026, 12, 21, 22),
    ]  # fmt: skip


def test_nothing_begins_after_until():
    begin = local(2026, 11, 25, 22)
    task = a_task(begin, every="day", until=begin + timedelta(days=2))

    assert starts(task, begin, 9) == [begin, begin + timedelta(days=1), begin + timedelta(days=2)]


def test_a_night_of_maintenance_lasts_as_long_on_the_clock_where_clocks_change():
    task = a_task(local(2026, 3, 27, 22), hours=8, every="day", zone="Europe/Oslo")

    nights = [(each.start, each.end) for each in islice(occurrences(task, task.starts_at), 3) if each.end]

    assert [(end - start) / HOUR for start, end in nights] == [8, 7, 8]
    assert {end.astimezone(OSLO).hour for _start, end in nights} == {6}


FIRST, LAST = datetime(1, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, 23, 59, tzinfo=UTC)


@pytest.mark.parametrize("moment", [FIRST, FIRST + 12 * HOUR, LAST - 20 * HOUR, LAST])
@pytest.mark.parametrize("zone", ZONES)
def test_moments_at_the_end_of_the_calendar_are_answered(zone, moment):
    moment = moment.replace(tzinfo=UTC)
    for begin in (
        datetime(1, 1, 1, 1, tzinfo=UTC),
        datetime(2026, 1, 1, tzinfo=UTC),
        datetime(9999, 12, 31, 20, tzinfo=UTC),
    ):
        task = a_task(begin, every="week", zone=zone)
        assert is_under_way(task, moment) in (True, False)
        assert len(list(islice(occurrences(task, moment), 3))) <= 3


def test_what_repeats_has_an_end_within_seven_days():
    begin = local(2026, 11, 25, 22)
    for ends_at in (None, begin + timedelta(days=8)):
        with pytest.raises(ValueError, match="within 7 days"):
            Maintenance(pk=1, version=1, starts_at=begin, ends_at=ends_at, repeats=Repeats(every="day"))


@pytest.mark.parametrize(
    "fields",
    [{"every": "month", "nth": 2}, {"every": "week", "nth": 1, "days": (1,)}, {"every": "day", "days": (1,)},
     {"every": "month", "days": (1,)}, {"every": "day", "zone": "Nowhere/Else"}],
)  # fmt: skip
def test_a_rule_whose_fields_do_not_go_together_is_none(fields):
    with pytest.raises(ValueError, match=r"nth|days|zone"):
        Repeats(**fields)


def wanted(repeats, first, day):
    """Tell whether an occurrence begins on `day`, by counting through all days since the first."""
    if day == first:
        return True
    if repeats.every == "day":
        return (day - first).days % repeats.interval == 0
    if repeats.every == "week":
        monday = first - timedelta(days=first.weekday())
        weeks = sum(1 for number in range((day - monday).days + 1) if (monday + timedelta(number)).weekday() == 0) - 1
        return weeks % repeats.interval == 0 and day.isoweekday() in (repeats.days or (first.isoweekday(),))
    if (12 * (day.year - first.year) + day.month - first.month) % repeats.interval:
        return False
    if repeats.nth is None:
        return day.day == first.day
    of_month = [day.replace(day=number) for number in range(1, monthrange(day.year, day.month)[1] + 1)]
    alike = [each for each in of_month if each.isoweekday() == day.isoweekday()]
    return day.isoweekday() in repeats.days and alike.index(day) == (
        repeats.nth if repeats.nth < 0 else repeats.nth - 1
    ) % len(alike)


weekdays = st.sets(st.integers(1, 7), min_size=1).map(lambda days: tuple(sorted(days)))
rules = st.one_of(
    st.fixed_dictionaries({"every": st.just("day")}),
    st.fixed_dictionaries({"every": st.just("week"), "days": st.one_of(st.just(()), weekdays)}),
    st.fixed_dictionaries({"every": st.just("month")}),
    st.fixed_dictionaries({"every": st.just("month"), "days": weekdays, "nth": st.sampled_from([-1, 1, 2, 3, 4])}),
)


moments = st.integers(0, 60 * 24 * 365).map(lambda minutes: NEW_YEAR + timedelta(minutes=minutes))


@given(rules, st.integers(1, 5), st.sampled_from(ZONES), moments, st.floats(0.5, 24 * 7), st.integers(0, 120))
@settings(max_examples=150, deadline=None)
def test_occurrences_are_those_of_the_calendar(rule, interval, zone, begin, hours, days_on):
    task = a_task(begin, hours=hours, interval=interval, zone=zone, **rule)
    first = begin.astimezone(ZoneInfo(zone)).date()
    moment = begin + timedelta(days=days_on, hours=5)

    there = list(takewhile(lambda each: each.start < begin + timedelta(days=200), occurrences(task, begin)))

    begun = [each.start.astimezone(ZoneInfo(zone)).date() for each in there]
    days = [first + timedelta(number) for number in range((begun[-1] - first).days + 1)]
    assert begun == [day for day in days if wanted(task.repeats, first, day)]
    not_over = [each for each in there if each.end >= moment]
    assert list(islice(occurrences(task, moment), len(not_over))) == not_over
    assert is_under_way(task, moment) == any(each.contains(moment) for each in there)
