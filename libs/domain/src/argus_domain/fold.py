"""The fold: what a record on `incident-events` means for its incident, by the order of the log alone.

Store, matcher and `argus verify` run this same function, so rows, notifications and the log cannot disagree.
Its clock is the record's `received_at`.
"""

import json
from collections.abc import Callable
from typing import Any

from argus_domain import reasons
from argus_domain.changes import added_tags, foreign_tags
from argus_domain.events import with_changes
from argus_domain.happenings import acknowledged, happened
from argus_domain.outcome import Folded, Outcome, State, What, refused
from argus_domain.starts import create, start
from argus_schemas.incident import LARGEST_CHANGED, MOST_TAGS, Incident
from argus_schemas.records import (
    Acknowledge,
    AcknowledgementChanged,
    Change,
    Create,
    Deleted,
    Happened,
    Record,
    Start,
)

MOST_RECENT = 64
"""Event ids that the matcher remembers for each incident; a repeat comes soon or not at all."""


def fold(state: State, record: Record) -> tuple[State, Outcome]:
    """Return the state after `record` and what the record meant."""
    if record.event_id in state.recent:
        return state, Outcome(What.REPEATED)
    folded = _FOLDS[type(record)](state.incident, record)
    return State(folded.incident, (*state.recent, record.event_id)), folded.outcome


def _change(incident: Incident | None, record: Change) -> Folded:
    if incident is None:
        return refused(None, reasons.UNKNOWN_INCIDENT)
    owned = not (record.reported or record.tags_of_anyone or record.actor.is_superuser)
    if owned and record.tags is not None and (foreign := foreign_tags(incident, record.tags, record.actor)):
        return refused(incident, f"{reasons.FOREIGN_TAGS}: {json.dumps(foreign)}")
    folded = _with_tags(incident, with_changes(incident, record), record)
    return refused(incident, reasons.TOO_LARGE) if _too_large(incident, folded.incident, record) else folded


def _too_large(before: Incident, after: Incident | None, record: Change) -> bool:
    if after is None or after is before or record.reported:
        return False
    size = after.size
    return size > LARGEST_CHANGED and size > before.size


def _with_tags(before: Incident, folded: Folded, record: Change) -> Folded:
    incident = folded.incident
    if incident is None or not (record.add_tags or record.remove_tags):
        return folded
    removed = {str(tag) for tag in record.remove_tags}
    kept = [tag for tag in incident.tags if str(tag) not in removed]
    added = added_tags(kept, record.add_tags, record.actor, record.received_at)
    if added and len(kept) + len(added) > MOST_TAGS:
        return refused(before, reasons.TOO_MANY_TAGS)
    if len(kept) == len(incident.tags) and not added:
        return folded
    tags = (*kept, *added)
    return Folded(incident.but(tags=tags), Outcome(What.APPLIED, events=folded.outcome.events))


def _acknowledge(incident: Incident | None, record: Acknowledge) -> Folded:
    if incident is None:
        return refused(None, reasons.UNKNOWN_INCIDENT)
    return acknowledged(incident, record, record.expires_at)


def _acknowledgement_changed(incident: Incident | None, record: AcknowledgementChanged) -> Folded:
    if incident is None:
        return refused(None, reasons.UNKNOWN_INCIDENT)
    ack = next((ack for ack in incident.acks if ack.event == record.ack), None)
    if ack is None:
        return refused(incident, reasons.UNKNOWN_ACK)
    if ack.expires_at is not None and ack.expires_at <= record.received_at:
        return refused(incident, reasons.EXPIRED_ACK)
    changed = ack.but(expires_at=record.expires_at)
    acks = tuple(changed if each is ack else each for each in incident.acks)
    return Folded(incident.but(acks=acks), Outcome(What.APPLIED))


def _deleted(incident: Incident | None, _record: Deleted) -> Folded:
    if incident is None:
        return refused(None, reasons.UNKNOWN_INCIDENT)
    return Folded(None, Outcome(What.APPLIED))


_FOLDS: dict[type[Record], Callable[[Incident | None, Any], Folded]] = {
    Create: create,
    Start: start,
    Happened: happened,
    Change: _change,
    Acknowledge: _acknowledge,
    AcknowledgementChanged: _acknowledgement_changed,
    Deleted: _deleted,
}
