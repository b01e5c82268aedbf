"""The matcher's index alone: events a second among very many filters, and what so many profiles take to hold.

Each profile has a filter of its own and is told at all times. The floor is the loop over all rules, the tests' oracle.
"""

import random
import resource
import time
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

from argus_matcher.index import Index, SiftedIndex
from argus_schemas.configuration import Filter, NamedFilter, Profile, document_key
from argus_schemas.incident import Event, Incident, Tag
from argus_schemas.schedules import Recurrence, Timeslot
from argus_schemas.topics import RULES
from argus_schemas.words import EventType, Level
from tests.benchmarks.table import Line
from tests.builders import NAV, NOON, an_event, an_incident
from tests.loop_index import LoopIndex

SIZES = {1_000: "20000/s", 10_000: "10000/s", 100_000: "3000/s"}
EVENTS = 5_000
PAIRS_OF_THE_LOOP = 200_000
FILTERS_OF_A_SOURCE = 25
TYPES = [f"type{number}" for number in range(10)]
ALWAYS = Recurrence(days=(1, 2, 3, 4, 5, 6, 7), start=time_of_day.min, end=time_of_day.max)
SLOTS = [
    Timeslot(pk=pk, name="always", zone=zone, recurrences=(ALWAYS,))
    for pk, zone in enumerate(("UTC", "Europe/Oslo", "America/Chicago"), 1)
]


async def index(runs: int) -> list[Line]:
    """Measure each size."""
    return [line for size, target in SIZES.items() for line in _measured(size, target, runs)]


def _measured(size: int, target: str, runs: int) -> list[Line]:
    draw = Draw(size)
    documents = [draw.profile(pk).to_bytes() for pk in range(1, size + 1)]
    before, begun = _resident(), time.process_time()
    sifted = _filled(SiftedIndex(), documents)
    loaded, memory = time.process_time() - begun, _resident() - before
    loop = _filled(LoopIndex(), documents)
    asked = [draw.question() for _ in range(EVENTS)]
    rates, hits = zip(*(_rate(sifted, asked) for _ in range(runs)), strict=True)
    slow, _ = _rate(loop, asked[: max(2, PAIRS_OF_THE_LOOP // size)])
    name = f"{size:,} filters"
    return [
        Line(f"Index alone, {name}, {hits[0]:.0f} hits an event", "/s", rates, target, [slow], "a loop"),
        Line(f"  {name}, read and put into it, processor time", "s", [loaded]),
        Line("  memory of the documents and the index", "MB", [memory], "250 MB" if size == max(SIZES) else ""),
    ]


def _filled(index: Any, documents: list[bytes]) -> Any:
    for document in documents:
        rule = RULES.decode(document)
        index.put(document_key(rule.kind, rule.pk), rule)
    return index


def _rate(index: Index, asked: list[tuple[Incident, Event]]) -> tuple[float, float]:
    """Return events a second of processor time, and how many profiles want one."""
    begun = time.process_time()
    hits = sum(len(list(index.wanting(incident, event))) for incident, event in asked)
    return len(asked) / (time.process_time() - begun), hits / len(asked)


def _resident() -> float:
    numbers = Path("/proc/self/statm").read_text()
    return int(numbers.split()[1]) * resource.getpagesize() / 1e6


class Draw:
    """Draws filters of all kinds, and events of which each is wanted by some tens of them, however many there are."""

    def __init__(self, size: int, of_a_source: int = FILTERS_OF_A_SOURCE) -> None:
        self._random = random.Random(size)
        self._sources = max(2, size // of_a_source)

    def profile(self, pk: int) -> Profile:
        """Return a profile with one filter."""
        named = NamedFilter(pk=pk, name=f"filter {pk}", filter=self._filter())
        return Profile(
            pk=pk, version=pk, name=f"profile {pk}", owner=pk // 10 + 1, filters=(named,),
            timeslots=(self._random.choice(SLOTS),), destinations=(pk,),
        )  # fmt: skip

    def _filter(self) -> Filter:
        draw = self._random
        said: dict[str, Any] = {
            "sourceSystemIds": tuple(draw.sample(range(1, self._sources + 1), draw.randint(1, min(3, self._sources))))
        }
        if draw.random() < 0.2:
            said["source_types"] = tuple(draw.sample(TYPES, 5))
        if draw.random() < 0.3:
            said["tags"] = tuple(self._tag() for _ in range(draw.randint(1, 3)))
        if draw.random() < 0.5:
            said["maxlevel"] = draw.randint(1, 5)
        if draw.random() < 0.3:
            said["event_types"] = tuple(draw.sample(list(EventType), 4))
        for name in ("open", "acked"):
            if draw.random() < 0.2:
                said[name] = name == "open"
        return Filter(**said)

    def _tag(self) -> str:
        return f"k{self._random.randint(0, 4)}=v{self._random.randint(0, 9)}"

    def question(self) -> tuple[Incident, Event]:
        """Return an incident as it is after an event, and the event."""
        draw = self._random
        source = NAV.but(pk=draw.randint(1, self._sources), type=draw.choice(TYPES))
        texts = {self._tag() for _ in range(5)}
        tags = tuple(Tag(key=text[:2], value=text[3:], added_by=6, added_at=NOON) for text in sorted(texts))
        incident = an_incident(source=source, level=draw.choice(list(Level)), tags=tags)
        return incident, an_event(type=draw.choice(list(EventType)))
