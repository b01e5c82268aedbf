"""When an incident flaps and settles, and when a step of an escalation is due."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus_domain.damping import MOST_COUNTED, flaps, next_summary, settles_at, with_change
from argus_domain.escalation import step_due_at, step_of
from argus_schemas.configuration import Damping, EscalationStep
from tests.builders import NOON, a_profile, at

TWICE = Damping(changes=2, minutes=10, summary_minutes=30)


@pytest.mark.parametrize(
    ("minutes", "answer"),
    [((0, 5, 10), True), ((0, 5), False), ((-1, 5, 10), False), ((10, 10, 10), True), ((0, 5, 11, 10), True)],
    ids=["more than so many", "so many", "one of them too early", "all at once", "not in order"],
)
def test_more_changes_than_allowed_within_the_minutes_flap(minutes: tuple[int, ...], answer: bool):
    assert flaps(TWICE, tuple(at(minute) for minute in minutes), at(10)) is answer


def test_changes_of_a_day_are_counted_and_no_more_than_any_damping_asks_for():
    changes = with_change((at(-1441), at(-1440), at(-1)), NOON)
    assert changes == (at(-1440), at(-1), NOON)

    for second in range(100):
        changes = with_change(changes, NOON + timedelta(seconds=second))
    assert len(changes) == MOST_COUNTED > 51


def test_it_settles_so_many_minutes_after_its_last_change():
    assert settles_at(TWICE, at(3)) == at(13)


@given(st.integers(1, 10_080), st.integers(0, 100_000))
def test_summaries_are_due_in_equal_steps_the_next_one_after_now(step: int, later: int):
    damping = TWICE.but(summary_minutes=step)

    due = next_summary(damping, NOON, at(later))

    assert at(later) < due <= at(later + step)
    assert (due - NOON) % timedelta(minutes=step) == timedelta()


def test_steps_are_counted_from_one_and_due_after_their_minutes():
    steps = (EscalationStep(after_minutes=15, destinations=(5,)), EscalationStep(after_minutes=60, destinations=(6,)))
    profile = a_profile(escalation=steps)

    assert [step_due_at(profile, number, NOON) for number in range(4)] == [None, at(15), at(60), None]
    assert step_of(profile, 2) == steps[1]
