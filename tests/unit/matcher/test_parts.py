"""What is too much for one transaction is told in several, whoever owns the partition meanwhile, each word once."""

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

import pytest

from argus_matcher.decisions import decide
from argus_matcher.effects import Decided
from argus_matcher.index import SiftedIndex
from argus_matcher.parts import parts, recalled
from argus_schemas.configuration import Filter, Maintenance, NamedFilter, Profile, document_key
from argus_schemas.memory import MatcherState
from argus_schemas.records import IncidentRecord
from argus_schemas.topics import DELIVERIES, INCIDENT_STATES, NOTIFICATIONS
from argus_schemas.words import EventType, Level
from tests.builders import EVERYTHING, KEY, a_change, a_happening, a_profile, a_start, at
from tests.unit.matcher.fakes import a_record

CHANGES = NamedFilter(pk=2, name="Changes", filter=Filter(event_types=tuple(EventType)))
MANY = a_profile(filters=(CHANGES,), destinations=tuple(range(1, 11)))
SMALL = 2500
"""Bytes of some three notifications."""


class Owner:
    """Decides records with these rules after what its predecessor has committed, and may be killed."""

    def __init__(self, *rules: Profile | Maintenance, kept: bytes | None = None, most_bytes: int = SMALL) -> None:
        self.index = SiftedIndex()
        for rule in rules:
            self.index.put(document_key(rule.kind, rule.pk), rule)
        self.kept = kept
        self.most_bytes = most_bytes
        self.told: list[tuple[int, str, int]] = []

    def parts(self, record: IncidentRecord) -> list[Decided]:
        memory = recalled(None if self.kept is None else INCIDENT_STATES.decode(self.kept), record)
        now = record.received_at
        decision = decide(record, memory.before, index=self.index, now=now, too_old_after=timedelta(hours=24))
        return list(parts(a_record(record), record, memory, decision, self.most_bytes))

    def commit(self, some: Iterable[Decided]) -> None:
        for part in some:
            for output in part.outputs:
                word = output.topic.decode(output.value or b"")
                event = word.event.pk if output.topic is NOTIFICATIONS else word.event
                self.told.append((event, output.topic.name, word.destination))
            self.kept = part.states.get(KEY.encode(), self.kept)

    def handle(self, *records: IncidentRecord) -> None:
        for record in records:
            self.commit(self.parts(record))

    @property
    def state(self) -> MatcherState:
        return INCIDENT_STATES.decode(self.kept or b"")


def of_all(*records: IncidentRecord, rules: Iterable[Profile | Maintenance] = (MANY,)) -> Owner:
    """Return an owner that told everything at once."""
    owner = Owner(*rules, most_bytes=10**9)
    owner.handle(*records)
    return owner


RECORDS: dict[str, tuple[IncidentRecord, ...]] = {
    "the first of its incident": (a_start(),),
    "a later one": (a_start(), a_happening(EventType.END)),
    "several events": (a_start(), a_change(level=Level.LOW, description="Down")),
}


@pytest.mark.parametrize("records", RECORDS.values(), ids=RECORDS)
def test_whoever_is_killed_after_any_part_has_a_successor_that_tells_the_rest(records: tuple[IncidentRecord, ...]):
    *earlier, last = records
    expected = of_all(*records)
    begun = Owner(MANY)
    begun.handle(*earlier)
    count = len(begun.parts(last))
    assert count >= 3

    for committed in range(count):
        owner = Owner(MANY, kept=begun.kept)
        owner.told = list(begun.told)
        owner.commit(owner.parts(last)[:committed])
        successor = Owner(MANY, kept=owner.kept)
        successor.handle(last)

        assert owner.told + successor.told == expected.told
        assert successor.state == expected.state


def test_a_part_is_no_larger_than_a_transaction_and_only_the_last_is_done():
    found = Owner(MANY).parts(a_start())

    assert [part.done for part in found] == [False] * (len(found) - 1) + [True]
    assert all(sum(len(output.value or b"") for output in part.outputs) <= SMALL for part in found)
    assert {part.offset for part in found} == {10}


def test_one_word_that_is_larger_than_a_transaction_goes_alone():
    found = Owner(MANY, most_bytes=1).parts(a_start())

    assert [len(part.outputs) for part in found] == [1] * 10


def test_between_two_parts_the_state_is_the_one_before_the_record():
    owner = Owner(MANY)
    owner.handle(a_start())
    before = owner.state

    owner.commit(owner.parts(a_happening(EventType.END))[:1])

    assert owner.state.but(telling=None) == before
    assert owner.state.telling


def test_who_is_told_and_from_whom_it_is_withheld_are_told_in_one_order():
    half = Maintenance(
        pk=21, version=1, description="new firmware", starts_at=at(5), ends_at=None, filters=(EVERYTHING,)
    )
    told_of_start = a_profile(pk=11, filters=(CHANGES,), destinations=tuple(range(1, 10, 2)))
    others = a_profile(pk=12, filters=(CHANGES.but(filter=Filter(event_types=(EventType.END,))),),
                       destinations=tuple(range(2, 11, 2)))  # fmt: skip
    rules, end = (told_of_start, others, half), a_happening(EventType.END)
    expected = of_all(a_start(), end, rules=rules)

    owner = Owner(*rules)
    owner.handle(a_start())
    owner.commit(owner.parts(end)[:2])
    successor = Owner(*rules, kept=owner.kept)
    successor.handle(end)

    assert owner.told + successor.told == expected.told
    assert [(topic, to) for event, topic, to in expected.told if event == end.event_pk] == [
        ((DELIVERIES, NOTIFICATIONS)[to % 2].name, to) for to in range(1, 11)
    ]


def test_a_rule_that_came_meanwhile_counts_for_those_who_are_still_to_be_told():
    start = a_start()
    owner = Owner(MANY)
    owner.commit(owner.parts(start)[:1])
    reached = max(to for _, _, to in owner.told)
    fewer = MANY.but(version=2, destinations=(1, 9, 10))

    successor = Owner(fewer, kept=owner.kept)
    successor.handle(start)

    assert reached < 9
    assert [to for _, _, to in successor.told] == [9, 10]


@pytest.mark.parametrize("records", [(a_start(),), (a_start(), a_happening(EventType.OTHER))], ids=["first", "later"])
def test_a_telling_whose_record_was_skipped_holds_nobody_up(records: tuple[IncidentRecord, ...]):
    *earlier, skipped = records
    again: Any = a_start(minutes=20) if len(records) == 1 else a_happening(EventType.END, minutes=20, event_pk=99)
    owner = Owner(MANY)
    owner.handle(*earlier)
    owner.commit(owner.parts(skipped)[:1])
    owner.told.clear()

    owner.handle(again)

    assert [to for _, _, to in owner.told] == list(range(1, 11))
    assert owner.state.telling is None
