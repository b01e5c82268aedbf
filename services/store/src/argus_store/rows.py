"""What a folded batch changes, as rows."""

from dataclasses import dataclass, field
from typing import Any

from argus_schemas.incident import Incident
from argus_store.folding import Folding, Kept, Stored, Written

Row = dict[str, Any]


@dataclass(slots=True)
class Changes:
    """Rows to write, by what is done with them."""

    opened: list[Row] = field(default_factory=list)
    changed: list[Row] = field(default_factory=list)
    retagged: list[int] = field(default_factory=list)
    """Incidents whose tags are replaced."""
    tags: list[Row] = field(default_factory=list)
    events: list[Row] = field(default_factory=list)
    acks: list[Row] = field(default_factory=list)
    outcomes: list[Row] = field(default_factory=list)
    aliases: list[Row] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)


def changes_of(folding: Folding) -> Changes:
    """Return what the batch changes; an incident that is deleted in it leaves nothing but the ids of its events."""
    changes = Changes(deleted=list(folding.deleted))
    for before, after in folding.incidents():
        if after.incident is not None:
            _compare(folding, changes, before, after.incident, after.search_text)
    for written in folding.events:
        if written.event.incident in folding.deleted:
            changes.outcomes.append(_forgotten(written, folding.deleted[written.event.incident].key))
        else:
            changes.events.append(_event(written))
    changes.outcomes += map(_outcome, folding.kept)
    changes.aliases = [{"pk": pk, "incident_id": winner} for pk, winner in folding.aliases.items()]
    return changes


def _compare(folding: Folding, changes: Changes, before: Stored, incident: Incident, search_text: str) -> None:
    old = before.incident
    if old is None or old.pk != incident.pk:
        received_at = folding.opened[incident.pk].received_at
        changes.opened.append(_incident(incident, search_text) | {"key": incident.key, "received_at": received_at})
        changes.tags += _tags(incident)
        changes.acks += _acks(incident, None)
        return
    # The fold answers the same object where nothing changed.
    if old is not incident or before.search_text != search_text:
        changes.changed.append(_incident(incident, search_text))
    if old.tags is not incident.tags and old.tags != incident.tags:
        changes.retagged.append(incident.pk)
        changes.tags += _tags(incident)
    if old.acks is not incident.acks:
        changes.acks += _acks(incident, old)


def _incident(incident: Incident, search_text: str) -> Row:
    return {
        "id": incident.pk, "source_id": incident.source.pk, "source_incident_id": incident.source_incident_id,
        "start_time": incident.start_time, "stateful": incident.stateful, "ended_at": incident.ended_at,
        "description": incident.description, "level": incident.level, "details_url": incident.details_url,
        "ticket_url": incident.ticket_url, "metadata": incident.metadata, "search_text": search_text,
        "changed_at": incident.changed_at,
    }  # fmt: skip


def _tags(incident: Incident) -> list[Row]:
    return [
        {
            "incident_id": incident.pk, "key": tag.key, "value": tag.value, "added_by": tag.added_by,
            "added_at": tag.added_at, "ordinal": ordinal,
        }
        for ordinal, tag in enumerate(incident.tags)
    ]  # fmt: skip


def _acks(incident: Incident, before: Incident | None) -> list[Row]:
    known = set() if before is None else {(ack.event, ack.expires_at) for ack in before.acks}
    return [
        {"event_id": ack.event, "incident_id": incident.pk, "expires_at": ack.expires_at}
        for ack in incident.acks
        if (ack.event, ack.expires_at) not in known
    ]


def _event(written: Written) -> Row:
    event = written.event
    return {
        "id": event.pk, "incident_id": event.incident, "event_id": event.event_id, "type": event.type,
        "actor_id": event.actor.pk, "occurred_at": event.occurred_at, "received_at": event.received_at,
        "description": event.description, "digest": written.digest,
    }  # fmt: skip


def _forgotten(written: Written, key: str) -> Row:
    event = written.event
    return {
        "event_id": event.event_id, "incident_id": event.incident, "key": key, "what": "deleted", "reason": "",
        "digest": written.digest, "at": event.received_at,
    }  # fmt: skip


def _outcome(kept: Kept) -> Row:
    record = kept.record
    return {
        "event_id": record.event_id, "incident_id": kept.incident, "key": record.key, "what": kept.what,
        "reason": kept.reason, "digest": record.digest, "at": record.received_at,
    }  # fmt: skip
