"""What each kind of record means in each state of its incident."""

from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest

from argus_domain import reasons
from argus_domain.fold import fold
from argus_domain.outcome import Outcome, State, What
from argus_domain.states import is_acked, is_open
from argus_schemas.identity import part_event_id
from argus_schemas.incident import LARGEST_CHANGED, MOST_ACKS, MOST_TAGS, Acknowledgement
from argus_schemas.topics import LARGEST_INCIDENT
from argus_schemas.words import EventType, Level
from tests.builders import (
    ALICE,
    CHANGE_PKS,
    NAV_USER,
    NOON,
    a_change,
    a_create,
    a_deletion,
    a_draft,
    a_happening,
    a_start,
    an_ack,
    an_ack_change,
    at,
    tags,
)

E = EventType
NOTHING = State()


def folded(*records, state=NOTHING):
    outcome = None
    for record in records:
        state, outcome = fold(state, record)
    return state, outcome


def opened():
    return folded(a_create())[0]


def closed():
    return folded(a_create(), a_happening(E.END, 5))[0]


def stateless():
    return folded(a_create(draft=a_draft(stateful=False)))[0]


def test_a_create_opens_an_incident_with_a_start_event_by_the_sources_user():
    state, outcome = folded(a_create(actor=ALICE))

    (event,) = outcome.events
    assert (event.type, event.actor.pk, event.description, event.occurred_at) == (E.START, 6, "Box down", NOON)
    assert is_open(state.incident, NOON)
    assert [(str(tag), tag.added_by) for tag in state.incident.tags] == [("host=a.example.org", ALICE.pk)]


def test_a_stateless_create_has_a_single_les_event_and_is_neither_open_nor_closed():
    state, outcome = folded(a_create(draft=a_draft(stateful=False)))

    assert [event.type for event in outcome.events] == [E.STATELESS]
    assert not is_open(state.incident, NOON)


def test_a_second_create_for_the_same_key_is_refused_also_when_the_incident_is_closed():
    _, outcome = folded(a_create(), a_happening(E.END), a_create(incident_pk=99))

    assert (outcome.what, outcome.reason) == (What.REFUSED, reasons.DUPLICATE)


def test_an_end_closes_at_its_own_time_and_a_second_end_does_not_move_it():
    state, _ = folded(a_create(), a_happening(E.END, 5), a_happening(E.END, 9))

    assert state.incident.ended_at == at(5)


def test_end_restart_end_closes_with_the_last_time():
    state, _ = folded(a_create(), a_happening(E.END, 5), a_happening(E.RESTART, 6), a_happening(E.END, 9))

    assert state.incident.ended_at == at(9)


def test_a_reported_start_restarts_an_ended_incident_and_changes_what_it_names():
    draft = a_draft(level=Level.CRITICAL, start_time=at(20))
    state, outcome = folded(a_start(20, draft=draft), state=closed())

    assert [event.type for event in outcome.events] == [E.RESTART, E.CHANGE]
    assert outcome.events[1].event_id == part_event_id(outcome.events[0].event_id, "level")
    assert (state.incident.level, state.incident.ended_at) == (Level.CRITICAL, None)
    assert state.incident.start_time == NOON


def test_a_start_after_an_end_that_its_sources_clock_put_ahead_of_ours_still_restarts():
    end = a_happening(E.END, 5, occurred_at=at(7))
    _, outcome = folded(a_create(), end, a_start(6, occurred_at=at(8)))

    assert outcome.what == What.RESTARTED


def test_a_repeated_start_that_says_what_is_known_changes_nothing():
    state, outcome = folded(a_start(), a_start())

    assert (outcome.what, outcome.events) == (What.MERGED, ())
    assert state.incident.changed_at == NOON


def test_a_start_that_is_silent_about_a_field_does_not_change_it():
    draft = a_draft(level=Level.INFORMATION, start_time=at(5))
    state, _ = folded(a_start(5, said=("description",), draft=draft), state=opened())

    assert state.incident.level == Level.HIGH


def test_each_field_that_changes_has_a_chi_event_with_the_pk_reserved_for_it():
    _, outcome = folded(a_change(level=1, metadata={"a": 1}, tags=()), state=folded(a_create(actor=ALICE))[0])

    assert [(event.pk, event.description) for event in outcome.events] == [
        (CHANGE_PKS[0], 'Change: "level": 2 → 1'),
        (CHANGE_PKS[4], 'Change: "metadata": 0 item(s) → 1 item(s)'),
        (CHANGE_PKS[5], "Change: \"tags\": ['host=a.example.org'] → []"),
    ]


def test_a_person_cannot_remove_tags_that_somebody_else_added():
    state, outcome = folded(a_change(tags=()), state=opened())

    assert outcome.reason == 'foreign-tags: ["host=a.example.org"]'
    assert len(state.incident.tags) == 1


def test_a_superuser_can_remove_tags_that_somebody_else_added():
    state, _ = folded(a_change(tags=(), actor=ALICE.but(is_superuser=True)), state=opened())

    assert state.incident.tags == ()


