"""The way of a notification comes out the same in whichever order it is read."""

from itertools import permutations
from uuid import UUID

import pytest

from argus_schemas.notification import Delivery
from argus_store.steps import attempts_of, progress, rows_of
from tests.builders import a_notification, at

ID = UUID(int=77)


def a_delivery(state, attempt=1, minutes=1, **changes):
    fields = {
        "notification": ID, "destination": 4, "owner": 7, "incident": 49, "event": 50, "event_id": UUID(int=1),
        "state": state, "attempt": attempt, "at": at(minutes),
    }  # fmt: skip
    return Delivery(**(fields | changes))


WAY = [
    a_delivery("begun", 1, 1),
    a_delivery("retrying", 1, 2, reason="busy", code=450, next_at=at(5)),
    a_delivery("begun", 2, 5),
    a_delivery("sent", 2, 6, code=250),
]


def test_a_notification_is_pending_until_something_is_heard_of_it():
    (row,) = rows_of([a_notification(id=ID)], [])
    assert (row["state"], row["attempts"], row["profiles"]) == ("pending", 0, [11])


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_the_furthest_step_counts_in_whichever_order_steps_come(order):
    (row,) = rows_of([a_notification(id=ID)], [WAY[index] for index in order])
    assert (row["state"], row["attempts"], row["code"], row["updated_at"]) == ("sent", 2, 250, at(6))


@pytest.mark.parametrize("order", list(permutations(range(4))))
def test_each_attempt_keeps_how_it_ended(order):
    rows = attempts_of([WAY[index] for index in order])
    assert [(row["attempt"], row["state"], row["reason"]) for row in rows] == [(1, "retrying", "busy"), (2, "sent", "")]


def test_what_was_suppressed_by_the_matcher_has_no_attempt_but_its_reason():
    suppressed = a_delivery("suppressed", 0, reason="too old", profiles=(11,))
    (row,) = rows_of([], [suppressed])
    assert (row["state"], row["reason"], row["profiles"], row["matched_at"]) == ("suppressed", "too old", [11], None)
    assert attempts_of([suppressed]) == []


def test_a_replay_counts_more_than_any_end_before_it():
    assert progress("pending", 0, 1) > progress("sent", 2**31 - 1, 0)


def test_sent_counts_more_than_giving_up():
    assert progress("sent", 1, 0) > progress("dead", 9, 0) > progress("begun", 10, 0) > progress("retrying", 9, 0)
