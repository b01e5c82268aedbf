"""Conditions on incidents, in SQL; `i` is the incident and `s` its source."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from argus_schemas.configuration import Filter

ENDED = "coalesce(i.ended_at, 'infinity')"
"""Infinity counts as later than everything."""

OPEN = "(i.stateful AND (i.ended_at IS NULL OR i.ended_at > {}))"
CLOSED = f"(i.stateful AND {ENDED} <= {{}})"  # never null, so that it can be negated
ACKED = "EXISTS (SELECT FROM acks a WHERE a.incident_id = i.id AND (a.expires_at IS NULL OR a.expires_at > {}))"
TAGGED = "EXISTS (SELECT FROM incident_tags t WHERE t.incident_id = i.id AND t.key = {} AND t.value = ANY({}))"
FOUND = "(i.description ILIKE {0} OR i.search_text ILIKE {0})"
HAPPENED = "EXISTS (SELECT FROM events e WHERE e.incident_id = i.id AND e.type = ANY({}))"


class Where:
    """Conditions that must all hold, and the values in them."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.values: dict[str, Any] = {}
        self._fragments: list[str] = []

    def __str__(self) -> str:
        return " AND ".join(self._fragments) or "true"

    def add(self, fragment: str, *values: Any) -> None:
        """Add a condition; `{}` in it stand for the values."""
        names = [f"v{len(self.values) + number}" for number in range(len(values))]
        self.values |= dict(zip(names, values, strict=True))
        self._fragments.append(fragment.format(*(f":{name}" for name in names)))

    def open(self, yes: bool) -> None:
        """Ask for open or for closed incidents; stateless ones are neither."""
        self.add(OPEN if yes else CLOSED, self.now)

    def acked(self, yes: bool) -> None:
        """Ask for incidents with, or without, an ack that holds."""
        self.add(ACKED if yes else f"NOT {ACKED}", self.now)

    def hide_closed_acked(self) -> None:
        """Leave out what is both closed and acked."""
        self.add(f"NOT ({CLOSED} AND {ACKED})", self.now, self.now)

    def tags(self, tags: Iterable[tuple[str, str]]) -> None:
        """Ask for tags: one of those with the same key, and so for each key."""
        wanted = defaultdict(list)
        for key, value in tags:
            wanted[key].append(value)
        for key, values in wanted.items():
            self.add(TAGGED, key, values)

    def words(self, words: Sequence[str]) -> None:
        """Ask for texts that must all occur in the description or in that of an event."""
        for word in words:
            escaped = word.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            self.add(FOUND, f"%{escaped}%")

    def fits(self, filter_: Filter) -> None:
        """Ask for what a stored filter accepts; an empty one accepts nothing."""
        if filter_ == Filter():
            self.add("false")
        if filter_.sourceSystemIds:
            self.add("i.source_id = ANY({})", list(filter_.sourceSystemIds))
        if filter_.source_types:
            self.add("s.type = ANY({})", list(filter_.source_types))
        if filter_.maxlevel is not None:
            self.add("i.level <= {}", filter_.maxlevel)
        if filter_.event_types:
            self.add(HAPPENED, [each.value for each in filter_.event_types])
        self._fits_state(filter_)
        if any("=" not in text for text in filter_.tags):
            self.add("false")  # such a text names no tag
        self.tags(tuple(text.split("=", 1)) for text in filter_.tags if "=" in text)  # type: ignore[misc]

    def fits_any(self, filters: Iterable[Filter]) -> None:
        """Ask for what at least one of the filters accepts."""
        branches = []
        for filter_ in filters:
            branch = Where(self.now)
            branch.values = self.values
            branch.fits(filter_)
            branches.append(f"({branch})")
        self._fragments.append(f"({' OR '.join(branches) or 'false'})")

    def _fits_state(self, filter_: Filter) -> None:
        if filter_.stateful is not None:
            self.add("i.stateful = {}", filter_.stateful)
        if filter_.open is not None:
            self.open(filter_.open)
        if filter_.acked is not None:
            self.acked(filter_.acked)
        if filter_.hide_closed_acked:
            self.hide_closed_acked()