def test_a_report_replaces_the_tags_of_its_source_and_leaves_those_of_people():
    state, _ = folded(a_change(add_tags=tags("owner=alice")), state=opened())

    state, _ = folded(a_change(15, actor=NAV_USER, reported=True, tags=tags("host=b")), state=state)

    assert [str(tag) for tag in state.incident.tags] == ["owner=alice", "host=b"]


def test_tags_that_stay_keep_who_added_them():
    state, _ = folded(a_change(tags=tags("host=a.example.org", "new=1")), state=opened())

    assert [(str(tag), tag.added_by) for tag in state.incident.tags] == [("host=a.example.org", 6), ("new=1", 7)]


@pytest.mark.rule(136)
def test_a_tag_that_is_there_already_is_not_added_again():
    state, outcome = folded(a_change(add_tags=tags("host=a.example.org", "new=1")), state=opened())

    assert [(str(tag), tag.added_by) for tag in state.incident.tags] == [("host=a.example.org", 6), ("new=1", 7)]
    assert outcome.what is What.APPLIED


def test_adding_and_removing_single_tags_makes_no_event():
    state, outcome = folded(a_change(add_tags=tags("b=2"), remove_tags=tags("host=a.example.org")), state=opened())

    assert [str(tag) for tag in state.incident.tags] == ["b=2"]
    assert (outcome.what, outcome.events) == (What.APPLIED, ())


def test_an_ack_holds_until_its_expiration():
    state, _ = folded(an_ack(expires_at=at(30)), state=opened())

    assert is_acked(state.incident, at(29))
    assert not is_acked(state.incident, at(30))


def test_an_ack_can_be_changed_until_it_has_expired():
    state, _ = folded(an_ack(expires_at=at(30)), an_ack_change(20, expires_at=None), state=opened())
    _, late = folded(an_ack(expires_at=at(30)), an_ack_change(31), state=opened())

    assert is_acked(state.incident, NOON + timedelta(days=900))
    assert late.reason == reasons.EXPIRED_ACK


def test_an_ack_or_a_persons_change_does_not_make_the_sources_next_report_late():
    state, _ = folded(an_ack(10), a_change(11, level=1), state=opened())

    state, outcome = folded(a_happening(E.END, 12, occurred_at=at(5), reported=True), state=state)

    assert (outcome.what, state.incident.ended_at) == (What.APPLIED, at(5))


def test_a_delayed_end_does_not_close_what_was_restarted_after_it():
    state, _ = folded(a_start(20), state=closed())

    state, outcome = folded(a_happening(E.END, 21, occurred_at=at(15), reported=True), state=state)

    assert outcome.what == What.RECORDED
    assert is_open(state.incident, at(21))


def test_a_deleted_incident_is_gone_and_its_key_can_begin_anew():
    state, _ = folded(a_deletion(), state=opened())
    state, outcome = folded(a_create(30, incident_pk=77), state=state)

    assert outcome.what == What.APPLIED
    assert state.incident.pk == 77


def test_a_refused_record_is_remembered_so_that_its_repeat_is_a_repeat():
    state, _ = folded(end := a_happening(E.END, event_id=uuid4()))

    assert fold(state, end)[1].what == What.REPEATED


def test_a_tag_that_is_said_twice_is_one_tag():
    twice = tags("a=1", "a=1")
    state, _ = folded(a_create(draft=a_draft(tags=twice)), a_change(add_tags=tags("b=1", "b=1")))
    changed, _ = folded(a_change(20, actor=NAV_USER, reported=True, tags=tags("c=1", "c=1")), state=state)

    assert [str(tag) for tag in state.incident.tags] == ["a=1", "b=1"]
    assert [str(tag) for tag in changed.incident.tags if tag.added_by == 6] == ["c=1"]


def test_a_ticket_that_was_opened_meanwhile_does_not_take_the_place_of_the_one_that_is_there():
    state, _ = folded(a_change(ticket_url="https://t.example.org/1", first_ticket=True), state=opened())

    state, outcome = folded(a_change(ticket_url="https://t.example.org/2", first_ticket=True), state=state)

    assert (outcome.what, state.incident.ticket_url) == (What.MERGED, "https://t.example.org/1")


def test_the_tags_of_v3_show_as_a_set_in_one_order():
    _, outcome = folded(a_change(tags=tags("b=2", "a=1"), tags_of_anyone=True), state=opened())
    _, removed = folded(a_change(tags=(), tags_of_anyone=True), state=opened())

    assert outcome.events[0].description == "Change: \"tags\": {'host=a.example.org'} → {'a=1', 'b=2'}"
    assert removed.events[0].description == "Change: \"tags\": {'host=a.example.org'} → set()"


def test_an_incident_has_no_more_tags_than_a_report_may_have():
    many = tags(*(f"k={number}" for number in range(MOST_TAGS)))

    state, outcome = folded(a_change(level=1, add_tags=many), state=opened())

    assert (outcome.what, outcome.reason) == (What.REFUSED, reasons.TOO_MANY_TAGS)
    assert (len(state.incident.tags), state.incident.level) == (1, Level.HIGH)


