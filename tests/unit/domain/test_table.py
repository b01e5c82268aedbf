"""Every kind of record in every state of its incident: what it means, and the state that it leaves behind."""

from pathlib import Path

import pytest

from argus_domain.fold import fold
from argus_domain.outcome import State, What
from argus_domain.states import is_acked, is_open
from argus_schemas.words import EventType
from tests.builders import (
    ALICE,
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
SEEN_AT = at(20)
"""When the records of the table are received: after all that made the states."""


def after(*records):
    state = State()
    for record in records:
        state, _ = fold(state, record)
    return state


def described(**changes):
    """Return a create whose metadata have a number."""
    return a_create(draft=a_draft(metadata={"a": 1}, **changes))


STATES = {
    "none": after,
    "open": lambda: after(described()),
    "closed": lambda: after(described(), a_happening(E.END, 5)),
    "stateless": lambda: after(described(stateful=False)),
    "acked": lambda: after(described(), an_ack(5)),
    "expired": lambda: after(described(), an_ack(5, expires_at=at(15))),
    "future end": lambda: after(described(ended_at=at(60))),
    "deleted": lambda: after(described(), a_deletion(5)),
}


def of_source(type_, **changes):
    return a_happening(type_, 20, **changes)


def of_person(type_, **changes):
    return a_happening(type_, 20, actor=ALICE, **changes)


def late(type_):
    return a_happening(type_, 20, occurred_at=at(-1), reported=True)


RECORDS = {
    "create": lambda: a_create(20, incident_pk=99),
    "create stateless": lambda: a_create(20, incident_pk=99, draft=a_draft(stateful=False)),
    "start": lambda: a_start(20, incident_pk=99),
    "late start": lambda: a_start(-1, received_at=at(20), incident_pk=99),
    "start stateless": lambda: a_start(20, incident_pk=99, draft=a_draft(stateful=False)),
    "STA": lambda: of_source(E.START),
    "END": lambda: of_source(E.END),
    "RES": lambda: of_source(E.RESTART),
    "CHI": lambda: of_source(E.CHANGE),
    "LES": lambda: of_source(E.STATELESS),
    "OTH": lambda: of_source(E.OTHER),
    "CLO": lambda: of_person(E.CLOSE),
    "REO": lambda: of_person(E.REOPEN),
    "ACK": lambda: of_person(E.ACKNOWLEDGE),
    "reported END": lambda: of_source(E.END, reported=True),
    "late END": lambda: late(E.END),
    "reported OTH": lambda: of_source(E.OTHER, reported=True),
    "bulk CLO": lambda: of_person(E.CLOSE, strict=False),
    "bulk REO": lambda: of_person(E.REOPEN, strict=False),
    "bulk END": lambda: of_source(E.END, strict=False),
    "bulk RES": lambda: of_source(E.RESTART, strict=False),
    "bulk ACK": lambda: of_person(E.ACKNOWLEDGE, strict=False),
    "change": lambda: a_change(20, level=1),
    "same change": lambda: a_change(20, level=2),
    "empty change": lambda: a_change(20),
    "same metadata": lambda: a_change(20, metadata={"a": 1}),
    "true for a number": lambda: a_change(20, metadata={"a": True}),
    "fraction for a number": lambda: a_change(20, metadata={"a": 1.0}),
    "ticket": lambda: a_change(20, ticket_url="http://t/1"),
    "first ticket": lambda: a_change(20, ticket_url="http://t/1", first_ticket=True),
    "same ticket": lambda: a_change(20, ticket_url=""),
    "same, told anyway": lambda: a_change(20, ticket_url="", told_anyway=True),
    "reported change": lambda: a_change(20, level=1, reported=True),
    "late change": lambda: a_change(20, occurred_at=at(-1), level=1, reported=True),
    "foreign tags": lambda: a_change(20, tags=()),
    "foreign tags in v3": lambda: a_change(20, tags=(), tags_of_anyone=True),
    "tag added": lambda: a_change(20, add_tags=tags("b=2")),
    "tag removed": lambda: a_change(20, remove_tags=tags("host=a.example.org")),
    "no tag removed": lambda: a_change(20, remove_tags=tags("b=2")),
    "ack": lambda: an_ack(20),
    "ack expiring": lambda: an_ack(20, expires_at=at(30)),
    "ack expired": lambda: an_ack(20, expires_at=at(15)),
    "ack-changed": lambda: an_ack_change(20, expires_at=at(30)),
    "ack-changed to now": lambda: an_ack_change(20, expires_at=at(20)),
    "deleted": lambda: a_deletion(20),
}


def shown(state):
    """Return the state in a word or two: none, open, closed, stateless, and whether it is acked."""
    incident = state.incident
    if incident is None:
        return "none"
    word = "stateless" if not incident.stateful else "open" if is_open(incident, SEEN_AT) else "closed"
    return f"{word} acked" if is_acked(incident, SEEN_AT) else word


TABLE = Path(__file__).with_name("table.md")


def cells():
    """Return a parameter for each cell of the table."""
    (_, *states), _, *rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in TABLE.read_text().splitlines() if line[:1] == "|"
    ]
    return [
        pytest.param(record, state, cell, id=f"{record}-{state}")
        for record, *found in rows
        for state, cell in zip(states, found, strict=True)
    ]


def test_the_table_has_a_cell_for_each_record_in_each_state():
    assert {(cell.values[0], cell.values[1]) for cell in cells()} == {(r, s) for r in RECORDS for s in STATES}


@pytest.mark.rule(98, 99, 100, 101, 102, 103, 104)
@pytest.mark.parametrize(("record", "state", "cell"), cells())
def test_each_record_means_what_the_table_says_in_each_state(record, state, cell):
    before = STATES[state]()

    folded, outcome = fold(before, RECORDS[record]())

    said = outcome.reason.partition(":")[0] if outcome.what is What.REFUSED else outcome.what
    assert f"{said} > {shown(folded)}" == cell
    if outcome.what in {What.RECORDED, What.REFUSED}:
        assert folded.incident == before.incident


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("state", STATES)
def test_a_record_seen_before_is_a_repeat_whatever_happened_since(record, state):
    seen = RECORDS[record]()
    since, _ = fold(STATES[state](), seen)
    for later in (of_source(E.END), of_source(E.RESTART), a_deletion(30), a_create(40)):
        since, _ = fold(since, later)

    again, outcome = fold(since, seen)

    assert outcome.what is What.REPEATED
    assert again == since


@pytest.mark.parametrize("record", RECORDS)
@pytest.mark.parametrize("state", STATES)
def test_the_first_event_of_a_record_has_the_records_own_id(record, state):
    made = RECORDS[record]()

    _, outcome = fold(STATES[state](), made)

    assert [event.event_id for event in outcome.events[:1]] == [made.event_id][: len(outcome.events)]
    assert len({event.event_id for event in outcome.events}) == len(outcome.events)
    assert len({event.pk for event in outcome.events}) == len(outcome.events)
