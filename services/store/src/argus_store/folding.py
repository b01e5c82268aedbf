"""A batch of records folded in memory: from the incidents as they are stored to what has to be written."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from uuid import UUID

from argus_domain.fold import fold
from argus_domain.outcome import Outcome, State, What
from argus_schemas.incident import Event, Incident
from argus_schemas.records import Create, Record

MOST_SEARCH_TEXT = 200_000
"""Characters of search text after which an incident's further events add none."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An incident and the text by which it is found."""

    incident: Incident | None = None
    search_text: str = ""


@dataclass(slots=True)
class _Current:
    incident: Incident | None
    search_text: str


@dataclass(frozen=True, slots=True)
class Written:
    """An event to write, with the digest of its request."""

    event: Event
    digest: str | None


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a record that made no event of its own."""

    record: Record
    what: What
    reason: str
    incident: int | None


@dataclass(slots=True)
class Folding:
    """Folds records one after the other and remembers what came of them."""

    stored: Mapping[str, Stored]
    """The incidents of the batch as the rows have them, by key."""
    known: dict[UUID, int | None]
    """The event ids of the batch that rows know, and the pk of the incident that they met."""
    events: list[Written] = field(default_factory=list)
    kept: list[Kept] = field(default_factory=list)
    aliases: dict[int, int] = field(default_factory=dict)
    """Pks promised to creates that opened nothing, and the incidents that they stand for."""
    deleted: dict[int, Record] = field(default_factory=dict)
    opened: dict[int, Record] = field(default_factory=dict)
    """The records that opened an incident, by its pk."""
    refused: list[Kept] = field(default_factory=list)
    outcomes: list[What] = field(default_factory=list)
    did: list[bool] = field(default_factory=list)
    """Of each record in turn, whether it made the event that it names."""
    _current: dict[str, _Current] = field(default_factory=dict)

    def take(self, record: Record) -> Outcome:
        """Fold one record, after all that stand before it in its partition."""
        current = self._current.get(record.key) or self._first(record.key)
        before = current.incident
        recent = (record.event_id,) if record.event_id in self.known else ()
        state, outcome = fold(State(before, recent), record)
        current.incident = state.incident
        met = state.incident or before
        self.outcomes.append(outcome.what)
        self._remember(record, outcome, None if met is None else met.pk)
        self._notice(record, before, state.incident)
        for event in outcome.events:
            self.events.append(Written(event, record.digest if event.event_id == record.event_id else None))
            current.search_text = found_by(current.search_text, event.description)
        return outcome

    def incidents(self) -> list[tuple[Stored, Stored]]:
        """Return each incident that the batch touched, as it was and as it is."""
        nothing = Stored()
        return [
            (self.stored.get(key, nothing), Stored(current.incident, current.search_text))
            for key, current in self._current.items()
        ]

    def _first(self, key: str) -> _Current:
        stored = self.stored.get(key)
        current = _Current(stored.incident, stored.search_text) if stored else _Current(None, "")
        self._current[key] = current
        return current

    def _remember(self, record: Record, outcome: Outcome, met: int | None) -> None:
        repeated = outcome.what is What.REPEATED
        own = bool(outcome.events) and outcome.events[0].event_id == record.event_id
        self.did.append(own and not repeated)
        winner = self.known[record.event_id] if repeated else met
        if isinstance(record, Create) and winner is not None and winner != record.incident_pk:
            self.aliases[record.incident_pk] = winner
        if repeated:
            return
        self.known[record.event_id] = met
        if not own:
            self.kept.append(Kept(record, outcome.what, outcome.reason, met))
        if outcome.what is What.REFUSED and record.origin is not None:
            self.refused.append(self.kept[-1])

    def _notice(self, record: Record, before: Incident | None, after: Incident | None) -> None:
        if before is None and after is not None:
            self.opened[after.pk] = record
        if before is not None and after is None:
            self.deleted[before.pk] = record
            self._current[record.key].search_text = ""


def found_by(search_text: str, description: str) -> str:
    """Return the search text with a description appended unless it has it already (specification 1.6)."""
    if description in search_text or len(search_text) + len(description) >= MOST_SEARCH_TEXT:
        return search_text
    return f"{search_text} {description}"
