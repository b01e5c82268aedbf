"""An incident that opens and ends all the time is told of once, in summaries, and when it has settled."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_schemas.configuration import Damping, EscalationStep, Filter, NamedFilter
from argus_schemas.records import Record
from argus_schemas.words import EventType
from tests.builders import EVERYTHING, a_change, a_happening, a_profile, a_start, a_task, an_ack, at
from tests.unit.matcher.timely import Said, Timely

END, START, RESTART, CLOSE = EventType.END, EventType.START, EventType.RESTART, EventType.CLOSE
TWICE = Damping(changes=2, minutes=10, summary_minutes=30)
OPEN = NamedFilter(pk=2, name="open", filter=Filter(open=True))


def damped(**changes: Any):
    return a_profile(**{"filters": (EVERYTHING,), "damping": TWICE} | changes)


def changes(*minutes: float) -> list[Record]:
    """Starts and ends by turns, the first a start, each at its minute."""
    return [
        a_happening(END, minute, event_pk=100 + 10 * number, reported=True)
        if number % 2
        else a_start(minute, event_pk=100 + 10 * number, said=())
        for number, minute in enumerate(minutes)
    ]


def test_one_change_too_many_is_told_as_flapping_and_further_ones_are_not():
    matcher = Timely(damped())

    matcher.happens(*changes(0, 1, 2, 3, 4))

    assert matcher.said == [
        Said(0, "event", START, 4), Said(1, "event", END, 4), Said(2, "flapping", RESTART, 4),
    ]  # fmt: skip
    assert matcher.kept == [("event", "flapping", 4), ("event", "flapping", 4)]
    assert matcher.withheld[0].delivery.reason == "flapping: it opens and ends all the time since 2026-11-25 12:02 UTC"
    assert "more than 2 times within 10 minutes" in matcher.notifications[-1].note


def test_changes_that_are_far_apart_are_told_each():
    matcher = Timely(damped())

    matcher.happens(*changes(0, 8, 16, 24, 32))

    assert {each.purpose for each in matcher.said} == {"event"}
    assert len(matcher.said) == 5


def test_what_has_settled_is_told_once_as_it_is_then():
    matcher = Timely(damped())

    matcher.happens(*changes(0, 1, 2, 3))
    matcher.until(1000)

    assert matcher.said[-1] == Said(13, "settled", END, 4)
    assert (
        matcher.notifications[-1].note
        == "the incident opens and ends no more; it did so once since 2026-11-25 12:02 UTC"
    )
    assert matcher.due_at is None


def test_after_it_has_settled_events_are_told_as_ever():
    matcher = Timely(damped())

    matcher.happens(*changes(0, 1, 2, 3, 60))

    assert matcher.said[-2:] == [Said(13, "settled", END, 4), Said(60, "event", RESTART, 4)]


def test_summaries_come_at_their_minutes_if_anything_changed():
    matcher = Timely(damped(damping=Damping(changes=1, minutes=100, summary_minutes=30)))

    matcher.happens(*changes(0, 1, 2, 3))
    matcher.until(95)

    assert matcher.said[1:] == [Said(1, "flapping", END, 4), Said(31, "summary 1", END, 4)]
    assert matcher.notifications[-1].note.startswith("the incident still opens and ends all the time: 2 times since")


def test_an_end_that_was_promised_is_told_before_it_flaps_and_not_after():
    matcher = Timely(damped(filters=(OPEN,)))

    matcher.happens(*changes(0, 1, 2, 3))

    assert [(each.purpose, each.type) for each in matcher.said] == [
        ("event", START), ("event", END), ("flapping", RESTART),
    ]  # fmt: skip
    assert matcher.kept == [("event", "flapping", 4)]


def test_who_heard_that_it_settled_while_open_is_told_of_its_end():
    matcher = Timely(damped(filters=(OPEN,)))

    matcher.happens(*changes(0, 1, 2, 3, 4))
    matcher.until(20)
    matcher.happens(a_happening(END, 60, event_pk=900))

    assert matcher.said[-2:] == [Said(14, "settled", RESTART, 4), Said(60, "event", END, 4)]


def test_what_is_no_change_of_state_is_told_meanwhile():
    matcher = Timely(damped())

    matcher.happens(*changes(0, 1, 2), an_ack(3), a_happening(EventType.OTHER, 4))

    assert [each.type for each in matcher.said[3:]] == ["ACK", "OTH"]


def test_a_late_report_that_changes_nothing_counts_for_nothing():
    matcher = Timely(damped())

    matcher.happens(*changes(0, 1))
    matcher.happens(a_happening(END, 2, event_pk=300, reported=True, occurred_at=at(-5)))

    assert "flapping" not in {each.purpose for each in matcher.said}


def test_an_undamped_profile_has_its_destinations_told_as_ever():
    matcher = Timely(damped(destinations=(4, 5)), a_profile(pk=12, filters=(EVERYTHING,), destinations=(5,)))

    matcher.happens(*changes(0, 1, 2, 3))

    assert [each.purpose for each in matcher.said if each.destination == 5] == ["event"] * 4
    assert [each.purpose for each in matcher.said if each.destination == 4] == ["event", "event", "flapping"]
    assert [reason.profile for reason in matcher.notifications[-1].reasons] == [12]


def test_a_profile_that_asks_for_starts_alone_hears_that_it_flaps_with_a_start():
    starts = NamedFilter(pk=3, name="starts", filter=Filter(event_types=(START, RESTART)))
    matcher = Timely(damped(filters=(starts,)))

    matcher.happens(*changes(0, 1, 9, 10, 11))

    assert [(each.minute, each.purpose) for each in matcher.said] == [(0, "event"), (9, "flapping")]


def test_maintenance_withholds_as_ever_and_flapping_is_told_after_it():
    matcher = Timely(damped(), a_task(ends_at=at(3)))

    matcher.happens(*changes(0, 1, 2, 5))

    assert {why for _, why, _ in matcher.kept} == {"maintenance"}
    assert matcher.said == [Said(3, "maintenance over", RESTART, 4), Said(5, "flapping", END, 4)]


def test_quiet_withholds_summaries_and_that_it_has_settled():
    matcher = Timely(damped(damping=Damping(changes=1, minutes=100, summary_minutes=30)))
    matcher.happens(*changes(0, 1, 2))

    matcher.put(damped(damping=Damping(changes=1, minutes=100, summary_minutes=30), quiet_until=at(500), version=2))
    matcher.until(1000)

    assert [each.purpose for each in matcher.said] == ["event", "flapping"]
    assert [(purpose, why) for purpose, why, _ in matcher.kept[1:]] == [
        ("summary 1", "quiet"), ("summary 2", "quiet"), ("summary 3", "quiet"), ("settled", "quiet"),
    ]  # fmt: skip


def test_what_settles_open_in_maintenance_is_told_when_that_is_over():
    matcher = Timely(damped(filters=(OPEN,)))
    matcher.happens(*changes(0, 1, 2, 3, 4))

    matcher.put(a_task(starts_at=at(5), ends_at=at(30)))
    matcher.until(1000)

    assert matcher.said[-1] == Said(30, "maintenance over", RESTART, 4)
    assert matcher.kept[-1] == ("settled", "maintenance", 4)


def test_what_settles_closed_in_maintenance_is_told_as_ends_are():
    matcher = Timely(damped(filters=(OPEN,)))
    matcher.happens(*changes(0, 1, 2, 3))

    matcher.put(a_task(starts_at=at(5), ends_at=at(30)))
    matcher.until(1000)

    assert matcher.said[-1] == Said(13, "settled", END, 4)


def test_a_profile_without_damping_any_more_hears_the_next_change():
    matcher = Timely(damped())
    matcher.happens(*changes(0, 1, 2))

    matcher.put(damped(damping=None, version=2))
    matcher.happens(*changes(0, 1, 2, 3)[3:])
    matcher.until(1000)

    assert matcher.said[-1] == Said(3, "event", END, 4)


def test_a_deleted_profile_hears_nothing_more():
    matcher = Timely(damped())
    matcher.happens(*changes(0, 1, 2))

    matcher.index.put("profile:11", None)
    matcher.until(1000)

    assert matcher.said[-1].purpose == "flapping"


def test_what_settles_open_escalates_from_then_on():
    steps = (EscalationStep(after_minutes=15, destinations=(5,)),)
    matcher = Timely(damped(escalation=steps))

    matcher.happens(*changes(0, 1, 2, 3, 4))
    matcher.until(1000)

    assert [(each.minute, each.purpose) for each in matcher.said[3:]] == [(14, "settled"), (29, "escalation 1")]


def test_what_flaps_with_a_start_escalates_from_that_on_and_only_once():
    steps = (EscalationStep(after_minutes=5, destinations=(5,)),)
    matcher = Timely(damped(escalation=steps))

    matcher.happens(*changes(0, 1, 2))
    matcher.until(1000)

    assert [(each.minute, each.purpose) for each in matcher.said[2:]] == [
        (2, "flapping"), (7, "escalation 1"), (12, "settled"),
    ]  # fmt: skip


def test_a_profile_that_is_spared_unheard_escalates_from_the_start_that_another_told_of():
    steps = (EscalationStep(after_minutes=5, destinations=(6,)),)
    matcher = Timely(damped(escalation=steps), a_profile(pk=12, filters=(EVERYTHING,)))

    matcher.happens(*changes(0, 1, 2))
    matcher.until(1000)

    assert [(each.minute, each.purpose) for each in matcher.said[2:]] == [
        (2, "event"), (7, "escalation 1"), (12, "settled"),
    ]  # fmt: skip


def test_an_incident_that_goes_on_flapping_in_the_log_has_not_settled_though_that_is_unread():
    matcher = Timely(damped(damping=Damping(changes=1, minutes=10, summary_minutes=4)))
    matcher.happens(*changes(0, 1, 2))

    matcher.now, matcher.read_until = at(30), at(6)
    matcher.fire()

    assert [each.purpose for each in matcher.said] == ["event", "flapping", "summary 1"]
    assert matcher.due_at == at(12)


def test_a_change_of_a_field_is_no_change_of_state():
    matcher = Timely(damped())

    matcher.happens(*changes(0, 1, 2), a_change(8, description="worse"))
    matcher.until(1000)

    assert matcher.said[-1] == Said(12, "settled", RESTART, 4)


def test_imported_records_count_for_nothing():
    matcher = Timely(damped())

    matcher.happens(*(record.but(may_notify=False) for record in changes(0, 1, 2)))
    matcher.happens(a_happening(END, 4, event_pk=900))

    assert [each.purpose for each in matcher.said] == ["event"]


def test_nothing_is_counted_where_no_profile_has_damping():
    matcher = Timely(a_profile(filters=(EVERYTHING,)))

    matcher.happens(*changes(0, 1, 2))

    assert matcher.memory is not None
    assert matcher.memory.changes == ()


gaps = st.lists(st.integers(0, 25), max_size=25)
dampings = st.builds(
    Damping, changes=st.integers(1, 4), minutes=st.integers(1, 20), summary_minutes=st.integers(1, 30)
)  # fmt: skip
LAST = 800


def minutes_of(found: list[int]) -> list[int]:
    return [sum(found[: number + 1]) for number in range(len(found))]


def told(damping: Damping, happened: list[int]) -> list[tuple[int, str]]:
    """Return what is told and when, by asking minute by minute about all changes so far."""
    said: list[tuple[int, str]] = []
    since, heard, number, seen = None, 0, 0, 0
    for now in range(LAST):
        for _ in range(happened.count(now)):
            seen += 1
            lately = [minute for minute in happened[:seen] if now - minute <= damping.minutes]
            if since is None and len(lately) > damping.changes:
                since, heard, number = now, seen, 0
                said.append((now, "flapping"))
            elif since is None:
                said.append((now, "event"))
        if since is None:
            continue
        if now == happened[seen - 1] + damping.minutes:
            said.append((now, "settled"))
            since = None
        elif now > since and (now - since) % damping.summary_minutes == 0 and seen > heard:
            number, heard = number + 1, seen
            said.append((now, f"summary {number}"))
    return said


def compare(damping: Damping, found: list[int]) -> None:
    happened = minutes_of(found)
    matcher = Timely(damped(damping=damping))
    matcher.happens(*changes(*happened))
    matcher.until(LAST)

    assert [(each.minute, each.purpose) for each in matcher.said] == told(damping, happened)
    assert matcher.due_at is None


def compare_with_one_that_was_away(damping: Damping, found: list[int]) -> None:
    """What is told of each event does not depend on whether timers fired in time."""
    happened = minutes_of(found)
    timely, away = Timely(damped(damping=damping)), Timely(damped(damping=damping))
    timely.happens(*changes(*happened))
    away.now = at(LAST)
    for record in changes(*happened):
        away.comes(record)

    def of_events(matcher: Timely) -> list[tuple[int, str]]:
        told = [(each.event.pk, each.purpose) for each in matcher.notifications]
        return [each for each in told if each[1] in ("event", "flapping")]

    assert of_events(away) == of_events(timely)


@given(dampings, gaps)
@settings(max_examples=100)
def test_a_hundred_histories_are_damped_as_a_look_at_each_minute_says(damping, found):
    compare(damping, found)
    compare_with_one_that_was_away(damping, found)


@pytest.mark.long
@given(dampings, gaps)
@settings(max_examples=10_000)
def test_ten_thousand_histories_are_damped_as_a_look_at_each_minute_says(damping, found):
    compare(damping, found)
    compare_with_one_that_was_away(damping, found)
