"""What the deliveries of a partition say about its notifications."""

from datetime import timedelta
from uuid import UUID

import pytest

from argus_dispatch.memory import NOTHING, Memory, Past
from argus_schemas.notification import Delivery
from tests.builders import NOON

ID = UUID(int=1)
LATER = NOON + timedelta(minutes=2)


def a_delivery(state, attempt=1, **changes):
    fields = {
        "notification": ID, "destination": 4, "owner": 7, "incident": 49, "event": 50, "event_id": UUID(int=2),
        "state": state, "attempt": attempt, "at": NOON,
    }  # fmt: skip
    return Delivery(**(fields | changes))


def remembered(*deliveries):
    memory = Memory()
    for delivery in deliveries:
        memory.hear(delivery)
    return memory.of(ID, 0)


def test_of_what_was_never_attempted_nothing_is_remembered():
    assert remembered() == NOTHING


def test_an_attempt_that_began_and_has_no_end_is_made_again_at_once():
    assert remembered(a_delivery("begun")) == Past(attempts=1, crashes=1)


def test_a_waiting_retry_keeps_its_time():
    assert remembered(a_delivery("begun"), a_delivery("retrying", next_at=LATER)) == Past(attempts=1, next_at=LATER)


def test_a_retry_that_began_has_no_time_any_more():
    told = (a_delivery("begun"), a_delivery("retrying", next_at=LATER), a_delivery("begun", 2))

    assert remembered(*told) == Past(attempts=2, crashes=1)


@pytest.mark.parametrize("state", ["sent", "dead", "suppressed"])
def test_what_came_to_its_end_is_finished(state):
    assert remembered(a_delivery("begun"), a_delivery(state)).finished


def test_what_was_sent_stays_sent_whatever_a_dispatcher_records_that_had_slept():
    assert remembered(a_delivery("sent"), a_delivery("begun", 2), a_delivery("retrying", 2, next_at=LATER)).finished


def test_what_the_matcher_suppressed_says_nothing_about_attempts():
    assert remembered(a_delivery("suppressed", attempt=0)) == NOTHING


def test_a_replay_is_another_notification():
    memory = Memory()
    memory.hear(a_delivery("sent"))

    assert memory.of(ID, 0).finished
    assert memory.of(ID, 1) == NOTHING


def test_the_oldest_are_forgotten_first():
    memory = Memory()
    for number in range(5):
        memory.finish(UUID(int=number), 0)
    memory.trim(2)

    assert [memory.of(UUID(int=number), 0).finished for number in range(5)] == [False, False, False, True, True]


def crashes(*steps):
    return remembered(*(a_delivery(state, attempt) for state, attempt in steps)).crashes


def test_attempts_that_began_and_have_no_outcome_are_crashes():
    assert crashes(("begun", 1), ("begun", 2), ("begun", 3)) == 3


def test_an_outcome_begins_a_new_count():
    assert crashes(("begun", 1), ("begun", 2), ("retrying", 2)) == 0
    assert crashes(("begun", 1), ("begun", 2), ("retrying", 2), ("begun", 3)) == 1


def test_a_beginning_that_was_recorded_twice_is_one_crash():
    assert crashes(("begun", 1), ("begun", 1)) == 1


def test_a_late_word_of_a_dispatcher_that_had_slept_clears_no_later_attempt():
    assert crashes(("begun", 1), ("begun", 2), ("retrying", 1)) == 2


def test_a_replay_counts_its_own_crashes():
    memory = Memory()
    for attempt in (1, 2, 3):
        memory.hear(a_delivery("begun", attempt))
    memory.hear(a_delivery("dead", 3))
    memory.hear(a_delivery("begun", 1, replay=1))

    assert memory.of(ID, 1).crashes == 1
