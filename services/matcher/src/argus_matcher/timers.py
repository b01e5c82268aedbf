"""What is due fires by the clock, but only when the log has been read up to where it ended after that.

So a worker that was away, or stands far behind, fires nothing that the records it has still to read make void. What
fires is a decision like that of an event: what it makes known and the state that it leaves are one transaction.
"""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from argus_matcher import metrics
from argus_matcher.deadlines import Horizon
from argus_matcher.due import Due, fall_due
from argus_matcher.effects import Decided, Output
from argus_matcher.index import Index
from argus_matcher.lane import GROUP, Lane
from argus_matcher.notices import MAINTENANCE, Notices
from argus_matcher.parts import Word, output_of
from argus_matcher.patience import MOST_BYTES
from argus_runtime.errors import TransientError
from argus_runtime.kafka import Kafka, Partition
from argus_schemas.memory import MatcherState
from argus_schemas.topics import INCIDENT_STATES

SECONDS_BETWEEN_LOOKS = 0.5
SECONDS_BETWEEN_TRIES = 1.0
STATES_AT_ONCE = 10
"""Deciding about so many holds up events for a millisecond or two, at each of the steps that Faust takes with one."""
KEYS_AT_ONCE = 500
"""Finding so many takes as long."""
ROUGHLY = 1000
"""Bytes of a notification beside its incident and its event."""

Ends = Callable[[Iterable[Partition]], Awaitable[Mapping[Partition, int]]]
"""Tells where logs end."""

log = logging.getLogger(__name__)


class Timers:
    """Fires what is due in the lanes of a process."""

    def __init__(
        self,
        lanes: Iterable[Lane],
        index: Index,
        *,
        too_old_after: timedelta,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._lanes = lanes
        self._index = index
        self._too_old_after = too_old_after
        self._clock = clock

    async def run(self, kafka: Kafka) -> None:
        """Fire what is due until cancelled, whatever Kafka does meanwhile."""
        while True:
            try:
                async with kafka.outsider(GROUP) as outsider:
                    while True:
                        await self.look(outsider.end)
                        await asyncio.sleep(SECONDS_BETWEEN_LOOKS)
            except TransientError as error:
                log.warning("nobody knows where the log ends, so that timers wait: %s", error)
                await asyncio.sleep(SECONDS_BETWEEN_TRIES)

    def rule_changed(self, key: str, _rule: object) -> None:
        """Have a look at what a maintenance task withheld that has changed."""
        kind, _, pk = key.partition(":")
        if kind == MAINTENANCE and pk.isdigit():
            for lane in self._lanes:
                lane.deadlines.task_changed(int(pk))

    async def look(self, ends: Ends) -> None:
        """Fire what is due in lanes that have read far enough; ask how far that is where nobody has."""
        now = self._clock()
        asking = [lane for lane in self._lanes if lane.deadlines.horizon is None and lane.deadlines.is_due(now)]
        if asking:
            found = await ends([lane.source for lane in asking])
            for lane in asking:
                lane.deadlines.ends(Horizon(now, found[lane.source]))
        for lane in self._lanes:
            if (moment := lane.deadlines.reached(lane.order.next)) is not None:
                await self._fire(lane, moment)

    async def _fire(self, lane: Lane, moment: datetime) -> None:
        for number, key in enumerate(await _taken(lane, moment), 1):
            if not await self._fired(lane, key, moment):
                return
            if number % STATES_AT_ONCE == 0:
                await asyncio.sleep(0)

    async def _fired(self, lane: Lane, key: bytes, moment: datetime) -> bool:
        """Tell what was due of one incident; return whether the lane is still open."""
        state = lane.states.get(key)
        for part in self._attempted(lane, key, moment):
            if lane.states.get(key) is not state:  # an event came between two parts: what was due may be void
                lane.deadlines.again(key)
                return True
            if not await lane.add(part):
                return False
        return True

    def _attempted(self, lane: Lane, key: bytes, moment: datetime) -> Iterator[Decided]:
        """Yield what was due of one incident; what goes wrong with it keeps no others from firing."""
        try:
            yield from self._decided(lane, key, moment)
        except Exception:
            metrics.TIMERS.labels("failed").inc()
            log.exception("a timer of %r failed", key)

    def _decided(self, lane: Lane, key: bytes, moment: datetime) -> Iterator[Decided]:
        state = lane.states.get(key)
        if state is None:
            return
        memory = INCIDENT_STATES.decode(state)
        if memory.telling is not None:  # the record after it comes first
            lane.deadlines.again(key)
            return
        notices = Notices(self._clock(), self._too_old_after)
        due = fall_due(memory, index=self._index, moment=moment, notices=notices, room=_room(memory))
        if due.state == memory:
            lane.deadlines.note(key, state)
            return
        _count(due, memory, notices.now)
        yield from _parts(due, key)


def _parts(due: Due, key: bytes) -> Iterator[Decided]:
    """Yield what was due in parts of which a transaction can carry each; the state after it goes with the last.

    One step, or one profile, may name so many destinations that a large incident takes several. If the lane ends in
    between they are told again, under the same ids, of which dispatch heeds the first.
    """
    size, outputs = 0, list[Output]()
    words: list[Word] = [*due.notifications, *(withheld.delivery for withheld in due.withheld)]
    for word in words:
        output = output_of(word)
        more = len(output.value or b"")
        if outputs and size + more > MOST_BYTES:
            yield Decided(None, outputs)
            size, outputs = 0, []
        outputs.append(output)
        size += more
    yield Decided(None, outputs, {key: due.state.to_bytes()})


async def _taken(lane: Lane, moment: datetime) -> list[bytes]:
    """Return all incidents that are to be looked at, each once: what is due of them afterwards waits for its turn."""
    found: dict[bytes, None] = {}
    while keys := lane.deadlines.taken(moment, KEYS_AT_ONCE):
        found.update(dict.fromkeys(keys))
        await asyncio.sleep(0)
    return list(found)


def _room(memory: MatcherState) -> int:
    """Return how many may be told of an incident in one transaction."""
    event = memory.news.to_bytes() if memory.news else b""
    return max(1, MOST_BYTES // (len(memory.incident.to_bytes()) + len(event) + ROUGHLY))


def _count(due: Due, memory: MatcherState, now: datetime) -> None:
    for notification in due.notifications:
        metrics.TIMERS.labels(notification.purpose.split()[0]).inc()
    for withheld in due.withheld:
        metrics.NOTIFICATIONS.labels(withheld.why).inc()
    metrics.NOTIFICATIONS.labels("ordered").inc(len(due.notifications))
    metrics.FORGOTTEN.inc(due.forgotten)
    if memory.due_at is not None:
        metrics.TIMERS_LATE.observe(max(0.0, (now - memory.due_at).total_seconds()))
