"""Incidents: the log folded anew, compared with the rows."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli.verification.findings import Findings
from argus_cli.verification.log import Part, records
from argus_database.incidents import states
from argus_database.tables.incidents import EventRow, IncidentRow, OutcomeRow
from argus_domain.fold import fold
from argus_domain.outcome import State
from argus_runtime.kafka import Kafka
from argus_runtime.kafka import Record as Stored
from argus_schemas.base import same_json
from argus_schemas.incident import Event, Incident
from argus_schemas.records import Create, Record, Start
from argus_schemas.topics import INCIDENT_EVENTS

AT_ONCE = 1000
ONLY_A_ROW = "a row, but not in the log"
COMPARED = (
    "pk", "source_incident_id", "start_time", "stateful", "ended_at", "description", "level", "details_url",
    "ticket_url", "changed_at",
)  # fmt: skip
"""What the fold decides; names of sources are configuration and may have changed since."""


@dataclass(slots=True)
class _History:
    opens: bool
    """Whether the first record that the log has of it can open it."""
    incident: Incident | None = None
    seen: set[UUID] = field(default_factory=set)
    events: list[Event] = field(default_factory=list)


class Books:
    """One partition of `incident-events`, record by record."""

    def __init__(self, session: AsyncSession, part: Part, dead: set[tuple[str, int, int]], findings: Findings) -> None:
        self._session = session
        self._part = part
        self._dead = dead
        self._findings = findings
        self._histories: dict[str, _History] = {}

    async def balance(self, kafka: Kafka) -> set[str]:
        """Compare all that the partition says with the rows, and return the keys of the incidents that there are."""
        async for batch in records(kafka, self._part):
            await self._take(batch)
        keys = list(self._histories)
        for begin in range(0, len(keys), AT_ONCE):
            await self._compare(keys[begin : begin + AT_ONCE])
        return {key for key, history in self._histories.items() if history.incident is not None}

    async def _take(self, batch: Sequence[Stored]) -> None:
        decoded = [(stored, record) for stored in batch if (record := self._read(stored)) is not None]
        known = await _known(self._session, [record.event_id for _, record in decoded])
        for stored, record in decoded:
            self._findings.counts["records"] += 1
            if record.event_id not in known:
                lost = f"event {record.event_id} is neither a row, an outcome nor a dead letter"
                self._findings.add(f"{stored.place}: {lost}")
            self._fold(record, elsewhere=known.get(record.event_id) not in {record.key, None})

    def _read(self, stored: Stored) -> Record | None:
        if (stored.partition.topic, stored.partition.partition, stored.offset) in self._dead:
            self._findings.counts["dead letters"] += 1
            return None
        try:
            return INCIDENT_EVENTS.decode(stored.value or b"")
        except ValueError:
            self._findings.add(f"{stored.place} cannot be read and is not a dead letter")
            return None

    def _fold(self, record: Record, *, elsewhere: bool) -> None:
        """Fold a record; one whose event id belongs to another incident is a repeat of what happened there."""
        history = self._histories.get(record.key)
        if history is None:
            history = self._histories[record.key] = _History(opens=isinstance(record, Create | Start))
        recent = (record.event_id,) if elsewhere or record.event_id in history.seen else ()
        state, outcome = fold(State(history.incident, recent), record)
        history.incident = state.incident
        history.seen.add(record.event_id)
        history.events += outcome.events
        if state.incident is None:
            history.events.clear()

    async def _compare(self, keys: Sequence[str]) -> None:
        rows = await states(self._session, keys)
        wanted = [event.event_id for key in keys for event in self._histories[key].events]
        events = await _events(self._session, wanted)
        for key in keys:
            history, row = self._histories[key], rows.get(key)
            if not self._part.whole and _is_older(history, row):
                self._findings.counts["incidents older than the log"] += 1
                continue
            self._findings.counts["incidents"] += 1
            self._compare_one(key, history, row, events)

    def _compare_one(
        self, key: str, history: _History, row: Incident | None, events: dict[UUID, tuple[Any, ...]]
    ) -> None:
        incident = history.incident
        if incident is None or row is None:
            if incident is not row:
                self._findings.add(f"incident {key}: {ONLY_A_ROW if row else 'in the log, but no row'}")
            return
        different = [name for name in COMPARED if getattr(incident, name) != getattr(row, name)]
        different += [] if same_json(incident.metadata, row.metadata) else ["metadata"]
        different += [name for name in ("tags", "acks") if set(getattr(incident, name)) != set(getattr(row, name))]
        for name in different:
            said, has = getattr(incident, name), getattr(row, name)
            self._findings.add(f"incident {key} (pk {row.pk}): {name} is {has!r} in its row, {said!r} by the log")
        for event in history.events:
            self._findings.counts["events"] += 1
            if events.get(event.event_id) != _facts(event):
                other = "differs from its row" if event.event_id in events else "has no row"
                self._findings.add(f"incident {key}: event {event.event_id} ({event.type}) {other}")


async def unknown(session: AsyncSession, keys: set[str], findings: Findings) -> None:
    """Find rows of incidents that the log, which is whole, has never heard of."""
    found = await session.stream_scalars(select(IncidentRow.key).execution_options(yield_per=5000))
    async for key in found:
        if key not in keys:
            findings.add(f"incident {key}: {ONLY_A_ROW}")


def _is_older(history: _History, row: Incident | None) -> bool:
    incident = history.incident
    return not history.opens or row is None or incident is None or incident.pk != row.pk


async def _known(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, str | None]:
    """Return the keys of the incidents under which rows know these event ids."""
    events = (
        select(EventRow.event_id, IncidentRow.key)
        .outerjoin(IncidentRow, IncidentRow.id == EventRow.incident_id)
        .where(EventRow.event_id.in_(ids))
    )
    outcomes = select(OutcomeRow.event_id, OutcomeRow.key).where(OutcomeRow.event_id.in_(ids))
    return dict((await session.execute(union_all(events, outcomes))).all())


async def _events(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, tuple[Any, ...]]:
    found: dict[UUID, tuple[Any, ...]] = {}
    for begin in range(0, len(ids), AT_ONCE):
        rows = await session.execute(
            select(
                EventRow.event_id, EventRow.id, EventRow.incident_id, EventRow.type, EventRow.actor_id,
                EventRow.occurred_at, EventRow.description,
            ).where(EventRow.event_id.in_(ids[begin : begin + AT_ONCE]))
        )  # fmt: skip
        found |= {row[0]: tuple(row[1:]) for row in rows}
    return found


def _facts(event: Event) -> tuple[Any, ...]:
    return (event.pk, event.incident, event.type, event.actor.pk, event.occurred_at, event.description)
