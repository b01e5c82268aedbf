"""Who is told of an event, by the rules that clients of Argus know."""

from datetime import time, timedelta
from typing import Any

import pytest

from argus_matcher.decisions import Decision, decide
from argus_matcher.index import SiftedIndex
from argus_schemas.configuration import Filter, Maintenance, NamedFilter, Profile, document_key
from argus_schemas.memory import MatcherState
from argus_schemas.records import Record
from argus_schemas.schedules import Recurrence, Timeslot
from argus_schemas.words import EventType
from tests.builders import EVERYTHING, a_create, a_draft, a_happening, a_profile, an_ack, an_incident, at, tags

KNOWN = MatcherState(incident=an_incident())


def a_filter(pk: int, **conditions: Any) -> NamedFilter:
    return NamedFilter(pk=pk, name=f"filter {pk}", filter=Filter(**conditions))


def decided(record: Record, *rules: Profile | Maintenance, memory: MatcherState | None = None) -> Decision:
    index = SiftedIndex()
    for rule in rules:
        index.put(document_key(rule.kind, rule.pk), rule)
    return decide(record, memory, index=index, now=record.received_at, too_old_after=timedelta(hours=24))


def told(record: Record, *rules: Profile | Maintenance, memory: MatcherState | None = None) -> list[int]:
    """The destinations that are told of a record."""
    return [each.destination for each in decided(record, *rules, memory=memory).notifications]


@pytest.mark.rule(187)
def test_an_incident_has_to_fit_all_filters_of_a_profile():
    profile = a_profile(filters=(a_filter(1, maxlevel=3), a_filter(2, tags=("site=b",))))

    assert told(a_create(draft=a_draft(level=2, tags=tags("site=a"))), profile) == []
    assert told(a_create(draft=a_draft(level=2, tags=tags("site=b"))), profile) == [4]


@pytest.mark.rule(188)
def test_an_inactive_profile_is_never_told():
    assert told(a_create(), a_profile(active=False)) == []
    assert told(a_create(), a_profile()) == [4]


@pytest.mark.rule(189)
def test_the_time_of_the_event_has_to_lie_in_a_timeslot_whenever_the_incident_started():
    afternoon = Timeslot(
        pk=2, name="afternoon", recurrences=(Recurrence(days=(1, 2, 3, 4, 5, 6, 7), start=time(13), end=time(17)),)
    )
    profile = a_profile(timeslots=(afternoon,))

    assert told(a_create(), profile) == []
    assert told(a_happening(EventType.OTHER, minutes=90), profile, memory=KNOWN) == [4]
    assert told(a_happening(EventType.OTHER, minutes=400), profile, memory=KNOWN) == []


@pytest.mark.rule(190)
def test_a_destination_that_two_profiles_share_is_told_once():
    both = a_profile(pk=11, destinations=(4,)), a_profile(pk=12, name="other", destinations=(4,))

    assert told(a_create(), *both) == [4]


@pytest.mark.rule(192)
def test_who_asks_for_acknowledged_incidents_is_told_of_the_acknowledgement_itself():
    profile = a_profile(filters=(a_filter(1, acked=True),))

    assert told(an_ack(), profile, memory=KNOWN) == [4]
    assert told(a_happening(EventType.ACKNOWLEDGE), profile, memory=KNOWN) == [4]
    assert told(a_happening(EventType.OTHER), profile, memory=KNOWN) == []


@pytest.mark.rule(194)
def test_a_profile_for_some_types_of_events_is_told_of_no_others():
    profile = a_profile(filters=(EVERYTHING, a_filter(2, event_types=(EventType.CLOSE,))))

    assert told(a_create(), profile) == []
    assert told(a_happening(EventType.CLOSE), profile, memory=KNOWN) == [4]


@pytest.mark.rule(195)
def test_what_planned_maintenance_covers_is_told_to_nobody():
    task = Maintenance(pk=3, version=1, starts_at=at(-5), ends_at=at(5), filters=(EVERYTHING,))

    decision = decided(a_create(), a_profile(), task)

    assert decision.notifications == ()
    assert [each.delivery.state for each in decision.withheld] == ["suppressed"]
    assert told(a_create(), a_profile(), task.but(ends_at=at(-1))) == [4]