@pytest.mark.rule(120, changed="6.1")
def test_a_bare_ack_event_is_a_real_ack_that_does_not_expire():
    state, _ = folded(a_happening(E.ACKNOWLEDGE, strict=False, actor=ALICE), state=opened())

    assert [(ack.event, ack.expires_at) for ack in state.incident.acks] == [(60, None)]


@pytest.mark.parametrize("wished", [{"a": True, "b": []}, {"a": 1.0, "b": []}, {"a": [1], "b": []}, {"a": 1, "b": {}}])
@pytest.mark.parametrize("kind", ["change", "start"])
def test_metadata_that_python_alone_calls_equal_change_by_a_change_and_by_a_report(wished, kind):
    before, _ = folded(a_create(draft=a_draft(metadata={"a": 1, "b": []})))
    start = a_start(5, draft=a_draft(metadata=wished, start_time=at(5)), said=("metadata",))

    state, outcome = folded(a_change(5, metadata=wished) if kind == "change" else start, state=before)

    assert repr(state.incident.metadata) == repr(wished)
    assert [event.type for event in outcome.events] == [E.CHANGE]


def test_the_order_of_names_in_metadata_is_no_change():
    before, _ = folded(a_create(draft=a_draft(metadata={"a": 1, "b": {"c": 1.5, "d": None}})))

    state, outcome = folded(a_change(5, metadata={"b": {"d": None, "c": 1.5}, "a": 1}), state=before)

    assert state.incident is before.incident
    assert outcome == Outcome(What.MERGED)


def acks(count, **changes):
    return tuple(Acknowledgement(event=number, **changes) for number in range(1, count + 1))


@pytest.mark.parametrize("ack", [an_ack, lambda: a_happening(E.ACKNOWLEDGE, strict=False)])
@pytest.mark.parametrize("expires_at", [None, at(1)])
def test_an_incident_takes_no_more_acks_than_its_records_can_carry(ack, expires_at):
    incident = opened().incident.but(acks=acks(MOST_ACKS, expires_at=expires_at))

    state, outcome = folded(ack(), state=State(incident))

    assert (outcome.what, outcome.reason) == (What.REFUSED, reasons.TOO_MANY_ACKS)
    assert state.incident is incident


def test_a_hundred_thousand_acks_leave_an_incident_that_any_record_can_carry():
    state = opened()
    for number in range(1, 100_001):
        state = State(fold(state, an_ack(event_pk=number, expires_at=at(number / 1000)))[0].incident)

    assert len(state.incident.acks) == MOST_ACKS
    assert len(an_ack(incident=state.incident).to_bytes()) < LARGEST_INCIDENT // 16


HOSTILE = "\x01"
"""Six bytes in JSON."""


@pytest.mark.parametrize(
    "wish",
    [
        {"description": HOSTILE * 100_000, "metadata": [1e15] * 30_000},
        {"add_tags": tags(*(f"k{number}={HOSTILE * 600}" for number in range(MOST_TAGS - 1)))},
        {"metadata": {"x": "y" * LARGEST_CHANGED}},
    ],
)
def test_people_cannot_make_an_incident_too_large_for_its_records(wish):
    before = opened()

    state, outcome = folded(a_change(**wish), state=before)

    assert (outcome.what, outcome.reason) == (What.REFUSED, reasons.TOO_LARGE)
    assert state.incident is before.incident


def test_an_incident_that_is_too_large_can_still_be_ended_and_made_smaller():
    large = folded(a_create(draft=a_draft(metadata="x" * LARGEST_CHANGED)))[0]

    smaller, outcome = folded(a_change(metadata={}), state=large)
    closed_, ended = folded(a_happening(E.CLOSE, actor=ALICE), state=large)
    _, other_level = folded(a_change(level=1), state=large)

    assert [one.what for one in (outcome, ended, other_level)] == [What.APPLIED] * 3
    assert smaller.incident.metadata == {}
    assert not is_open(closed_.incident, at(20))


def test_what_people_and_the_source_say_at_most_fits_a_record_together():
    people = tags(*(f"p{number}={HOSTILE * 280}" for number in range(MOST_TAGS - 1)))
    source = tags(*(f"s{number}={'x' * 500}" for number in range(MOST_TAGS)))
    report: dict[str, Any] = {"description": HOSTILE * 40_000, "metadata": [1e15] * 40_000, "tags": source}
    state, outcome = folded(a_create(), a_change(add_tags=people))
    assert outcome.what is What.APPLIED

    state, _ = folded(a_change(actor=NAV_USER, reported=True, **report), state=state)
    state, outcome = folded(a_change(actor=NAV_USER, minutes=11, reported=True, **report), state=state)
    incident = state.incident.but(acks=acks(MOST_ACKS, expires_at=at(60)))

    assert outcome.what is What.MERGED
    assert len(incident.tags) == MOST_TAGS - 1 + MOST_TAGS
    assert len(a_happening(E.OTHER, incident=incident, description=HOSTILE * 100_000).to_bytes()) < LARGEST_INCIDENT
