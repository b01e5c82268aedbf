"""Bodies about configuration say what Argus understands, or are refused in its words."""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

import pytest

from argus_api.wishes.date_lists import day
from argus_api.wishes.filters import blob
from argus_api.wishes.maintenance import repeats
from argus_api.wishes.profiles import damping, step
from argus_api.wishes.timeslots import recurrence
from argus_api.wishes.values import pk, pks
from argus_http.fields import Wrong


def test_conditions_that_are_not_known_are_dropped_and_unset_ones_left_out():
    said = {"open": None, "acked": "no", "tags": ["a=1"], "maxlevel": "3", "nonsense": 1}
    found = blob(said)
    assert found == {"acked": False, "tags": ["a=1"], "maxlevel": 3, "hide_closed_acked": False}


def test_each_bad_condition_is_named():
    with pytest.raises(Wrong) as wrong:
        blob({"maxlevel": 0, "tags": "a=1", "event_types": ["STA", "X"], "hide_closed_acked": None})
    assert wrong.value.body == {
        "maxlevel": ["Ensure this value is greater than or equal to 1."],
        "tags": ['Expected a list of items but got type "str".'],
        "event_types": {"1": ['"X" is not a valid choice.']},
        "hide_closed_acked": ["This field may not be null."],
    }


def test_all_day_overrides_the_times_and_days_are_sorted_once_each():
    found = recurrence({"days": ["7", 1, 7], "start": "08:00", "end": "07:00", "all_day": True})
    assert (found.days, found.start, found.end) == ((1, 7), time.min, time.max)


def test_an_end_before_the_start_lies_on_the_next_day():
    found = recurrence({"days": [], "start": "22:00:00.5", "end": "06:00"})
    assert (found.days, found.start, found.end) == ((), time(22, 0, 0, 500_000), time(6))


@pytest.mark.parametrize("text", ["24:00", "8", "08", "08:00Z", "8:00:00+01:00", "x", 800, None, ""])
def test_a_time_of_another_format_is_refused(text):
    with pytest.raises(Wrong):
        recurrence({"days": [1], "start": text, "end": "09:00"})


@pytest.mark.parametrize("text", ["2026-02-30", "20261225", "2026-W01-1", "25.12.2026", "", None, 20261225])
def test_a_date_of_another_format_is_refused(text):
    assert day(" 2026-12-25 ") == date(2026, 12, 25)
    with pytest.raises(Wrong, match="wrong format"):
        day(text)


def test_each_bad_number_of_a_profile_is_named():
    most = ["Ensure this value is less than or equal to 10080."]
    with pytest.raises(Wrong) as wrong:
        damping({"changes": "many", "minutes": 1, "summary_minutes": 10_081})
    assert wrong.value.body == {"changes": ["A valid integer is required."], "summary_minutes": most}
    with pytest.raises(Wrong) as wrong:
        step({"after_minutes": 10_081})
    assert wrong.value.body == {"after_minutes": most, "destinations": ["This field is required."]}


def test_a_moment_without_an_offset_is_on_the_servers_clocks_and_a_zone_of_its_own_is_kept():
    said = {"every": "week", "days": ["3", 1, 1], "until": "2026-12-24T18:00", "nth": None, "zone": "Asia/Tokyo"}
    found = repeats(said, ZoneInfo("Europe/Oslo"), "Europe/Oslo")
    assert (found.days, found.zone) == ((1, 3), "Asia/Tokyo")
    assert found.until == datetime(2026, 12, 24, 17, tzinfo=UTC)
    assert repeats({"every": "day"}, ZoneInfo("Europe/Oslo"), "Europe/Oslo").zone == "Europe/Oslo"


@pytest.mark.parametrize("value", [True, 1.5, [], {}, None])
def test_a_pk_is_a_number(value):
    with pytest.raises(Wrong, match="Incorrect type"):
        pk(value)


def test_pks_count_once_and_a_text_of_digits_is_one():
    assert pks([3, "2", 3]) == [3, 2]
    with pytest.raises(Wrong, match="does not exist"):
        pks([10**30])
