"""What an event makes of an incident that exists: the state table of specification 3.3."""

from datetime import datetime

from argus_domain import reasons
from argus_domain.events import event_of, is_late
from argus_domain.outcome import Folded, Outcome, What, refused
from argus_domain.states import is_open
from argus_schemas.incident import MOST_ACKS, Acknowledgement, Incident
from argus_schemas.records import Acknowledge, Happened
from argus_schemas.words import EventType

ENDS = frozenset({EventType.END, EventType.CLOSE})
RESTARTS = frozenset({EventType.RESTART, EventType.REOPEN})
BY_PEOPLE = frozenset({EventType.CLOSE, EventType.REOPEN})


def happened(incident: Incident | None, record: Happened) -> Folded:
    """Apply the event where it fits the incident's state; else record it, or refuse a person's."""
    if incident is None:
        return refused(None, reasons.UNKNOWN_INCIDENT)
    if record.type is EventType.ACKNOWLEDGE:
        return acknowledged(incident, record)  # also a bare one, in a bulk request, is a real ack (design section 6)
    event = event_of(record, incident, record.event_pk, record.type, record.description)
    if record.type not in ENDS | RESTARTS:
        return Folded(incident, Outcome(What.APPLIED, events=(event,)))
    obstacle = _obstacle(incident, record)
    if obstacle and record.strict and record.type in BY_PEOPLE:
        return refused(incident, obstacle)
    if obstacle or _changes_nothing(incident, record):
        return Folded(incident, Outcome(What.RECORDED, events=(event,)))
    return Folded(_moved(incident, record), Outcome(What.APPLIED, events=(event,)))


def acknowledged(incident: Incident, record: Happened | Acknowledge, expires_at: datetime | None = None) -> Folded:
    """Add an ack, which the event of `record` stands for; refuse where there are too many to carry."""
    if len(incident.acks) >= MOST_ACKS:
        return refused(incident, reasons.TOO_MANY_ACKS)
    event = event_of(record, incident, record.event_pk, EventType.ACKNOWLEDGE, record.description)
    ack = Acknowledgement(event=record.event_pk, expires_at=expires_at)
    return Folded(incident.but(acks=(*incident.acks, ack)), Outcome(What.APPLIED, events=(event,)))


def _obstacle(incident: Incident, record: Happened) -> str:
    if not incident.stateful:
        return reasons.STATELESS
    opened = is_open(incident, record.received_at)
    if record.type in ENDS:
        return "" if opened else reasons.ALREADY_CLOSED
    return reasons.ALREADY_OPEN if opened else ""


def _changes_nothing(incident: Incident, record: Happened) -> bool:
    """Tell whether the event is a late report, or a machine's event in a bulk request (specification 2.9)."""
    return (record.reported and is_late(record, incident)) or (not record.strict and record.type not in BY_PEOPLE)


def _moved(incident: Incident, record: Happened) -> Incident:
    ended_at: datetime | None = record.occurred_at if record.type in ENDS else None
    return incident.but(ended_at=ended_at, changed_at=record.occurred_at)
