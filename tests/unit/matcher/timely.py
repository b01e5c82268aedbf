"""A matcher for one incident, whose worker looks at what is due every so often; or one that was away meanwhile."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from argus_matcher.decisions import decide
from argus_matcher.due import fall_due
from argus_matcher.index import Index, SiftedIndex
from argus_matcher.notices import Notices, Withheld
from argus_schemas.configuration import Maintenance, Profile, document_key
from argus_schemas.memory import MatcherState
from argus_schemas.notification import Notification
from argus_schemas.records import Record
from tests.builders import NOON, at

TOO_OLD = timedelta(hours=24)
A_MOMENT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Said:
    """A notification as a test reads it."""

    minute: float
    purpose: str
    type: str
    destination: int


class Timely:
    """Decides records and what is due, each at its minute after noon."""

    def __init__(self, *rules: Profile | Maintenance) -> None:
        self.index: Index = SiftedIndex()
        self.put(*rules)
        self.memory: MatcherState | None = None
        self.now = NOON
        self.notifications: list[Notification] = []
        self.withheld: list[Withheld] = []
        self.room = 1000
        self.read_until: datetime | None = None
        """Up to when the log is read, where that is not now."""
        self.forgotten = 0

    def put(self, *rules: Profile | Maintenance) -> None:
        """Publish rules."""
        for rule in rules:
            self.index.put(document_key(rule.kind, rule.pk), rule)

    def happens(self, *records: Record) -> None:
        """Have records decided as soon as they are received, and before them what was due."""
        for record in records:
            self.until(record.received_at)
            self.comes(record)

    def comes(self, record: Record) -> None:
        """Have a record decided now, whatever was due before."""
        decision = decide(record, self.memory, index=self.index, now=self.now, too_old_after=TOO_OLD)
        self.memory = decision.state
        self.forgotten += decision.forgotten
        self._hear(decision.notifications, decision.withheld)

    def until(self, moment: datetime | float) -> None:
        """Let time pass; what becomes due fires the moment after."""
        end = at(moment) if not isinstance(moment, datetime) else moment
        while (due_at := self.due_at) is not None and due_at < end:
            self.now = max(self.now, due_at) + A_MOMENT
            self.fire()
        self.now = end

    @property
    def due_at(self) -> datetime | None:
        """When something is due."""
        return self.memory.due_at if self.memory else None

    def fire(self) -> None:
        """Look at what is due now."""
        assert self.memory is not None
        notices = Notices(self.now, TOO_OLD)
        moment = self.read_until or self.now
        due = fall_due(self.memory, index=self.index, moment=moment, notices=notices, room=self.room)
        self.memory = due.state
        self._hear(due.notifications, due.withheld)

    def _hear(self, notifications: tuple[Notification, ...], withheld: tuple[Withheld, ...]) -> None:
        self.notifications += notifications
        self.withheld += withheld

    @property
    def said(self) -> list[Said]:
        """What was told, and when."""
        return [
            Said(_minute(each.matched_at), each.purpose, each.event.type, each.destination)
            for each in self.notifications
        ]

    @property
    def kept(self) -> list[tuple[str, str, int]]:
        """What was not told: its purpose, why, to whom."""
        return [(each.delivery.purpose, each.why, each.delivery.destination) for each in self.withheld]


def _minute(moment: datetime) -> float:
    return round((moment - NOON).total_seconds() / 60, 3)
