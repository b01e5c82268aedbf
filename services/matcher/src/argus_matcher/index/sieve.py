"""A sieve: of very many rules, those that fit an event, in a time that hardly depends on how many there are."""

from collections.abc import Callable, Hashable, Iterable
from typing import Generic, TypeVar

from pyroaring import BitMap

from argus_matcher.index.conditions import Accepted, Asked, Given

R = TypeVar("R")

CLAUSES_SIFTED = 8
"""Clauses about tags that are questions. One filter may have a thousand and a profile hundreds of filters, and each
question costs every event; so what rules ask beyond these is asked of those alone that the questions have left."""


class Question:
    """One thing that rules may ask about: which of them accept which values."""

    def __init__(self) -> None:
        self._asking = BitMap()
        """The rules to which not every value is welcome."""
        self._by_value: dict[Hashable, BitMap] = {}

    def put(self, slot: int, accepted: Accepted) -> None:
        """Take on what the rule in `slot` accepts."""
        if accepted is None:
            return
        self._asking.add(slot)
        for value in accepted:
            if value in self._by_value:
                self._by_value[value].add(slot)
            else:
                self._by_value[value] = BitMap((slot,))

    def drop(self, slot: int, accepted: Accepted) -> None:
        """Forget what the rule in `slot` accepted."""
        if accepted is None:
            return
        self._asking.discard(slot)
        for value in accepted:
            slots = self._by_value[value]
            slots.discard(slot)
            if not slots:
                del self._by_value[value]

    def sifted(self, slots: BitMap, values: Iterable[Hashable]) -> BitMap:
        """Return those of `slots` whose rules accept at least one of the values."""
        if not self._asking:
            return slots
        kept = slots - self._asking
        for value in values:
            if value in self._by_value:
                kept |= slots & self._by_value[value]
        return kept


class Sieve(Generic[R]):
    """Rules in numbered slots, and what each question leaves of them.

    What a rule asks is derived from it again when it goes: to keep it would take as much memory as the rule.
    """

    def __init__(self, asked: Callable[[R], Asked | None]) -> None:
        self._asked = asked
        self._slots: dict[str, int] = {}
        self._rules: list[R | None] = []
        self._free: list[int] = []
        self._all = BitMap()
        self._questions = [Question() for _ in Asked._fields[:-1]]
        self._clauses = [Question() for _ in range(CLAUSES_SIFTED)]
        """The clauses of a rule about tags are questions of their own: its first one, its second one…"""
        self._beyond: dict[int, tuple[frozenset[str], ...]] = {}
        """The clauses that are no questions any more, of the rules that have so many."""

    def __len__(self) -> int:
        return len(self._slots)

    def put(self, key: str, rule: R) -> None:
        """Take on a rule, in place of the one under this key; the time it takes depends on the two rules alone."""
        self.drop(key)
        if (asked := self._asked(rule)) is None:
            return
        slot = self._free.pop() if self._free else len(self._rules)
        if slot == len(self._rules):
            self._rules.append(None)
        self._slots[key], self._rules[slot] = slot, rule
        self._all.add(slot)
        for question, accepted in self._pairs(asked):
            question.put(slot, accepted)
        if beyond := asked.clauses[CLAUSES_SIFTED:]:
            self._beyond[slot] = beyond

    def drop(self, key: str) -> None:
        """Forget the rule under this key, if there is one."""
        slot = self._slots.pop(key, None)
        if slot is None or (rule := self._rules[slot]) is None or (asked := self._asked(rule)) is None:
            return
        self._rules[slot] = None
        self._free.append(slot)
        self._all.discard(slot)
        for question, accepted in self._pairs(asked):
            question.drop(slot, accepted)
        self._beyond.pop(slot, None)

    def _pairs(self, asked: Asked) -> Iterable[tuple[Question, Accepted]]:
        yield from zip(self._questions, asked.values, strict=True)
        yield from zip(self._clauses, asked.clauses, strict=False)

    def fitting(self, given: Given) -> list[R]:
        """Return the rules that accept what is given."""
        slots = self._all
        for question, value in zip(self._questions, given.values, strict=True):
            slots = question.sifted(slots, (value,))
        for clause in self._clauses:
            slots = clause.sifted(slots, given.tags)
        rules, beyond = self._rules, self._beyond
        return [
            rule
            for slot in slots
            if (rule := rules[slot]) is not None and (slot not in beyond or _fits(beyond[slot], given))
        ]


def _fits(clauses: Iterable[frozenset[str]], given: Given) -> bool:
    return not any(clause.isdisjoint(given.tags) for clause in clauses)
