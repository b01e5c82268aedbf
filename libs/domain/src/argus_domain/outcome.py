"""What the fold answers: the state after a record, and what the record meant."""

from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from argus_schemas.incident import Event, Incident


class What(StrEnum):
    """What a record meant."""

    APPLIED = "applied"
    MERGED = "merged"
    """Said what is known, or changed an open incident by reporting it again."""
    RESTARTED = "restarted"
    RECORDED = "recorded"
    """Kept as an event that changes no state."""
    REPEATED = "repeated"
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class State:
    """An incident, or none, and the ids of events that it has seen."""

    incident: Incident | None = None
    recent: tuple[UUID, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a record meant, why it was refused, and the events to write: the first has the record's own id."""

    what: What
    reason: str = ""
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Folded:
    """What one kind of record makes of an incident."""

    incident: Incident | None
    outcome: Outcome


def refused(incident: Incident | None, reason: str) -> Folded:
    """Leave the incident as it is, and say why."""
    return Folded(incident, Outcome(What.REFUSED, reason))
