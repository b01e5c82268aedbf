"""When a failed notification is tried again."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus_dispatch.retry import DELAYS, LONGEST_RETRY_AFTER, Schedule, retry_after

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
NO_JITTER = 0.5


def wait(attempt, *, chance=NO_JITTER, asked=None, schedule=None, age=timedelta()):
    next_at = (schedule or Schedule()).next_at(attempt, NOON, NOON - age, retry_after=asked, chance=chance)
    return None if next_at is None else (next_at - NOON).total_seconds()


def test_the_delays_grow_and_the_last_one_repeats():
    assert [wait(attempt) for attempt in range(1, 10)] == [2, 10, 30, 120, 600, 1800, 7200, 7200, 7200]


@given(st.integers(1, 20), st.floats(0, 1, exclude_max=True))
def test_a_delay_is_at_most_a_fifth_longer_or_shorter(attempt, chance):
    plain = DELAYS[min(attempt, len(DELAYS)) - 1]

    assert 0.8 * plain - 1e-6 <= wait(attempt, chance=chance) <= 1.2 * plain + 1e-6


def test_a_notification_is_not_given_up_before_it_is_a_day_old():
    assert wait(8, age=timedelta(hours=21)) == 7200
    assert wait(8, age=timedelta(hours=23, minutes=59)) == 7200
    assert wait(8, age=timedelta(hours=24)) is None


def test_a_day_of_tries_has_nineteen_attempts_and_the_last_one_is_after_it():
    now, attempts = NOON, 1
    while next_at := Schedule().next_at(attempts, now, NOON, retry_after=None, chance=NO_JITTER):
        now, attempts = next_at, attempts + 1

    assert attempts == 19
    assert timedelta(days=1) <= now - NOON < timedelta(hours=26)


def test_nothing_is_tried_before_the_other_side_asked_for():
    assert wait(1, asked=timedelta(seconds=77)) == 77
    assert wait(5, asked=timedelta(seconds=77)) == 600


def test_an_absurd_wish_is_clamped():
    assert wait(1, asked=timedelta(days=400)) == LONGEST_RETRY_AFTER.total_seconds()


def test_delays_can_be_made_short():
    assert wait(2, schedule=Schedule(scale=0.01)) == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 7 ", 7),
        ("99999999999999999999999", 7200),
        ("Wed, 25 Nov 2026 12:00:30 GMT", 30),
        ("Wed, 25 Nov 2026 11:00:00 GMT", 0),
        ("Wed, 25 Nov 2026 12:00:30", 30),
    ],
)
def test_retry_after_is_seconds_or_a_date(header, seconds):
    assert retry_after(header, lambda: NOON) == timedelta(seconds=seconds)


@pytest.mark.parametrize("header", [None, "", "soon", "-5", "1.5", "٣", "Wed, 99 Nov 2026 12:00:30 GMT"])
def test_a_retry_after_that_makes_no_sense_says_nothing(header):
    assert retry_after(header, lambda: NOON) is None


@given(st.text())
def test_no_retry_after_is_an_error(header):
    retry_after(header, lambda: NOON)
