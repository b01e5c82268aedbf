"""Whatever happens to an incident and its rules, what is remembered of it fits together, and nothing is told twice."""

from collections import Counter
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_schemas.configuration import Damping, EscalationStep, Filter, Maintenance, NamedFilter, Profile
from argus_schemas.memory import MatcherState
from argus_schemas.records import Record
from argus_schemas.words import EventType, Level
from tests.builders import EVERYTHING, a_change, a_deletion, a_happening, a_profile, a_start, a_task, an_ack, at
from tests.unit.matcher.timely import Timely

OPEN = NamedFilter(pk=2, name="open", filter=Filter(open=True))
BAD = NamedFilter(pk=3, name="bad", filter=Filter(maxlevel=1))
DAY = 1440

steps = st.lists(st.tuples(st.integers(1, 60), st.sampled_from([(4,), (5, 6), (7,)])), max_size=3).map(
    lambda found: tuple(EscalationStep(after_minutes=n, destinations=to) for n, to in sorted(dict(found).items()))
)
dampings = st.none() | st.builds(
    Damping,
    changes=st.integers(1, 2),
    minutes=st.sampled_from([20, 10, 5]),
    summary_minutes=st.sampled_from([5, 10, 1]),
)
profiles = st.builds(
    a_profile,
    pk=st.integers(11, 13),
    destinations=st.sampled_from([(4,), (4, 5), (6,)]),
    filters=st.sampled_from([(EVERYTHING,), (OPEN,), (OPEN,), (BAD,)]),
    active=st.sampled_from([True] * 6 + [False]),
    damping=dampings,
    escalation=steps,
)
tasks = st.builds(
    lambda pk, start, length, **fields: a_task(
        pk=pk, starts_at=at(start), ends_at=None if length is None else at(start + length), **fields
    ),
    st.integers(21, 22),
    st.integers(-10, 60),
    st.sampled_from([10, 60, 1, None]),
    tell_after=st.sampled_from([True, True, True, False]),
    deleted=st.sampled_from([False, False, False, True]),
    filters=st.sampled_from([(EVERYTHING,), (EVERYTHING,), (BAD,)]),
)


def record(what: str, minute: int, pk: int) -> Record:
    fields: dict[str, Any] = {"event_pk": pk}
    if what == "start":
        return a_start(minute, said=(), **fields)
    if what == "worse":
        return a_change(minute, level=Level.CRITICAL, change_pks=tuple(range(pk, pk + 6)))
    if what == "ack":
        return an_ack(minute, **fields)
    if what == "deletion":
        return a_deletion(minute)
    kinds = {"end": EventType.END, "reopening": EventType.REOPEN, "other": EventType.OTHER}
    return a_happening(kinds[what], minute, **fields)


kinds = ["start", "start", "start", "end", "end", "end", "worse", "ack", "reopening", "other", "deletion"]
happened = st.tuples(st.integers(0, 8), st.sampled_from(kinds))
changed = st.tuples(st.integers(0, 8), profiles | tasks)
histories = st.lists(happened | happened | happened | changed, min_size=5, max_size=25).map(
    lambda found: [(0, "start"), *found]
)
rules = st.tuples(profiles, profiles | tasks, tasks | st.none()).map(lambda found: [each for each in found if each])


class Checked(Timely):
    """A matcher whose memory is looked at after each step, as it is read by whoever takes it over."""

    def comes(self, record: Record) -> None:
        super().comes(record)
        self.check()

    def fire(self) -> None:
        told, before = len(self.notifications) + len(self.withheld), self.memory
        super().fire()
        progressed = len(self.notifications) + len(self.withheld) > told or self.memory != before
        assert progressed, f"nothing came of what was due at {self.due_at}"
        self.check()

    def check(self) -> None:
        if self.memory is None:
            return
        assert MatcherState.read(self.memory.to_bytes()) == self.memory
        waits = bool(self.memory.withheld or self.memory.escalations or self.memory.flapping)
        assert (self.memory.news is not None) == waits
        told = {each.destination for each in self.memory.told}
        assert told.isdisjoint(each.destination for each in self.memory.withheld)
        names = Counter(each.id for each in self.notifications)
        names.update(each.delivery.notification for each in self.withheld)
        assert max(names.values(), default=1) == 1


def lived(rules: list[Profile | Maintenance], history: list[tuple[int, Any]], room: int) -> Checked:
    matcher, minute = Checked(*rules), 0
    matcher.room = room
    for number, (gap, what) in enumerate(history):
        minute += gap
        matcher.until(at(minute))
        if isinstance(what, str):
            matcher.comes(record(what, minute, 100 + 10 * number))
        else:
            matcher.put(what)
            if matcher.memory is not None and matcher.memory.withheld:
                Timely.fire(matcher)
                matcher.check()
            minute += 1  # in which all of what fits in no transaction is told
    matcher.until(DAY * 3)
    return matcher


def look(rules: list[Profile | Maintenance], history: list[tuple[int, Any]]) -> None:
    matcher, narrow = lived(rules, history, room=1000), lived(rules, history, room=1)
    # Where two timers meet, the one that waits for the next transaction may find its destination told by the other.
    assert {(each.destination, each.event.pk) for each in narrow.notifications} == {
        (each.destination, each.event.pk) for each in matcher.notifications
    }
    for each in matcher.notifications:
        if each.purpose.startswith(("escalation", "maintenance over")):
            assert each.incident.ended_at is None
        if each.purpose.startswith("escalation"):
            assert each.incident.acks == ()


@given(rules, histories)
@settings(max_examples=100)
def test_a_hundred_histories_fit_together(rules, history):
    look(rules, history)


@pytest.mark.long
@given(rules, histories)
@settings(max_examples=10_000)
def test_ten_thousand_histories_fit_together(rules, history):
    look(rules, history)
