"""The index finds what a loop over all rules finds, whatever was put into it and taken out again."""

from collections.abc import Iterator
from typing import cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from argus_matcher.index import SiftedIndex
from argus_matcher.index.conditions import asked as asked_by
from argus_matcher.index.conditions import given as given_by
from argus_matcher.index.sieve import CLAUSES_SIFTED, Sieve
from argus_schemas.configuration import Filter, document_key
from tests.builders import an_event, an_incident
from tests.loop_index import LoopIndex
from tests.strategies import events, fallbacks, incidents, pks, profiles, tasks

rules = st.one_of(profiles, tasks).map(lambda rule: (document_key(rule.kind, rule.pk), rule))
forgotten = st.builds(document_key, st.sampled_from(["profile", "maintenance"]), pks).map(lambda key: (key, None))
changes = st.lists(st.one_of(rules, rules, rules, forgotten), max_size=25)


def found(index, incident, event):
    covering = index.covering(incident, event)
    return [each.pk for each in index.wanting(incident, event)], None if covering is None else covering.pk


def compare(fallback, history, asked):
    index, oracle = SiftedIndex(fallback), LoopIndex(fallback)
    for key, rule in history:
        index.put(key, rule)
        oracle.put(key, rule)
    for incident, event in asked:
        assert found(index, incident, event) == found(oracle, incident, event)
    assert [index.profile(pk) for pk in range(1, 7)] == [oracle.profile(pk) for pk in range(1, 7)]
    assert [index.task(pk) for pk in range(1, 7)] == [oracle.task(pk) for pk in range(1, 7)]
    assert index.damps == oracle.damps


questions = st.lists(st.tuples(incidents, events), min_size=20, max_size=20)


@given(fallbacks, changes, questions)
@settings(max_examples=500, deadline=None)
def test_ten_thousand_answers_are_those_of_a_loop(fallback, history, asked):
    compare(fallback, history, asked)


@pytest.mark.long
@given(fallbacks, changes, questions)
@settings(max_examples=5000, deadline=None)
def test_a_hundred_thousand_answers_are_those_of_a_loop(fallback, history, asked):
    compare(fallback, history, asked)


class Counted:
    """Tags that count how often they are looked through."""

    def __init__(self, *tags: str) -> None:
        self._tags = tags
        self.looks = 0

    def __iter__(self) -> Iterator[str]:
        self.looks += 1
        return iter(self._tags)


def tagged(many: int) -> tuple[str, ...]:
    return tuple(f"key{number}=v" for number in range(many))


def a_sieve(*tags: str) -> Sieve[str]:
    sieve = Sieve[str](lambda _: asked_by([Filter(tags=tags)]))
    sieve.put("profile:1", "the rule")
    return sieve


def test_a_rule_that_asks_for_more_tags_than_are_sifted_fits_who_carries_them_all():
    many = tagged(3 * CLAUSES_SIFTED)
    sieve, event = a_sieve(*many), given_by(an_incident(), an_event())

    assert sieve.fitting(event._replace(tags=many)) == ["the rule"]
    for missing in many:
        assert not sieve.fitting(event._replace(tags=tuple(tag for tag in many if tag != missing)))


def test_a_rule_that_goes_takes_what_it_asks_beyond_with_it():
    many = tagged(3 * CLAUSES_SIFTED)
    sieve, event = a_sieve(*many), given_by(an_incident(), an_event())._replace(tags=many)

    sieve.drop("profile:1")

    assert not sieve.fitting(event)
    assert len(sieve) == 0


def test_what_a_rule_asks_beyond_that_costs_no_event_that_has_nothing_of_it():
    tags = Counted("key=v")
    event = given_by(an_incident(), an_event())._replace(tags=cast("tuple[str, ...]", tags))

    assert not a_sieve(*tagged(1000)).fitting(event)

    assert tags.looks <= CLAUSES_SIFTED
