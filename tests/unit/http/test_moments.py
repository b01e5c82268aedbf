import re
from contextlib import suppress
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus_http.moments import FORMAT_ERROR, RANGE_ERROR, parsed, parsed_end, shown

OSLO = ZoneInfo("Europe/Oslo")


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2026-11-25T01:00:00Z", datetime(2026, 11, 25, 1, tzinfo=UTC)),
        ("2026-11-25 01:00+01:00", datetime(2026, 11, 25, 0, tzinfo=UTC)),
        ("2026-11-25T01:00:00.123456", datetime(2026, 11, 25, 0, 0, 0, 123456, tzinfo=UTC)),
        ("2026-11-25", datetime(2026, 11, 24, 23, tzinfo=UTC)),
        ("2026-1-5 3:04", datetime(2026, 1, 5, 2, 4, tzinfo=UTC)),
        ("2026-1-5T3:04:05,5-0130", datetime(2026, 1, 5, 4, 34, 5, 500000, tzinfo=UTC)),
    ],
)
def test_a_moment_is_read_in_the_zone_of_the_server_unless_it_has_its_own(text, moment):
    assert parsed(text, OSLO) == moment


@pytest.mark.parametrize("text", ["", "foo", "infinity", "12345", "2026-13-01T00:00:00Z", "2026-02-30 1:2", "24:00"])
def test_what_is_no_moment_is_refused_in_arguss_words(text):
    with pytest.raises(ValueError, match=re.escape(FORMAT_ERROR)):
        parsed(text, UTC)


@pytest.mark.parametrize("text", ["9999-12-31T23:59:59.999999-01:00", "0001-01-01T00:00:00+01:00"])
def test_a_moment_beyond_all_calendars_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(RANGE_ERROR)):
        parsed(text, UTC)


@pytest.mark.parametrize("text", ["infinity", "9999-12-31T23:59:59.999999", "9999-12-31T23:59:59.999999+01:00"])
def test_the_last_moment_of_the_servers_clock_is_infinity(text):
    assert parsed_end(text, OSLO) is None


def test_the_last_moment_of_another_clock_is_out_of_range():
    with pytest.raises(ValueError, match=re.escape(RANGE_ERROR)):
        parsed_end("9999-12-31T23:59:59.999999Z", OSLO)


@pytest.mark.parametrize(
    ("zone", "text"),
    [
        (UTC, "2026-11-25T00:00:00Z"),
        (OSLO, "2026-11-25T01:00:00+01:00"),
        (ZoneInfo("America/New_York"), "2026-11-24T19:00:00-05:00"),
    ],
)
def test_a_moment_is_shown_in_the_zone_of_the_server(zone, text):
    assert shown(datetime(2026, 11, 25, tzinfo=UTC), zone) == text


@given(st.datetimes(timezones=st.just(UTC)), st.sampled_from([UTC, OSLO, ZoneInfo("Asia/Kolkata")]))
def test_what_is_shown_is_read_as_the_same_moment(moment, zone):
    try:
        moment.astimezone(zone)
    except OverflowError:
        return
    assert parsed(str(shown(moment, zone)), zone) == moment


@given(st.text(max_size=40))
def test_any_text_is_a_moment_or_refused(text):
    with suppress(ValueError):
        assert parsed(text, UTC).tzinfo is UTC
