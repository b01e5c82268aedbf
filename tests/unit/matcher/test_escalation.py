"""While nobody acknowledges an incident, profiles tell more and more destinations of it."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_schemas.configuration import EscalationStep, Filter, NamedFilter
from argus_schemas.incident import Acknowledgement
from argus_schemas.records import Record
from argus_schemas.words import EventType
from tests.builders import (
    EVERYTHING,
    a_change,
    a_deletion,
    a_draft,
    a_happening,
    a_profile,
    a_start,
    a_task,
    an_ack,
    at,
)
from tests.unit.matcher.timely import Said, Timely

END, CLOSE, REOPEN, RESTART, START = (
    EventType.END, EventType.CLOSE, EventType.REOPEN, EventType.RESTART, EventType.START
)  # fmt: skip
STEPS = (EscalationStep(after_minutes=15, destinations=(5,)), EscalationStep(after_minutes=30, destinations=(6, 7)))
OPEN = NamedFilter(pk=2, name="open", filter=Filter(open=True))
BAD = NamedFilter(pk=3, name="bad", filter=Filter(maxlevel=1))
ALL = [
    Said(0, "event", START, 4),
    Said(15, "escalation 1", START, 5),
    Said(30, "escalation 2", START, 6),
    Said(30, "escalation 2", START, 7),
]


def patient(**changes: Any):
    return a_profile(**{"filters": (OPEN,), "escalation": STEPS} | changes)


def steps_of(matcher: Timely) -> list[Said]:
    return [each for each in matcher.said if each.purpose.startswith("escalation")]


def test_each_step_is_told_at_its_minutes_after_the_start():
    matcher = Timely(patient())
    matcher.happens(a_start())

    matcher.until(1000)

    assert matcher.said == ALL
    assert matcher.notifications[1].note == "nobody has acknowledged the incident within 15 minutes"
    assert matcher.due_at is None


@pytest.mark.parametrize(
    "record",
    [an_ack(20), a_happening(EventType.ACKNOWLEDGE, 20), a_happening(END, 20), a_happening(CLOSE, 20), a_deletion(20)],
    ids=["an ack", "a bare ack", "an end", "a close", "a deletion"],
)
def test_an_ack_and_an_end_stop_it(record: Record):
    matcher = Timely(patient())

    matcher.happens(a_start(), record)
    matcher.until(1000)

    assert steps_of(matcher) == ALL[1:2]


def test_an_ack_that_is_read_late_stops_it():
    matcher = Timely(patient())
    matcher.happens(a_start())
    matcher.now = at(100)

    matcher.comes(an_ack(14))
    matcher.until(1000)

    assert steps_of(matcher) == []


def test_an_ack_that_expires_stops_it_all_the_same():
    matcher = Timely(patient())

    matcher.happens(a_start(), an_ack(10, expires_at=at(12)))
    matcher.until(1000)

    assert steps_of(matcher) == []


def test_what_is_still_acknowledged_when_it_starts_again_does_not_escalate():
    matcher = Timely(patient())

    matcher.happens(a_start(), an_ack(1), a_happening(END, 2), a_start(3, event_pk=61))
    matcher.until(1000)

    assert steps_of(matcher) == []


@pytest.mark.parametrize("again", [a_start(25, event_pk=61), a_happening(REOPEN, 25)], ids=["restart", "reopening"])
def test_a_restart_begins_anew(again: Record):
    matcher = Timely(patient())

    matcher.happens(a_start(), a_happening(END, 20), again)
    matcher.until(1000)

    assert [(each.minute, each.purpose) for each in steps_of(matcher)] == [
        (15, "escalation 1"), (40, "escalation 1"), (55, "escalation 2"), (55, "escalation 2"),
    ]  # fmt: skip


def test_who_is_told_by_a_step_hears_of_the_end():
    matcher = Timely(patient())

    matcher.happens(a_start(), a_happening(END, 20))

    assert [(each.type, each.destination) for each in matcher.said[2:]] == [(END, 4), (END, 5)]


def test_an_ack_that_counts_again_later_stops_what_is_due_then():
    matcher = Timely(patient())
    matcher.happens(a_start())
    assert matcher.memory is not None

    matcher.memory = matcher.memory.but(incident=matcher.memory.incident.but(acks=(Acknowledgement(event=70),)))
    matcher.until(1000)

    assert matcher.said == ALL[:1]


def test_one_destination_is_told_once_by_the_steps_of_several_profiles():
    matcher = Timely(patient(), patient(pk=12, destinations=(9,)))
    matcher.happens(a_start())

    matcher.until(16)

    [step] = [each for each in matcher.notifications if each.purpose == "escalation 1"]
    assert [reason.profile for reason in step.reasons] == [11, 12]


def test_steps_of_the_same_number_at_different_times_are_different_notifications():
    later = (EscalationStep(after_minutes=20, destinations=(5,)),)
    matcher = Timely(patient(), patient(pk=12, escalation=later))
    matcher.happens(a_start())

    matcher.until(21)

    first, second = (each for each in matcher.notifications if each.purpose == "escalation 1")
    assert first.id != second.id


@pytest.mark.parametrize(
    "changed",
    [
        {"active": False},
        {"owner_active": False},
        {"filters": (BAD,)},
    ],
    ids=["inactive", "owner inactive", "filter accepts it no more"],
)
def test_a_profile_that_would_not_be_told_now_tells_no_step(changed: dict[str, Any]):
    matcher = Timely(patient())
    matcher.happens(a_start())

    matcher.put(patient(version=2, **changed))
    matcher.until(16)
    matcher.put(patient(version=3))
    matcher.until(1000)

    assert matcher.said == [ALL[0], *ALL[2:]]


def test_a_deleted_profile_escalates_no_more():
    matcher = Timely(patient())
    matcher.happens(a_start())

    matcher.index.put("profile:11", None)
    matcher.until(1000)

    assert matcher.said == ALL[:1]
    assert matcher.due_at is None


def test_maintenance_and_quiet_withhold_a_step_and_the_next_goes_on():
    matcher = Timely(patient())
    matcher.happens(a_start())

    matcher.put(a_task(starts_at=at(10), ends_at=at(20)))
    matcher.until(21)
    matcher.put(patient(version=2, quiet_until=at(31)))
    matcher.until(1000)

    assert matcher.said == ALL[:1]
    assert matcher.kept == [
        ("escalation 1", "maintenance", 5), ("escalation 2", "quiet", 6), ("escalation 2", "quiet", 7),
    ]  # fmt: skip


def test_what_maintenance_alone_withheld_escalates():
    matcher = Timely(patient(), a_task(ends_at=at(10)))
    matcher.happens(a_start())

    matcher.until(1000)

    assert matcher.said == [Said(10, "maintenance over", START, 4), *ALL[1:]]


def test_what_was_withheld_for_another_reason_does_not_escalate():
    matcher = Timely(patient(quiet_until=at(1)))
    matcher.happens(a_start())

    matcher.until(1000)

    assert matcher.said == []


def test_a_change_of_the_incident_changes_no_deadline():
    matcher = Timely(patient())

    matcher.happens(a_start(), a_change(10, description="worse"))
    matcher.until(1000)

    assert matcher.said == ALL
    assert matcher.notifications[-1].incident.description == "worse"


def test_an_incident_whose_end_was_announced_does_not_escalate_after_it():
    matcher = Timely(patient(filters=(EVERYTHING,)))

    matcher.happens(a_start(draft=a_draft(ended_at=at(20))))
    matcher.until(1000)

    assert matcher.said == ALL[:2]


def test_a_worker_that_was_away_for_a_day_withholds_what_was_due_before():
    matcher = Timely(patient())
    matcher.happens(a_start())

    matcher.now = at(26 * 60)
    matcher.fire()

    assert [why for _, why, _ in matcher.kept] == ["too old"] * 3


def test_a_worker_that_was_away_for_less_tells_what_was_due_last():
    day = (EscalationStep(after_minutes=1, destinations=(5,)), EscalationStep(after_minutes=24 * 60, destinations=(6,)))
    matcher = Timely(patient(escalation=day))
    matcher.happens(a_start())

    matcher.now = at(26 * 60)
    matcher.fire()

    assert [each.destination for each in steps_of(matcher)] == [6]
    assert matcher.kept == [("escalation 1", "too old", 5)]


def test_more_than_fits_in_a_transaction_is_told_the_next_time():
    many = (EscalationStep(after_minutes=15, destinations=(5, 6)),)
    matcher = Timely(*(patient(pk=pk, escalation=many, destinations=(pk,)) for pk in range(11, 14)), patient(pk=14))
    matcher.room = 1
    matcher.happens(a_start())
    matcher.now = at(16)

    fired = 0
    while matcher.due_at is not None and matcher.due_at < matcher.now:
        matcher.fire()
        fired += 1

    assert fired > 1
    assert {each.destination for each in matcher.said if each.purpose == "escalation 1"} == {5, 6}


happenings = st.lists(
    st.tuples(st.integers(0, 20), st.sampled_from(["start", "end", "ack", "short ack", "other"])), max_size=12
)
ladders = st.lists(st.integers(1, 40), min_size=1, max_size=4, unique=True).map(sorted)
LAST = 300


def escalations(ladder: list[int], history: list[tuple[int, str]]) -> list[tuple[float, str]]:
    """Return what is told and when, by asking minute by minute what has happened so far."""
    said: list[tuple[float, str]] = []
    minute, happened = 0, [(0, "start")]
    for gap, what in history:
        minute += gap
        happened.append((minute, what))
    for now in range(LAST):
        open_since, acks = None, []
        for when, what in (each for each in happened if each[0] <= now):
            if what == "start" and open_since is None:
                open_since = when
            elif what == "end":
                open_since = None
            elif what in ("ack", "short ack"):
                acks.append((when, when + 3 if what == "short ack" else LAST))
        if open_since is None or any(since <= now and open_since < until for since, until in acks):
            continue
        said += [(now, f"escalation {n}") for n, after in enumerate(ladder, 1) if open_since + after == now]
    return said


def compare(ladder: list[int], history: list[tuple[int, str]]) -> None:
    steps = tuple(EscalationStep(after_minutes=after, destinations=(5,)) for after in ladder)
    matcher, minute = Timely(patient(escalation=steps)), 0
    matcher.happens(a_start())
    for number, (gap, what) in enumerate(history):
        minute += gap
        matcher.happens(record_of(what, minute, 100 + 10 * number))
    matcher.until(LAST)

    assert [(each.minute, each.purpose) for each in steps_of(matcher)] == escalations(ladder, history)


def record_of(what: str, minute: int, pk: int) -> Record:
    if what == "start":
        return a_start(minute, event_pk=pk, said=())
    if what in ("ack", "short ack"):
        return an_ack(minute, event_pk=pk, expires_at=at(minute + 3) if what == "short ack" else None)
    return a_happening(END if what == "end" else EventType.OTHER, minute, event_pk=pk)


@given(ladders, happenings)
@settings(max_examples=100)
def test_a_hundred_histories_escalate_as_a_look_at_each_minute_says(ladder, history):
    compare(ladder, history)


@pytest.mark.long
@given(ladders, happenings)
@settings(max_examples=10_000)
def test_ten_thousand_histories_escalate_as_a_look_at_each_minute_says(ladder, history):
    compare(ladder, history)
