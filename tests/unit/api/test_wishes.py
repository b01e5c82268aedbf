"""Bodies about configuration say what Argus understands, or are refused in its words."""

from datetime import time

import pytest

from argus_api.wishes.filters import blob
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


@pytest.mark.parametrize("value", [True, 1.5, [], {}, None])
def test_a_pk_is_a_number(value):
    with pytest.raises(Wrong, match="Incorrect type"):
        pk(value)


def test_pks_count_once_and_a_text_of_digits_is_one():
    assert pks([3, "2", 3]) == [3, 2]
    with pytest.raises(Wrong, match="does not exist"):
        pks([10**30])
