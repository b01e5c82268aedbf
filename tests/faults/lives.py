"""Incidents with long lives: they open, change, are seen to, end and open again; some of it is told twice, or late."""

from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from argus_schemas.incident import Source
from argus_schemas.records import IncidentRecord
from argus_schemas.words import EventType, Level
from tests.builders import (
    ALICE,
    NAV,
    a_change,
    a_create,
    a_deletion,
    a_draft,
    a_happening,
    a_start,
    an_ack,
    an_ack_change,
)

UNHEARD = Source(pk=3, name="lab1", type="lab", user=8, username="lab1")
"""A source whose incidents no profile asks for."""
BETWEEN = timedelta(milliseconds=1)
LATE = timedelta(hours=1)
PKS_EACH = 10
MOST_TOLD_AGAIN = 6
"""A producer tells again what it told a moment ago."""

Common = dict[str, Any]


@dataclass
class Life:
    """One incident, of which something happens again and again."""

    number: int
    random: Random
    past: deque[IncidentRecord] = field(default_factory=lambda: deque(maxlen=MOST_TOLD_AGAIN))
    ack: int = 0
    """The pk of the last one."""

    def __post_init__(self) -> None:
        self.source = UNHEARD if self.number % 5 == 4 else NAV
        self.name = f"box-{self.number}"

    def next(self, pk: int, now: datetime) -> IncidentRecord:
        """Return what happens next, with its own range of pks from `pk` on."""
        common: Common = {
            "key": f"{self.source.pk}:{self.name}",
            "event_id": UUID(int=self.random.getrandbits(128), version=4),
            "occurred_at": now,
            "received_at": now,
        }
        happening = self.random.choices(*_HAPPENINGS)[0] if self.past else _first(self)
        record = happening(self, pk, common)
        self.past.append(record)
        return record

    def reported(self, pk: int, common: Common) -> IncidentRecord:
        """A report that it is there: opens it, says so again, changes it or restarts it."""
        return a_start(
            incident_pk=pk, event_pk=pk + 1, change_pks=tuple(range(pk + 2, pk + 8)), said=("level",),
            draft=self._draft(common), **common,
        )  # fmt: skip

    def created(self, pk: int, common: Common) -> IncidentRecord:
        """A create over HTTP, which is refused where the incident is known."""
        return a_create(incident_pk=pk, event_pk=pk + 1, draft=self._draft(common), **common)

    def reported_late(self, pk: int, common: Common) -> IncidentRecord:
        """A report of what was an hour ago."""
        return self.reported(pk, common | {"occurred_at": common["occurred_at"] - LATE})

    def ended(self, pk: int, common: Common) -> IncidentRecord:
        """A report that it is over."""
        return a_happening(EventType.END, event_pk=pk, reported=True, **common)

    def ended_late(self, pk: int, common: Common) -> IncidentRecord:
        """A report that it was over an hour ago."""
        return self.ended(pk, common | {"occurred_at": common["occurred_at"] - LATE})

    def closed(self, pk: int, common: Common) -> IncidentRecord:
        """A person closes it, which is refused where it is closed."""
        return a_happening(EventType.CLOSE, event_pk=pk, actor=ALICE, **common)

    def reopened(self, pk: int, common: Common) -> IncidentRecord:
        """A person opens it again; where it is open that is recorded."""
        return a_happening(EventType.REOPEN, event_pk=pk, actor=ALICE, strict=False, **common)

    def remarked(self, pk: int, common: Common) -> IncidentRecord:
        """A person says something."""
        return a_happening(EventType.OTHER, event_pk=pk, actor=ALICE, **common)

    def changed(self, pk: int, common: Common) -> IncidentRecord:
        """A person changes two attributes, or sets them to what they are."""
        text = self.random.choice(("Box down", "Box still down"))
        return a_change(change_pks=tuple(range(pk, pk + 6)), level=self._level(), description=text, **common)

    def acked(self, pk: int, common: Common) -> IncidentRecord:
        """A person has seen it, for a minute or for ever."""
        self.ack = pk
        minute = common["received_at"] + timedelta(minutes=1)
        return an_ack(event_pk=pk, expires_at=self.random.choice((minute, None)), **common)

    def ack_changed(self, _pk: int, common: Common) -> IncidentRecord:
        """The last ack holds for a minute from now, if there is one."""
        return an_ack_change(ack=self.ack or 1, expires_at=common["received_at"] + timedelta(minutes=1), **common)

    def imported(self, pk: int, common: Common) -> IncidentRecord:
        """An event that nobody is to be told of."""
        return a_happening(EventType.OTHER, event_pk=pk, may_notify=False, **common)

    def deleted(self, _pk: int, common: Common) -> IncidentRecord:
        """It is gone, until it is reported again."""
        return a_deletion(**common)

    def told_again(self, _pk: int, _common: Common) -> IncidentRecord:
        """A producer appends again what it has appended."""
        return self.random.choice(self.past)

    def _draft(self, common: Common) -> Any:
        return a_draft(
            source=self.source, source_incident_id=self.name, start_time=common["occurred_at"], level=self._level()
        )

    def _level(self) -> Level:
        return Level(self.random.randint(1, 5))


Happening = Callable[[Life, int, Common], IncidentRecord]
_WEIGHTS: dict[Happening, float] = {
    Life.reported: 24, Life.ended: 20, Life.changed: 14, Life.acked: 10, Life.reopened: 8, Life.told_again: 8,
    Life.closed: 4, Life.remarked: 4, Life.reported_late: 3, Life.ended_late: 2, Life.ack_changed: 1.5,
    Life.imported: 1, Life.deleted: 0.3, Life.created: 0.2,
}  # fmt: skip
_HAPPENINGS = (tuple(_WEIGHTS), tuple(_WEIGHTS.values()))


def _first(life: Life) -> Happening:
    return Life.created if life.number % 10 == 0 else Life.reported


class Lives:
    """Many incidents at once, always the same for the same seed."""

    def __init__(self, incidents: int, seed: int = 5) -> None:
        self._random = Random(seed)
        self._lives = [Life(number, self._random) for number in range(incidents)]
        self._now = datetime.now(UTC) - LATE
        self._pk = PKS_EACH

    def __len__(self) -> int:
        return len(self._lives)

    def happen(self, times: int) -> Iterator[IncidentRecord]:
        """Yield so many records of each incident, in an order of which nothing is known but that."""
        turns = self._lives * times
        self._random.shuffle(turns)
        for life in turns:
            self._pk += PKS_EACH
            self._now += BETWEEN
            yield life.next(self._pk, self._now)
