"""What the Faust agent does, free of Faust: take each record in its turn and hand its lane what it causes."""

import logging
from collections.abc import AsyncIterable, Callable, Iterator
from datetime import UTC, datetime, timedelta

from argus_domain.outcome import What
from argus_matcher import metrics
from argus_matcher.decisions import Decision, decide
from argus_matcher.effects import Decided, Output
from argus_matcher.index import Index
from argus_matcher.lane import Lane
from argus_matcher.lanes import Lanes, Seek
from argus_matcher.parts import parts, recalled
from argus_runtime.dead_letters import kept_headers, letter_headers
from argus_runtime.errors import InvalidRecord, TooManyDeadLetters
from argus_runtime.kafka import Record
from argus_runtime.metrics import DEAD_LETTERS as DEAD_LETTERS_WRITTEN
from argus_schemas.memory import MatcherState
from argus_schemas.records import Record as IncidentRecord
from argus_schemas.topics import DEAD_LETTERS, INCIDENT_EVENTS, INCIDENT_STATES

# Only ingest writes the topic, so that more than these mean our own fault or an upgrade half done.
MAX_DEAD_LETTERS_IN_A_ROW = 100

OUTCOMES = {what: metrics.EVENTS.labels(str(what)) for what in What}
ORDERED = metrics.NOTIFICATIONS.labels("ordered")
"""Looked up once: for each event it would cost as much as matching it."""

log = logging.getLogger(__name__)


class Matching:
    """Matches records of `incident-events`, each after the state that the one before it left behind."""

    def __init__(
        self, index: Index, *, too_old_after: timedelta, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:
        self._index = index
        self._too_old_after = too_old_after
        self._clock = clock
        self._dead_in_a_row = 0

    async def run(self, records: AsyncIterable[Record], lanes: Lanes, seek: Seek) -> None:
        """Match records until there are no more; any error ends the process, whose successor decides them again.

        Raises:
            TooManyDeadLetters: a hundred records in a row could not be read.
            PositionLost: the log lost records before they were matched.
        """
        async for record in records:
            lane = await lanes.lane_for(record, seek)
            if lane is None:
                continue
            if lane.opening.suspects:
                await self._alone(record, lane)
            else:
                await self._match(record, lane)

    async def _alone(self, record: Record, lane: Lane) -> None:
        """Decide a record that may have crashed earlier owners with nothing else in hand, and see it committed."""
        if lane.opening.gives_up:
            await lane.add(self._given_up(record, lane.opening.crashes))
        elif await lane.only_one():
            await self._match(record, lane)
        await lane.settled()

    async def _match(self, record: Record, lane: Lane) -> None:
        for part in self._attempted(record, lane):
            if not await lane.add(part):
                break

    def _attempted(self, record: Record, lane: Lane) -> Iterator[Decided]:
        try:
            yield from self.decided(record, lane)
        except TooManyDeadLetters:
            raise
        except Exception:
            lane.crashed = True
            raise

    def decided(self, record: Record, lane: Lane) -> Iterator[Decided]:
        """Yield what `record` causes, after the states of its lane; a dead letter where it cannot be read."""
        lane.latest_ms = record.appended_at_ms
        try:
            known = _decode(record)
            memory = recalled(_kept(lane.states.get(known.key.encode()), known.key), known)
        except InvalidRecord as error:
            yield self._dead(record, error)
            return
        self._dead_in_a_row = 0
        decision = decide(known, memory.before, index=self._index, now=self._clock(), too_old_after=self._too_old_after)
        _count(decision)
        if decision.forgotten:
            log.warning("%s destinations too many to remember", decision.forgotten, extra={"position": record.place})
        yield from parts(record, known, memory, decision)

    def _given_up(self, record: Record, crashes: int) -> Decided:
        reason = InvalidRecord(f"the process crashed {crashes} times while handling it")
        return self._dead(record, reason, attempts=crashes)

    def _dead(self, record: Record, error: InvalidRecord, *, attempts: int = 1) -> Decided:
        self._dead_in_a_row += 1
        if self._dead_in_a_row > MAX_DEAD_LETTERS_IN_A_ROW:
            raise TooManyDeadLetters(record.partition.topic, self._dead_in_a_row) from error
        log.warning("dead-lettered: %s", error, extra={"position": record.place})
        DEAD_LETTERS_WRITTEN.labels(INCIDENT_EVENTS.name).inc()
        metrics.EVENTS.labels("dead").inc()
        headers = (
            *letter_headers(record.place, str(error), "matcher", attempts=attempts),
            *kept_headers(record.headers),
        )
        return Decided(record.offset, [Output(DEAD_LETTERS, record.key, record.value, headers)])


def _decode(record: Record) -> IncidentRecord:
    if record.value is None:
        raise InvalidRecord("it has no value")
    try:
        return INCIDENT_EVENTS.decode(record.value)
    except ValueError as error:
        raise InvalidRecord(str(error)) from error


def _kept(state: bytes | None, key: str) -> MatcherState | None:
    if state is None:
        return None
    try:
        return INCIDENT_STATES.decode(state)
    except ValueError as error:
        raise InvalidRecord(f"the state of {key} cannot be read: {error}") from error


def _count(decision: Decision) -> None:
    OUTCOMES[decision.outcome.what].inc()
    ORDERED.inc(len(decision.notifications))
    metrics.FORGOTTEN.inc(decision.forgotten)
    for withheld in decision.withheld:
        metrics.NOTIFICATIONS.labels(withheld.why).inc()
