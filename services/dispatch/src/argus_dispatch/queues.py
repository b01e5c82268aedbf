"""What waits for one destination, and in which order it may go; pure."""

from collections import deque
from dataclasses import dataclass
from datetime import datetime
from heapq import heappop, heappush
from uuid import UUID

from argus_runtime.kafka.records import Record


@dataclass(slots=True, eq=False)
class Waiting:
    """A notification that is not finished.

    It keeps the record as it stood in the log and not what it says, which would take ten times the memory.
    """

    record: Record
    destination: int
    incident: int
    id: UUID
    replay: int
    arrived_at: datetime
    """When the broker appended it."""
    read_at: float
    """When we read it, on the clock of this process."""
    due: datetime
    attempts: int = 0
    """Those begun so far."""
    crashes: int = 0
    """How many of the last ones had no outcome, since their process ended without a word."""
    begun: bool = False
    """Whether one is on its way now that may have had its effect."""

    @property
    def value(self) -> bytes:
        """The bytes of the notification."""
        return self.record.value or b""


class DestinationQueue:
    """The notifications of one destination, a lane for each incident.

    In a lane one goes strictly after the other, and the failed one stays first. Lanes do not wait for each other.
    """

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._lanes: dict[int, deque[Waiting]] = {}
        # The first of each lane that is not in flight, the one that is due first on top.
        self._heads: list[tuple[datetime, int, int]] = []
        self.in_flight = 0
        self._held_until: datetime | None = None

    def __bool__(self) -> bool:
        return bool(self._lanes)

    def add(self, waiting: Waiting) -> None:
        """Put a notification behind those of its incident."""
        lane = self._lanes.setdefault(waiting.incident, deque())
        lane.append(waiting)
        if len(lane) == 1:
            self._push(waiting)

    def take(self, now: datetime) -> Waiting | None:
        """Return a notification to attempt now; it counts as in flight until it is finished or put back."""
        due = self.next_due()
        if due is None or due > now:
            return None
        _, _, incident = heappop(self._heads)
        self.in_flight += 1
        return self._lanes[incident][0]

    def finish(self, waiting: Waiting) -> None:
        """Let the next of the incident go."""
        self.in_flight -= 1
        lane = self._lanes[waiting.incident]
        lane.popleft()
        if lane:
            self._push(lane[0])
        else:
            del self._lanes[waiting.incident]

    def put_back(self, waiting: Waiting, due: datetime) -> None:
        """Keep a notification first of its incident, until it is due again."""
        self.in_flight -= 1
        waiting.due = due
        self._push(waiting)

    def hold(self, until: datetime) -> None:
        """Let nothing go before `until`; the place of breakers and throttles."""
        self._held_until = until

    def next_due(self) -> datetime | None:
        """Return when `take` will have something; None: only after something in flight has ended, or never."""
        if not self._heads or self.in_flight >= self._at_once:
            return None
        due = self._heads[0][0]
        return due if self._held_until is None else max(due, self._held_until)

    def _push(self, waiting: Waiting) -> None:
        heappush(self._heads, (waiting.due, waiting.record.offset, waiting.incident))
