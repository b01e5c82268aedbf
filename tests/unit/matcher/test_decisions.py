"""Who is told of what, who is not, and why; over states and rules made by hand."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from argus_domain.outcome import What
from argus_matcher.decisions import Decision, decide
from argus_matcher.index import SiftedIndex
from argus_schemas.configuration import Filter, Maintenance, NamedFilter, Profile, document_key
from argus_schemas.identity import notification_id
from argus_schemas.memory import MatcherState, Told
from argus_schemas.records import Record
from argus_schemas.schedules import Recurrence, Timeslot
from argus_schemas.words import EventType, Level
from tests.builders import (
    ALL_THE_TIME,
    EVERYTHING,
    NOON,
    a_change,
    a_create,
    a_deletion,
    a_draft,
    a_happening,
    a_profile,
    a_start,
    a_task,
    an_ack,
    an_incident,
    at,
    tags,
)

START, END, CHANGE = EventType.START, EventType.END, EventType.CHANGE
MORNINGS = Timeslot(
    pk=2, name="mornings",
    recurrences=(Recurrence(days=(1, 2, 3, 4, 5, 6, 7), start=datetime.min.time(), end=NOON.time()),),
)  # fmt: skip


def named(**conditions: Any) -> NamedFilter:
    return NamedFilter(pk=2, name="some", filter=Filter(**conditions))


OPEN = named(open=True)


class Matcher:
    """Decides one record after another, as a lane does."""

    def __init__(self, *rules: Profile | Maintenance, fallback: Filter | None = None) -> None:
        self.index = SiftedIndex(fallback)
        for rule in rules:
            self.put(rule)
        self.memory: MatcherState | None = None
        self.late = timedelta()

    def put(self, rule: Profile | Maintenance) -> None:
        self.index.put(document_key(rule.kind, rule.pk), rule)

    def decide(self, record: Record) -> Decision:
        now = record.received_at + self.late
        decision = decide(record, self.memory, index=self.index, now=now, too_old_after=timedelta(hours=24))
        self.memory = decision.state
        return decision

    def told(self, *records: Record) -> list[tuple[str, int]]:
        """Return what the last of the records makes known, and to which destination."""
        decision = [self.decide(record) for record in records][-1]
        return [(notification.event.type, notification.destination) for notification in decision.notifications]


def test_one_destination_is_told_once_with_all_profiles_that_asked():
    matcher = Matcher(a_profile(pk=11, destinations=(4, 5)), a_profile(pk=12, name="other", destinations=(5,)))

    decision = matcher.decide(record := a_start())

    assert [(each.destination, [reason.profile for reason in each.reasons]) for each in decision.notifications] == [
        (4, [11]), (5, [11, 12]),
    ]  # fmt: skip
    assert decision.notifications[0].id == notification_id(record.event_id, 4, "event")
    assert decision.notifications[0].matched_at == record.received_at
    assert decision.notifications[0].incident.description == "Box down"


@pytest.mark.parametrize(
    "silent",
    [{"active": False}, {"owner_active": False}, {"filters": ()}, {"timeslots": ()}, {"destinations": ()}],
    ids=str,
)
def test_a_profile_that_wants_nothing_is_told_nothing(silent: dict[str, Any]):
    assert Matcher(a_profile(**silent)).told(a_start()) == []


def test_all_filters_must_accept_the_incident_and_the_event():
    matcher = Matcher(a_profile(filters=(EVERYTHING, named(maxlevel=1))), a_profile(pk=12, destinations=(5,)))

    assert matcher.told(a_start()) == [(START, 5)]


def test_the_timeslot_is_asked_about_the_time_of_the_event():
    matcher = Matcher(a_profile(timeslots=(MORNINGS,)))

    assert matcher.told(a_start(minutes=-1)) == [(START, 4)]
    assert matcher.told(a_happening(END, minutes=1)) == []


def test_who_was_told_of_the_start_is_told_of_the_end_though_the_incident_fits_no_more():
    matcher = Matcher(a_profile(filters=(OPEN,)))

    assert matcher.told(a_start()) == [(START, 4)]
    assert matcher.told(a_happening(END)) == [(END, 4)]


@pytest.mark.parametrize("type_", [EventType.END, EventType.CLOSE])
def test_who_was_not_told_of_the_start_is_not_told_of_the_end(type_: EventType):
    matcher = Matcher(a_profile(filters=(named(open=True, maxlevel=1),)))

    assert matcher.told(a_start()) == []
    assert matcher.told(a_happening(type_)) == []


@pytest.mark.parametrize(
    "changed",
    [
        {"active": False},
        {"owner_active": False},
        {"timeslots": (MORNINGS,)},
        {"filters": (named(open=True, event_types=(START,)),)},
        {"destinations": (5,)},
    ],
    ids=str,
)
def test_a_promise_to_tell_the_end_ends_with_what_the_owner_changed(changed: dict[str, Any]):
    matcher = Matcher(a_profile(filters=(OPEN,)))
    matcher.decide(a_start())

    matcher.put(a_profile(version=2, **{"filters": (OPEN,)} | changed))

    assert matcher.told(a_happening(END)) == []


def test_a_deleted_profile_is_told_of_no_end():
    matcher = Matcher(a_profile(filters=(OPEN,)))
    matcher.decide(a_start())

    matcher.index.put("profile:11", None)

    assert matcher.told(a_happening(END)) == []


def test_a_restart_is_a_start_of_its_own():
    matcher = Matcher(a_profile(filters=(OPEN,)))
    matcher.told(a_start(), a_happening(END, minutes=1))

    matcher.put(a_profile(version=2, filters=(OPEN,), destinations=(5,)))

    assert matcher.told(a_start(minutes=2, event_pk=61)) == [(EventType.RESTART, 5)]
    assert matcher.told(a_happening(END, minutes=3)) == [(END, 5)]


def test_a_start_that_is_told_of_an_open_incident_adds_to_the_promises():
    matcher = Matcher(a_profile(filters=(OPEN,)))
    matcher.told(a_start())
    matcher.put(a_profile(version=2, filters=(OPEN, named(maxlevel=1))))
    matcher.put(a_profile(pk=12, version=3, filters=(OPEN,), destinations=(5,)))

    assert matcher.told(a_happening(START, minutes=1)) == [(START, 5)]
    assert matcher.told(a_happening(END, minutes=2)) == [(END, 4), (END, 5)]


def test_a_destination_keeps_the_profiles_of_all_starts_that_it_was_told():
    matcher = Matcher(a_profile(filters=(OPEN,)))
    matcher.told(a_start())
    matcher.put(a_profile(version=2, filters=(OPEN, named(maxlevel=1))))
    matcher.put(a_profile(pk=12, version=3, filters=(OPEN,)))

    matcher.told(a_happening(START, minutes=1))

    assert matcher.memory is not None
    assert matcher.memory.told == (Told(destination=4, owner=7, profiles=(11, 12)),)


def test_an_end_that_is_only_recorded_ends_no_promise():
    matcher = Matcher(a_profile(filters=(OPEN,)))
    matcher.decide(a_start(minutes=5))

    late = matcher.decide(a_happening(END, minutes=4, reported=True))

    assert late.outcome.what is What.RECORDED
    assert [each.event.type for each in late.notifications] == [END]  # it is open, so that the filter accepts it
    assert matcher.told(a_happening(END, minutes=6)) == [(END, 4)]


def test_a_change_is_told_to_those_whom_the_incident_now_concerns():
    matcher = Matcher(a_profile(filters=(named(maxlevel=1),)), a_profile(pk=12, destinations=(5,)))
    assert matcher.told(a_start()) == [(START, 5)]

    assert matcher.told(a_change(level=Level.CRITICAL)) == [(CHANGE, 4)]
    assert matcher.told(a_change(minutes=11, description="worse")) == []


def test_a_change_of_several_fields_is_news_once():
    matcher = Matcher(a_profile(filters=(named(maxlevel=1),)))
    matcher.decide(a_start())

    decision = matcher.decide(a_change(level=Level.CRITICAL, description="worse"))

    assert len(decision.outcome.events) == 2
    assert len(decision.notifications) == 1


def test_each_change_is_told_to_those_whose_filters_name_it():
    matcher = Matcher(a_profile(filters=(named(event_types=(CHANGE,)),)))
    assert matcher.told(a_start()) == []

    assert matcher.told(a_change(level=Level.CRITICAL, description="worse")) == [(CHANGE, 4), (CHANGE, 4)]


def test_a_restart_with_changes_is_told_as_a_restart():
    matcher = Matcher(a_profile(filters=(OPEN,)))
    matcher.told(a_start(), a_happening(END, minutes=1))

    worse = a_draft(start_time=at(2), level=Level.CRITICAL)
    decision = matcher.decide(a_start(minutes=2, event_pk=61, draft=worse))

    assert [event.type for event in decision.outcome.events] == [EventType.RESTART, CHANGE]
    assert [each.event.type for each in decision.notifications] == [EventType.RESTART]


def test_an_import_tells_nobody_and_promises_nothing():
    matcher = Matcher(a_profile(filters=(OPEN,)))

    assert matcher.told(a_start(may_notify=False)) == []
    assert matcher.told(a_happening(END)) == []


def test_a_repeat_tells_nobody_and_changes_nothing():
    matcher = Matcher(a_profile())
    record = a_create()
    matcher.decide(record)
    before = matcher.memory

    decision = matcher.decide(record)

    assert decision.outcome.what is What.REPEATED
    assert decision.notifications == ()
    assert decision.state is before


def test_a_refused_record_tells_nobody():
    matcher = Matcher(a_profile())
    matcher.decide(a_create())

    decision = matcher.decide(a_create(minutes=1))

    assert decision.outcome.what is What.REFUSED
    assert decision.notifications == ()
    assert decision.state is not None
    assert len(decision.state.recent) == 2


def test_what_happens_to_an_incident_that_nobody_knows_leaves_nothing():
    decision = Matcher(a_profile()).decide(a_happening(END))

    assert decision == Decision(decision.outcome, None)


def test_an_incident_that_is_not_remembered_is_taken_from_the_record():
    matcher = Matcher(a_profile())

    assert matcher.told(a_happening(EventType.OTHER, incident=an_incident())) == [(EventType.OTHER, 4)]
    assert matcher.memory is not None
    assert matcher.memory.incident == an_incident()


def test_what_is_remembered_counts_more_than_the_copy_in_the_record():
    matcher = Matcher(a_profile())
    matcher.decide(a_start())

    matcher.decide(an_ack(incident=an_incident(description="older")))

    assert matcher.memory is not None
    assert matcher.memory.incident.description == "Box down"


def test_a_deleted_incident_is_forgotten():
    matcher = Matcher(a_profile())
    matcher.decide(a_start())

    assert matcher.decide(a_deletion()).state is None


def test_the_state_keeps_who_was_told_and_the_last_event_ids():
    matcher = Matcher(a_profile(destinations=(4,)))
    records = [a_start(), *(a_happening(EventType.OTHER, minutes=minute) for minute in range(1, 70))]

    for record in records:
        matcher.decide(record)

    assert matcher.memory is not None
    assert matcher.memory.told == (Told(destination=4, owner=7, profiles=(11,)),)
    assert matcher.memory.recent == tuple(record.event_id for record in records[-64:])


def test_events_received_long_ago_are_withheld_as_too_old():
    matcher = Matcher(a_profile())
    matcher.late = timedelta(hours=25)

    decision = matcher.decide(record := a_start())

    assert decision.notifications == ()
    [withheld] = decision.withheld
    assert withheld.why == "too old"
    assert withheld.delivery.state == "suppressed"
    assert withheld.delivery.attempt == 0
    assert withheld.delivery.notification == notification_id(record.event_id, 4, "event")
    assert withheld.delivery.reason.startswith("too old")
    assert withheld.delivery.profiles == (11,)
    assert matcher.memory is not None
    assert matcher.memory.told == ()


def test_maintenance_withholds_a_start():
    decision = Matcher(a_profile(), a_task()).decide(a_start())

    assert decision.notifications == ()
    assert [each.delivery.reason for each in decision.withheld] == ["planned maintenance 21: new firmware"]


@pytest.mark.parametrize(
    "elsewhere",
    [
        {"filters": ()},
        {"filters": (named(maxlevel=1),)},
        {"starts_at": at(1)},
        {"ends_at": at(-1)},
        {"deleted": True},
        {"filters": (named(tags=("host=b.example.org",)),)},
    ],
    ids=str,
)
def test_maintenance_elsewhere_withholds_nothing(elsewhere: dict[str, Any]):
    assert Matcher(a_profile(), a_task(**elsewhere)).told(a_start()) == [(START, 4)]


def test_maintenance_withholds_no_end_from_those_who_were_told_of_the_start():
    matcher = Matcher(a_profile())
    matcher.decide(a_start())

    matcher.put(a_task())
    matcher.put(a_profile(pk=12, destinations=(5,)))
    decision = matcher.decide(a_happening(END))

    assert [each.destination for each in decision.notifications] == [4]
    assert [each.delivery.destination for each in decision.withheld] == [5]


def test_a_start_that_was_withheld_promises_no_end():
    matcher = Matcher(a_profile(filters=(OPEN,)), a_task())
    matcher.decide(a_start())

    assert matcher.told(a_happening(END, minutes=61)) == []


def test_nobody_is_looked_for_twice_where_nobody_asks():
    decision = Matcher(a_task()).decide(a_start())

    assert decision.withheld == ()


def test_the_fallback_filter_counts_where_a_filter_says_nothing():
    rules = a_profile(filters=(named(),)), a_profile(pk=12, filters=(OPEN,), destinations=(5,))
    matcher = Matcher(*rules, fallback=Filter(event_types=(START, END), tags=("host=a.example.org",)))

    assert matcher.told(a_start(draft=a_draft(tags=tags("host=a.example.org")))) == [(START, 4), (START, 5)]
    assert matcher.told(a_happening(EventType.OTHER)) == []


def test_a_timeslot_may_be_one_of_several():
    matcher = Matcher(a_profile(timeslots=(MORNINGS, ALL_THE_TIME)))

    assert matcher.told(a_start(minutes=60)) == [(START, 4)]
