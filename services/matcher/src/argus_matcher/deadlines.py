"""When something of a lane's incidents is due, and whether their log has been read far enough for it to count."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from heapq import heapify, heappop, heappush
from itertools import islice

from argus_schemas.facts import Fact, Moment, Pk

WAITS = b'"news"'
"""What stands in each state of which something is to come (`remembering.waiting`); all others need not be read."""

STALE = 1000
"""So many moments that no longer count are kept."""


class _Task(Fact, frozen=True, kw_only=True):
    task: Pk


class _Waits(Fact, frozen=True, kw_only=True):
    """What a state says of what is to come."""

    due_at: Moment | None = None
    withheld: tuple[_Task, ...] = ()
    flapping: tuple[Fact, ...] = ()


@dataclass(frozen=True, slots=True)
class Horizon:
    """Where a log ended at a moment."""

    at: datetime
    end: int


class Deadlines:
    """The incidents of a lane of which something is to come.

    What was due before a moment may fire when the log has been read up to where it ended at that moment: what stands
    in it, an acknowledgement for example, counts, however late it is read.
    """

    def __init__(self) -> None:
        self.horizon: Horizon | None = None
        self._due: dict[bytes, datetime] = {}
        self._heap: list[tuple[datetime, bytes]] = []
        self._tasks: dict[bytes, frozenset[int]] = {}
        self._under: defaultdict[int, set[bytes]] = defaultdict(set)
        self._flapping: set[bytes] = set()
        self._at_once: set[bytes] = set()
        self._asked: set[bytes] = set()

    def __len__(self) -> int:
        """Incidents of which something is to come."""
        return len(self._due.keys() | self._tasks.keys())

    @property
    def flapping(self) -> int:
        """Incidents that flap for some profile."""
        return len(self._flapping)

    def note(self, key: bytes, state: bytes | None) -> None:
        """Heed what an incident's new state says of what is to come."""
        if state is not None and WAITS in state:
            self._note(key, _read(state))
        elif key in self._due or key in self._tasks:
            self._note(key, _Waits())

    def _note(self, key: bytes, waits: _Waits) -> None:
        if waits.due_at is None:
            self._due.pop(key, None)
        elif self._due.get(key) != waits.due_at:
            self._due[key] = waits.due_at
            heappush(self._heap, (waits.due_at, key))
            self._tidy()
        self._note_tasks(key, frozenset(each.task for each in waits.withheld))
        (self._flapping.add if waits.flapping else self._flapping.discard)(key)

    def _note_tasks(self, key: bytes, tasks: frozenset[int]) -> None:
        before = self._tasks.get(key, frozenset())
        if tasks == before:
            return
        for task in before - tasks:
            self._under[task].discard(key)
            if not self._under[task]:
                del self._under[task]
        for task in tasks - before:
            self._under[task].add(key)
        if tasks:
            self._tasks[key] = tasks
        else:
            del self._tasks[key]

    def _tidy(self) -> None:
        if len(self._heap) > 2 * len(self._due) + STALE:
            self._heap = [(moment, key) for key, moment in self._due.items()]
            heapify(self._heap)

    def task_changed(self, task: int) -> None:
        """Look at once at the incidents that a task withheld."""
        self._at_once |= self._under.get(task, set())

    def look_again(self) -> None:
        """Look at once at all incidents that were withheld: tasks may have changed while nobody was here."""
        self._at_once |= self._tasks.keys()

    def again(self, key: bytes) -> None:
        """Look again at an incident that was taken: it could not be worked on."""
        self._at_once.add(key)

    def is_due(self, now: datetime) -> bool:
        """Tell whether anything is to be looked at, or was due before `now`."""
        return bool(self._at_once) or self._next_before(now) is not None

    def _next_before(self, moment: datetime) -> bytes | None:
        while self._heap:
            due_at, key = self._heap[0]
            if self._due.get(key) == due_at:
                return key if due_at < moment else None
            heappop(self._heap)
        return None

    def ends(self, horizon: Horizon) -> None:
        """Learn where the log ended at a moment; what is to be looked at by then may fire when it is read that far."""
        self.horizon = horizon
        self._asked |= self._at_once
        self._at_once.clear()

    def reached(self, read: int) -> datetime | None:
        """Return, once, the moment up to which what is due may fire, the log being read so far."""
        horizon = self.horizon
        if horizon is None or read < horizon.end:
            return None
        self.horizon = None
        return horizon.at

    def taken(self, moment: datetime, most: int) -> list[bytes]:
        """Return the next incidents to be looked at, or of which something was due before `moment`; none: no more."""
        found = dict.fromkeys(islice(self._asked, most))
        self._asked -= found.keys()
        while len(found) < most and (key := self._next_before(moment)) is not None:
            heappop(self._heap)
            del self._due[key]
            found[key] = None
        return list(found)


def _read(state: bytes) -> _Waits:
    try:
        return _Waits.read(state)
    except ValueError:  # its next event will say that it cannot be read
        return _Waits()
