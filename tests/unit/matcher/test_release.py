"""What planned maintenance withheld is told when it is over, of incidents that are still open."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from argus_schemas.configuration import EscalationStep, Filter, NamedFilter
from argus_schemas.memory import MOST_TOLD
from argus_schemas.records import Record
from argus_schemas.schedules import Recurrence, Repeats, Timeslot
from argus_schemas.words import EventType
from tests.builders import (
    EVERYTHING,
    NOON,
    a_change,
    a_deletion,
    a_draft,
    a_happening,
    a_profile,
    a_start,
    a_task,
    at,
    tags,
)
from tests.unit.matcher.timely import Said, Timely

END, START, RESTART, OTHER = EventType.END, EventType.START, EventType.RESTART, EventType.OTHER
OPEN = NamedFilter(pk=2, name="open", filter=Filter(open=True))
BAD = NamedFilter(pk=3, name="bad", filter=Filter(maxlevel=1))
OVER = "maintenance over"
MORNINGS = Timeslot(
    pk=2, name="mornings",
    recurrences=(Recurrence(days=(1, 2, 3, 4, 5, 6, 7), start=datetime.min.time(), end=NOON.time()),),
)  # fmt: skip


def openly(**changes: Any):
    return a_profile(**{"filters": (OPEN,)} | changes)


def test_who_was_not_told_of_a_start_is_told_when_maintenance_is_over():
    matcher = Timely(openly(), a_task())

    matcher.happens(a_start())
    matcher.until(1000)

    assert matcher.said == [Said(60, OVER, START, 4)]
    assert matcher.notifications[0].note == "planned maintenance 21 is over: new firmware"
    assert matcher.due_at is None


def test_who_was_told_of_it_then_hears_of_the_end():
    matcher = Timely(openly(), a_task())

    matcher.happens(a_start(), a_happening(END, 100))

    assert matcher.said == [Said(60, OVER, START, 4), Said(100, "event", END, 4)]


@pytest.mark.parametrize("gone", [a_happening(END, 30), a_deletion(30)], ids=["an end", "a deletion"])
def test_what_ended_meanwhile_is_not_told(gone: Record):
    matcher = Timely(openly(), a_task())

    matcher.happens(a_start(), gone)
    matcher.until(1000)

    assert matcher.said == []
    assert matcher.due_at is None


def test_what_is_over_by_itself_is_not_told():
    matcher = Timely(openly(), a_task())

    matcher.happens(a_start(draft=a_draft(ended_at=at(30))))
    matcher.until(1000)

    assert matcher.said == []


def test_a_stateless_incident_is_not_told_afterwards():
    matcher = Timely(a_profile(filters=(EVERYTHING,)), a_task())

    matcher.happens(a_start(draft=a_draft(stateful=False)))

    assert matcher.due_at is None


def test_a_task_that_says_so_is_not_told_of_afterwards():
    matcher = Timely(openly(), a_task(tell_after=False))

    matcher.happens(a_start())

    assert matcher.memory is not None
    assert matcher.memory.withheld == ()
    matcher.until(1000)
    assert matcher.said == []


def test_a_task_that_comes_to_say_so_is_not_told_of_afterwards():
    matcher = Timely(openly(), a_task())
    matcher.happens(a_start())

    matcher.put(a_task(tell_after=False, version=2))
    matcher.until(1000)

    assert matcher.said == []


def test_the_incident_is_told_as_it_is_then():
    matcher = Timely(openly(), a_task())

    matcher.happens(a_start(), a_change(30, description="worse"))
    matcher.until(1000)

    assert matcher.notifications[0].incident.description == "worse"


@pytest.mark.parametrize(
    "changed",
    [
        {"active": False}, {"owner_active": False}, {"filters": (BAD,)}, {"destinations": (5,)},
        {"timeslots": (MORNINGS,)},
    ],
    ids=["inactive", "owner inactive", "accepts it no more", "other destinations", "asleep"],
)  # fmt: skip
def test_who_would_not_be_told_now_is_not_told(changed: dict[str, Any]):
    matcher = Timely(openly(), a_task())
    matcher.happens(a_start())

    matcher.put(openly(version=2, **changed))
    matcher.until(1000)

    assert matcher.said == []
    assert matcher.due_at is None


def test_who_is_quiet_is_not_told_and_reads_why():
    matcher = Timely(openly(), a_task())
    matcher.happens(a_start())

    matcher.put(openly(version=2, quiet_until=at(61)))
    matcher.until(1000)

    assert matcher.said == []
    assert matcher.kept[-1] == (OVER, "quiet", 4)


def test_a_deleted_profile_is_told_nothing():
    matcher = Timely(openly(), a_task())
    matcher.happens(a_start())

    matcher.index.put("profile:11", None)
    matcher.until(1000)

    assert matcher.said == []


@pytest.mark.parametrize(
    "changed",
    [{"ends_at": at(5)}, {"deleted": True}, {"filters": (BAD,)}, {"starts_at": at(500), "ends_at": at(600)}],
    ids=["ended", "deleted", "of others", "put off"],
)
def test_a_task_that_is_changed_releases_what_it_withholds_no_more(changed: dict[str, Any]):
    matcher = Timely(openly(), a_task(ends_at=None))
    matcher.happens(a_start())

    matcher.put(a_task(version=2, **changed))
    matcher.now = at(10)
    matcher.fire()

    assert matcher.said == [Said(10, OVER, START, 4)]


def test_a_task_that_is_changed_and_still_covers_the_incident_keeps_it_until_it_is_over():
    matcher = Timely(openly(), a_task())
    matcher.happens(a_start())

    matcher.put(a_task(version=2, ends_at=at(90)))
    matcher.until(1000)

    assert matcher.said == [Said(90, OVER, START, 4)]


def test_what_another_task_covers_stays_withheld_until_that_is_over():
    matcher = Timely(openly(), a_task(), a_task(pk=22, starts_at=at(30), ends_at=at(90)))

    matcher.happens(a_start())
    matcher.until(1000)

    assert matcher.said == [Said(90, OVER, START, 4)]


def test_a_task_that_repeats_releases_at_the_end_of_each_of_its_times():
    daily = a_task(
        starts_at=NOON - timedelta(days=7, hours=1), ends_at=NOON - timedelta(days=7), repeats=Repeats(every="day")
    )
    matcher = Timely(openly(), daily)

    matcher.happens(a_start(-10))
    matcher.until(1000)

    assert matcher.said == [Said(0, OVER, START, 4)]


def test_who_is_told_by_an_escalation_at_that_moment_is_not_told_again():
    steps = (EscalationStep(after_minutes=60, destinations=(4,)),)
    matcher = Timely(openly(escalation=steps, destinations=(4, 5)), a_task())
    matcher.happens(a_start())

    matcher.now = at(61)
    matcher.fire()

    assert [(each.purpose, each.destination) for each in matcher.said] == [("escalation 1", 4), (OVER, 5)]
    assert matcher.due_at is None


def test_whatever_would_tell_is_told_afterwards():
    matcher = Timely(openly(filters=(BAD,)), a_task())

    matcher.happens(a_start(), a_change(30, level=1))
    matcher.until(1000)

    assert matcher.said == [Said(60, OVER, EventType.CHANGE, 4)]


def test_who_is_told_something_else_before_is_not_told_again():
    matcher = Timely(openly(), a_task())
    matcher.happens(a_start())

    matcher.now = at(61)
    matcher.comes(a_happening(OTHER, 61))
    matcher.until(1000)
    matcher.happens(a_happening(END, 1001))

    assert matcher.said == [Said(61, "event", OTHER, 4), Said(1001, "event", END, 4)]


def test_who_was_told_of_the_start_before_maintenance_is_not_told_after_it():
    matcher = Timely(openly(), a_task(starts_at=at(10)))

    matcher.happens(a_start(), a_happening(OTHER, 20))
    matcher.until(1000)

    assert [each.purpose for each in matcher.said] == ["event"]


def test_a_restart_in_maintenance_is_told_after_it_to_those_who_heard_of_the_end_before():
    matcher = Timely(openly(), a_task(starts_at=at(10)))

    matcher.happens(a_start(), a_happening(END, 5), a_start(20, event_pk=61))
    matcher.until(1000)

    assert matcher.said[-1] == Said(60, OVER, RESTART, 4)


def test_a_worker_that_was_away_for_days_still_tells():
    matcher = Timely(openly(), a_task())
    matcher.happens(a_start())

    matcher.now = at(3 * 24 * 60)
    matcher.fire()

    assert [each.purpose for each in matcher.said] == [OVER]


def test_a_report_that_is_read_after_maintenance_is_over_is_told_at_once():
    matcher = Timely(openly(), a_task())
    matcher.now = at(70)

    matcher.comes(a_start(50))
    matcher.until(71)

    assert [each.purpose for each in matcher.said] == [OVER]


def test_an_incident_that_maintenance_no_longer_concerns_is_told_with_the_next_that_is_due():
    task = a_task(ends_at=None, filters=(NamedFilter(pk=4, name="a", filter=Filter(tags=("host=a",))),))
    matcher = Timely(openly(), task)

    matcher.happens(a_start(draft=a_draft(tags=tags("host=a"))), a_change(10, tags=tags("host=b"), tags_of_anyone=True))
    matcher.now = at(20)
    matcher.fire()

    assert [each.purpose for each in matcher.said] == [OVER]


def test_more_than_fits_in_a_transaction_is_told_the_next_time():
    matcher = Timely(openly(destinations=tuple(range(1, 8))), a_task())
    matcher.room = 3
    matcher.happens(a_start())

    matcher.until(1000)

    assert [each.destination for each in matcher.said] == list(range(1, 8))
    assert matcher.due_at is None


def test_what_is_over_later_than_the_log_is_read_waits_until_it_is_read_further():
    steps = (EscalationStep(after_minutes=15, destinations=(5,)),)
    matcher = Timely(openly(escalation=steps), a_task())
    matcher.happens(a_start())

    matcher.now, matcher.read_until = at(100), at(16)
    matcher.fire()
    assert matcher.said == [Said(100, "escalation 1", START, 5)]
    matcher.comes(a_happening(END, 50))
    matcher.read_until = None
    matcher.until(1000)

    assert OVER not in {each.purpose for each in matcher.said}


def test_what_is_over_later_than_the_log_is_read_is_released_all_the_same():
    matcher = Timely(openly(), a_task())
    matcher.happens(a_start())

    matcher.now, matcher.read_until = at(100), at(16)
    matcher.fire()
    assert matcher.due_at == at(60)
    matcher.read_until = None
    matcher.fire()

    assert matcher.said == [Said(100, OVER, START, 4)]


def test_as_many_are_remembered_as_there_is_room_for():
    many = tuple(range(1, MOST_TOLD + 3))
    matcher = Timely(openly(destinations=many), a_task())

    matcher.happens(a_start())

    assert matcher.memory is not None
    assert len(matcher.memory.withheld) == MOST_TOLD
    assert matcher.forgotten == 2
