"""A partition that is ours: what arrived in it, what is remembered of it, and how far it is done."""

import logging
import time
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from datetime import UTC, datetime
from typing import Any

from argus_dispatch.dispatcher import Dispatcher, Spawn
from argus_dispatch.memory import Memory
from argus_dispatch.positions import Positions
from argus_dispatch.queues import Waiting
from argus_runtime.errors import TooManyDeadLetters
from argus_runtime.kafka import Partition, Record
from argus_runtime.log import at
from argus_schemas.topics import NOTIFICATIONS

Attempts = Callable[[int, Waiting], Awaitable[datetime | None]]
Bury = Callable[[Record, str], Coroutine[Any, Any, None]]

NO_VALUE = "a notification without a value"

MOST_UNREADABLE_IN_A_ROW = 100
"""A bad deploy, ours or the matcher's, must stop dispatch, not drain the topic into the dead letters."""

log = logging.getLogger(__name__)


class Share:
    """Delivers what arrives, once it remembers what was delivered before; ends with the partition's assignment.

    Beyond `most_bytes` of what waits it says that it is full; then the topic is to be read no further.
    """

    def __init__(
        self,
        partition: Partition,
        *,
        attempt: Attempts,
        bury: Bury,
        spawn: Spawn,
        now: Callable[[], datetime],
        at_once: int,
        most_bytes: float,
    ) -> None:
        self.partition = partition
        self._bury = bury
        self._spawn = spawn
        self._now = now
        self._most_bytes = most_bytes
        self._bytes = 0
        self._early: list[Record] = []
        self._positions: Positions | None = None
        self._memory = Memory()
        self._known_until = 0
        self._unreadable_in_a_row = 0
        self._attempt = attempt
        self._dispatcher = Dispatcher(self._try, self._finish, spawn=spawn, now=now, at_once=at_once)

    def begin(self, position: int, memory: Memory, end: int) -> None:
        """Begin at `position` with what arrived meanwhile; `memory` tells of notifications before `end`."""
        self._positions, self._memory, self._known_until = Positions(position), memory, end
        early, self._early, self._bytes = self._early, [], 0
        self.arrive(early)

    def arrive(self, records: Sequence[Record]) -> None:
        """Take in records, in their order."""
        if self._positions is None:
            self._early.extend(records)
            self._bytes += sum(_size(record) for record in records)
            return
        for record in records:
            if self._positions.arrived(record.offset, record.appended_at_ms):
                self._take_in(record)
        if self._positions.next >= self._known_until:
            self._memory.trim()

    def passed(self, position: int) -> None:
        """Know that what stands before `position` has arrived, be it nobody's record but a transaction's mark."""
        if self._positions is not None:
            self._positions.passed(position)

    async def close(self, grace: float) -> None:
        """Begin nothing more, and give what is on its way `grace` seconds to end."""
        await self._dispatcher.close(grace)

    @property
    def ready(self) -> bool:
        """Whether it remembers what was delivered before."""
        return self._positions is not None

    @property
    def position(self) -> int | None:
        """The offset of the oldest unfinished notification, where a successor has to begin."""
        return None if self._positions is None else self._positions.position

    @property
    def oldest_ms(self) -> int | None:
        """When the oldest unfinished notification was appended."""
        return None if self._positions is None else self._positions.oldest_ms

    @property
    def unfinished(self) -> int:
        """How many notifications are not finished."""
        return len(self._early) if self._positions is None else len(self._positions)

    @property
    def retrying(self) -> int:
        """How many notifications failed and wait for their next attempt."""
        return self._dispatcher.retrying

    @property
    def full(self) -> bool:
        """Whether so much waits that no more should be read."""
        return self._bytes >= self._most_bytes

    @property
    def roomy(self) -> bool:
        """Whether reading may go on after it was full."""
        return self._bytes < self._most_bytes / 2

    def _take_in(self, record: Record) -> None:
        try:
            waiting = self._waiting(record)
        except Exception as error:  # none may end the process: nothing is on record yet, so it would do so for ever
            if not isinstance(error, ValueError):  # pydantic's errors are such
                log.exception("notification %s cannot be read", record.place, extra=at(record.place))
            self._count_unreadable()
            self._spawn(self._give_up(record, _reason(error)))
            return
        self._unreadable_in_a_row = 0
        if waiting is None:
            self._done(record.offset)
        else:
            self._bytes += len(waiting.value)
            self._dispatcher.add(waiting)

    def _waiting(self, record: Record) -> Waiting | None:
        """Return what waits, or None where it is finished already."""
        if record.value is None:
            raise ValueError(NO_VALUE)
        notification = NOTIFICATIONS.decode(record.value)
        past = self._memory.of(notification.id, notification.replay)
        if past.finished:
            return None
        return Waiting(
            record=record,
            destination=notification.destination,
            incident=notification.incident.pk,
            id=notification.id,
            replay=notification.replay,
            arrived_at=datetime.fromtimestamp(record.appended_at_ms / 1000, UTC),
            read_at=time.monotonic(),
            due=past.next_at or self._now(),
            attempts=past.attempts,
            crashes=past.crashes,
        )

    async def _try(self, waiting: Waiting) -> datetime | None:
        if self._memory.of(waiting.id, waiting.replay).finished:  # it was appended twice, and the other one went first
            return None
        return await self._attempt(self.partition.partition, waiting)

    def _finish(self, waiting: Waiting) -> None:
        self._bytes -= len(waiting.value)
        self._memory.finish(waiting.id, waiting.replay)
        self._done(waiting.record.offset)

    def _count_unreadable(self) -> None:
        self._unreadable_in_a_row += 1
        if self._unreadable_in_a_row > MOST_UNREADABLE_IN_A_ROW:
            raise TooManyDeadLetters(self.partition.topic, self._unreadable_in_a_row)

    async def _give_up(self, record: Record, reason: str) -> None:
        await self._bury(record, reason)
        self._done(record.offset)

    def _done(self, offset: int) -> None:
        if self._positions is not None:
            self._positions.finished(offset)


def _size(record: Record) -> int:
    return len(record.value or b"")


def _reason(error: Exception) -> str:
    return str(error) if isinstance(error, ValueError) else f"unexpected error: {type(error).__name__}"
