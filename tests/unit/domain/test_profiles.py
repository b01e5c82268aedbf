"""When a profile asks to be told."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from argus_domain.maintenance import covers
from argus_domain.profiles import is_quiet, listens, reachable, wants
from argus_domain.timeslots import contains
from argus_schemas.configuration import EscalationStep, Filter, Maintenance, NamedFilter
from argus_schemas.schedules import DateList, Recurrence, Timeslot
from argus_schemas.words import EventType
from tests.builders import EVERYTHING, NOON, a_profile, an_event, an_incident, at

OSLO = ZoneInfo("Europe/Oslo")


def slot(days, start, end, zone="UTC"):
    recurrence = Recurrence(days=days, start=time.fromisoformat(start), end=time.fromisoformat(end))
    return Timeslot(pk=1, name="s", zone=zone, recurrences=(recurrence,))


def monday(clock, zone=UTC):
    return datetime.combine(datetime(2026, 11, 23, tzinfo=UTC), time.fromisoformat(clock), zone)


@pytest.mark.rule(181)
@pytest.mark.parametrize(
    ("clock", "inside"),
    [("07:59:59", False), ("08:00:00", True), ("16:00:00", True), ("16:00:00.000001", False), ("16:00:01", False)],
)
def test_both_ends_of_a_recurrence_belong_to_it(clock, inside):
    assert contains(slot((1,), "08:00", "16:00"), monday(clock)) == inside
    assert not contains(slot((2,), "08:00", "16:00"), monday(clock))


def test_a_timeslot_runs_on_the_clocks_of_its_zone():
    office = slot((1,), "08:00", "16:00", "Europe/Oslo")
    assert contains(office, monday("07:30", UTC))
    assert not contains(office, monday("07:30", OSLO))


@pytest.mark.parametrize(
    ("day", "clock", "inside"),
    [(23, "21:59", False), (23, "22:00", True), (24, "05:59", True), (24, "06:01", False), (23, "03:00", False)],
)
def test_an_overnight_recurrence_starts_on_its_days_and_ends_on_the_next(day, clock, inside):
    moment = datetime.combine(datetime(2026, 11, day, tzinfo=UTC), time.fromisoformat(clock), UTC)
    assert contains(slot((1,), "22:00", "06:00"), moment) == inside


def test_the_hour_that_daylight_saving_repeats_matches_twice():
    night = slot((7,), "02:00", "02:59", "Europe/Oslo")
    assert contains(night, datetime(2026, 10, 25, 0, 30, tzinfo=UTC))
    assert contains(night, datetime(2026, 10, 25, 1, 30, tzinfo=UTC))


@pytest.mark.parametrize(
    ("zone", "moment"),
    [
        ("UTC", datetime(1, 1, 1, 1, tzinfo=UTC)),  # what a program written in Go says where it has no time
        ("America/New_York", datetime(1, 1, 1, 1, tzinfo=UTC)),
        ("Pacific/Auckland", datetime(9999, 12, 31, 23, tzinfo=UTC)),
    ],
)
def test_a_moment_that_no_clock_of_the_zone_shows_is_in_a_timeslot_or_not(zone, moment):
    night = slot((1, 2, 3, 4, 5, 6, 7), "22:00", "06:00").but(zone=zone)

    assert contains(night, moment)
    assert not contains(night.but(recurrences=()), moment)


def leaving_out(timeslot, *days):
    lists = tuple(DateList(pk=number, name="l", dates=(day,)) for number, day in enumerate(days, 1))
    return timeslot.but(exceptions=lists)


def test_a_recurrence_does_not_start_on_the_dates_of_any_list():
    office = slot((1, 2), "08:00", "16:00")
    monday_off = leaving_out(office, date(2026, 12, 25), date(2026, 11, 23))

    assert contains(office, monday("09:00"))
    assert not contains(monday_off, monday("09:00"))
    assert contains(monday_off, monday("09:00") + timedelta(days=1))


def test_a_night_belongs_to_the_date_on_which_it_starts():
    night = slot((1, 2), "22:00", "06:00")
    without_monday = leaving_out(night, date(2026, 11, 23))

    assert not contains(without_monday, monday("23:00"))
    assert not contains(without_monday, monday("05:00") + timedelta(days=1))
    assert contains(without_monday, monday("05:00") + timedelta(days=2))
    assert contains(leaving_out(night, date(2026, 11, 24)), monday("05:00") + timedelta(days=1))


def test_the_dates_are_those_of_the_timeslots_own_clocks():
    evening = slot((1, 7), "00:00", "23:59", "Europe/Oslo")
    late_on_sunday = datetime(2026, 11, 22, 23, 30, tzinfo=UTC)  # in Oslo it is Monday

    assert contains(leaving_out(evening, date(2026, 11, 22)), late_on_sunday)
    assert not contains(leaving_out(evening, date(2026, 11, 23)), late_on_sunday)


def test_dates_are_left_out_at_the_end_of_the_calendar_too():
    night = leaving_out(slot((1, 2, 3, 4, 5, 6, 7), "22:00", "06:00"), date(2026, 11, 23))
    assert contains(night, datetime(1, 1, 1, 1, tzinfo=UTC))


def test_an_owner_is_quiet_until_the_moment_that_was_said():
    profile = a_profile(quiet_until=at(60))

    assert is_quiet(profile, at(59))
    assert not is_quiet(profile, at(60))
    assert not is_quiet(a_profile(), NOON)


def test_a_profile_reaches_its_destinations_and_those_of_its_escalation_once_each():
    steps = (EscalationStep(after_minutes=5, destinations=(6, 4)), EscalationStep(after_minutes=9, destinations=(6, 8)))
    assert reachable(a_profile(destinations=(4, 5), escalation=steps)) == (4, 5, 6, 8)


def test_a_timeslot_without_recurrences_never_matches():
    assert not contains(Timeslot(pk=1, name="never"), NOON)


def test_a_timeslot_in_an_unknown_zone_is_refused_where_it_is_read():
    with pytest.raises(ValueError, match="no time zone"):
        Timeslot.read(b'{"pk":1,"name":"s","zone":"Europe/Atlantis"}')


def test_a_profile_wants_what_all_its_filters_accept():
    levels = NamedFilter(pk=2, name="bad", filter=Filter(maxlevel=1))
    assert wants(a_profile(), an_incident(), an_event())
    assert not wants(a_profile(filters=(EVERYTHING, levels)), an_incident(), an_event())
    assert not wants(a_profile(filters=()), an_incident(), an_event())


@pytest.mark.parametrize(
    "changes",
    [{"active": False}, {"owner_active": False}, {"timeslots": ()}, {"timeslots": (slot((1,), "00:00", "23:59"),)}],
)
def test_a_profile_that_does_not_listen_wants_nothing(changes):
    assert not wants(a_profile(**changes), an_incident(), an_event())


def test_the_events_time_decides_not_the_incidents():
    wednesdays = a_profile(timeslots=(slot((3,), "12:00", "12:30"),))
    started_early = an_incident(start_time=at(-600))
    assert wants(wednesdays, started_early, an_event())
    assert not wants(wednesdays, started_early, an_event(occurred_at=at(31)))


def test_a_filter_on_event_types_decides_which_events_a_profile_hears():
    closes = NamedFilter(pk=2, name="closes", filter=Filter(event_types=(EventType.CLOSE,)))
    profile = a_profile(filters=(EVERYTHING, closes))
    assert not listens(profile, an_event())
    assert listens(profile, an_event(type=EventType.CLOSE))


def a_task(**changes):
    fields: dict[str, Any] = {"pk": 3, "version": 1, "starts_at": at(-5), "ends_at": at(5), "filters": (EVERYTHING,)}
    return Maintenance(**(fields | changes))


@pytest.mark.rule(210)
def test_maintenance_covers_events_of_its_time_that_all_its_filters_accept():
    narrow = NamedFilter(pk=2, name="bad", filter=Filter(maxlevel=1))
    assert covers(a_task(), an_incident(), an_event())
    assert covers(a_task(ends_at=None), an_incident(), an_event(occurred_at=at(9000)))
    assert not covers(a_task(), an_incident(), an_event(occurred_at=at(6)))
    assert not covers(a_task(filters=(EVERYTHING, narrow)), an_incident(), an_event())


def test_maintenance_without_filters_or_deleted_covers_nothing():
    assert not covers(a_task(filters=()), an_incident(), an_event())
    assert not covers(a_task(deleted=True), an_incident(), an_event())
