from datetime import timedelta

import pytest

from argus_domain.durations import parsed


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("90", 90),
        (" 90.5 ", 90.5),
        ("1:30", 90),
        ("01:00:00", 3600),
        ("1 00:00:01", 86401),
        ("1 day, 0:00:00", 86400),
        ("1 day 02:00:00", 93600),
        ("2 days", 172800),
        ("PT1H30M", 5400),
        ("P1DT0.5S", 86400.5),
    ],
)
def test_a_duration_is_read_in_any_of_its_ways(text, seconds):
    assert parsed(text) == timedelta(seconds=seconds)


@pytest.mark.parametrize("text", ["", "x", "P", "PT", "P1DT", "-5", "1e9", "1:2:3:4", "9" * 40, "٣"])
def test_what_is_none_is_none(text):
    assert parsed(text) is None
