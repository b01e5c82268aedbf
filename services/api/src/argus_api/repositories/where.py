"""Conditions on incidents, in SQL; `i` is the incident.

A list of the newest must not become slower with the number of incidents, so a condition is written such that an
index has its rows in the order of the list. *Alternatives* exclude each other and are asked one by one: those open
until further notice and those open until a moment have an index each, while of their OR the planner must sort all. A
few sources, or the worst levels, are asked one by one as well. Each answers as many rows as a page has, and the
newest of them are the page.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from itertools import islice, product
from typing import Any

from argus_api.repositories import fragments as sql
from argus_schemas.configuration import Filter
from argus_schemas.words import Level

TRIGRAM = 3  # letters or digits in a row, by which the index knows texts
_RUN = re.compile(r"[^\W_]+")
PKS = "CAST({0} AS bigint[])"

MOST_ALTERNATIVES = 8
MOST_SOURCES = 50
"""That are asked one by one: of more, the newest incidents have one soon."""
MOST_LEVELS = 2  # the worst are rare; of the others, too
MOST_JOINS = 12  # conditions on other rows that the planner may begin with; for hundreds it would plan for minutes


class Where:
    """Conditions that must all hold, and the values in them."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.values: dict[str, Any] = {"now": now}
        self.words: list[str] = []
        """What to search for: conditions too, asked after the others."""
        self.searched: list[str] = []  # the words themselves
        self.apart = False  # whether each alternative is planned by itself
        self._fragments: list[str] = []
        self._alternatives: list[str] = []
        self._together: list[str] = []
        self._sources: str | None = None
        self._levels: str | None = None
        self._joins = 0

    def __str__(self) -> str:
        """All of it as one condition."""
        either = [f"({' OR '.join(self._together)})"] if self._together else []
        ones = [f"{column} = ANY({name})" for column, name in self._one_by_one()]
        return " AND ".join([*self._fragments, *either, *ones, *self.words]) or "true"

    def alternatives(self, *, together: bool = False) -> list[str]:
        """Return conditions of which each incident fits one at most, but for the words.

        What is asked one by one is left out, unless all is asked `together`.
        """
        apart = 0 if together or self.one_by_one() is None else 1
        rest = [f"{column} = ANY({name})" for column, name in self._one_by_one()[apart:]]
        return [
            " AND ".join([*self._fragments, *rest, *([one] if one else [])]) or "true"
            for one in (self._together if together else self._alternatives) or [""]
        ]

    def one_by_one(self) -> tuple[str, str] | None:
        """Return a column, and the array of its values that are asked one by one; alternatives are few without."""
        return None if self._alternatives else next(iter(self._one_by_one()), None)

    def add(self, fragment: str, *values: Any) -> None:
        """Add a condition; `{0}` in it stands for the first value."""
        self._fragments.append(self._bound(fragment, *values))

    def either(self, *alternatives: tuple[str, Any], together: Sequence[tuple[str, Any]] = ()) -> None:
        """Add conditions that exclude each other, with the value of each; `together`: as all that fit are asked for."""
        bound = [self._bound(*each) for each in alternatives]
        whole = [self._bound(*each) for each in together] or bound
        if len(self._alternatives or [""]) * len(bound) > MOST_ALTERNATIVES:
            self._fragments.append(f"({' OR '.join(whole)})")
        else:
            for asked, more in ((self._alternatives, bound), (self._together, whole)):
                asked[:] = [f"{one} AND {other}" if one else other for one, other in product(asked or [""], more)]

    def open(self, yes: bool) -> None:
        """Ask for open or for closed incidents; stateless ones are neither."""
        if yes:
            self.either((sql.FOR_NOW, None), (sql.UNTIL, self.now))
        else:
            self.add(sql.CLOSED, self.now)

    def acked(self, yes: bool) -> None:
        """Ask for incidents with, or without, an ack that holds."""
        self._join(sql.ACKED if yes else f"NOT {sql.ACKED}", self.now)

    def stateful(self, yes: bool) -> None:
        """Ask for incidents that are open or closed, or for those that are neither."""
        self.add("i.stateful" if yes else "NOT i.stateful")

    def ticket(self, yes: bool) -> None:
        """Ask for incidents with a ticket, or without."""
        self.add("i.ticket_url <> ''" if yes else "i.ticket_url = ''")

    def hide_closed_acked(self) -> None:
        """Leave out what is both closed and acked."""
        unacked = f"({sql.CLOSED} AND NOT {sql.ACKED})"
        self.either(("NOT i.stateful", None), (sql.FOR_NOW, None), (sql.UNTIL, self.now), (unacked, self.now))

    def sources(self, pks: Sequence[int]) -> None:
        """Ask for incidents of these sources."""
        if self._sources is None and len(pks) <= MOST_SOURCES:
            self._sources = self._bound(PKS, list(pks))
        else:
            self.add("i.source_id = ANY({0})", list(pks))

    def level(self, most: int) -> None:
        """Ask for incidents at least as bad as this level."""
        levels = [level.value for level in Level if level.value <= most]
        if len(levels) < len(Level):
            if self._levels is None and len(levels) <= MOST_LEVELS:
                self._levels = self._bound(PKS, levels)
            else:
                self.add("i.level = ANY({0})", levels)

    def tags(self, tags: Iterable[tuple[str, str]]) -> None:
        """Ask for tags: one of those with the same key, and so for each key."""
        wanted = defaultdict(list)
        for key, value in tags:
            wanted[key].append(value)
        rest = iter(wanted.items())
        for key, values in islice(rest, max(0, MOST_JOINS - self._joins)):
            if len(values) == 1:
                self._join(sql.TAGGED_SO, key, values[0])  # which the planner knows to be there once at most
            else:
                self._join(sql.TAGGED, key, values)
        if left := list(rest):
            pairs = [(key, value) for key, values in left for value in values]
            self.add(sql.TAGGED_ALL, *map(list, zip(*pairs, strict=True)), len(left))

    def search(self, words: Sequence[str]) -> None:
        """Ask for texts that must all occur in the description or in that of an event.

        The index is asked for the longest run of letters and digits only: `sw-1234` begins with what all have. Of
        one of two it knows nothing.
        """
        self.searched += words
        for word in words:
            escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            longest = max(_RUN.findall(word), key=len, default="")
            has = sql.HAS_SHORT if len(longest) < TRIGRAM else sql.HAS if longest == word else sql.HAS_PART
            self.words.append(self._bound(has, f"%{escaped}%", f"%{longest}%"))

    def fits(self, filter_: Filter) -> None:
        """Ask for what a stored filter accepts; an empty one accepts nothing."""
        if filter_ == Filter() or any("=" not in text for text in filter_.tags):  # such a text names no tag
            self.add("false")
        if filter_.sourceSystemIds:
            self.sources(filter_.sourceSystemIds)
        if filter_.source_types:
            self._join(sql.OF_TYPES, list(filter_.source_types))
        if filter_.maxlevel is not None:
            self.level(filter_.maxlevel)
        if filter_.event_types:
            self._join(sql.HAPPENED, [each.value for each in filter_.event_types])
        self._fits_state(filter_)
        self.tags(tuple(text.split("=", 1)) for text in filter_.tags if "=" in text)  # type: ignore[misc]

    def fits_any(self, filters: Iterable[Filter]) -> None:
        """Ask for what at least one of the filters accepts."""
        branches = []
        for filter_ in filters:
            branch = Where(self.now)  # joins are its own: of an OR there are none, but tags are looked up in bulk
            branch.values = self.values
            branch.fits(filter_)
            branches.append(f"({branch})")
        self._fragments.append(f"({' OR '.join(branches) or 'false'})")

    def _fits_state(self, filter_: Filter) -> None:
        if filter_.stateful is not None:
            self.stateful(filter_.stateful)
        if filter_.open is not None:
            self.open(filter_.open)
        if filter_.acked is not None:
            self.acked(filter_.acked)
        if filter_.hide_closed_acked:
            self.hide_closed_acked()

    def _join(self, fragment: str, *values: Any) -> None:
        self._joins += 1
        self.add(fragment if self._joins <= MOST_JOINS else f"({fragment}) IS TRUE", *values)

    def _one_by_one(self) -> list[tuple[str, str]]:
        both = (("i.source_id", self._sources), ("i.level", self._levels))
        return [(column, name) for column, name in both if name is not None]

    def _bound(self, fragment: str, *values: Any) -> str:
        names = [f"v{len(self.values) + number}" for number in range(len(values))]
        used = [name for number, name in enumerate(names) if f"{{{number}}}" in fragment]
        self.values |= {name: value for name, value in zip(names, values, strict=True) if name in used}
        return fragment.format(*(f":{name}" for name in names))
