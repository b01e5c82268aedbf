"""How incidents begin: a create over HTTP, and a report that says that one is there."""

from typing import Any

from argus_domain import reasons
from argus_domain.changes import Difference, added_tags, differences, wished_tags
from argus_domain.events import applied, change_events, event_of, is_late
from argus_domain.outcome import Folded, Outcome, What, refused
from argus_schemas.incident import Actor, Draft, Incident
from argus_schemas.records import Create, Start
from argus_schemas.words import EventType


def create(incident: Incident | None, record: Create) -> Folded:
    """Open an incident; refuse where there is one, open or closed, as Argus does (specification 3.6)."""
    return refused(incident, reasons.DUPLICATE) if incident is not None else _opened(record)


def start(incident: Incident | None, record: Start) -> Folded:
    """Open an incident, change the open one, or restart the ended one."""
    if incident is None:
        return _opened(record)
    if not (incident.stateful and record.draft.stateful):
        return _recorded(incident, record)
    found = differences(incident, _wishes(record, incident))
    if is_late(record, incident):
        known = not found and not _has_ended(incident, record)
        return Folded(incident, Outcome(What.MERGED)) if known else _recorded(incident, record)
    return _restarted(incident, record, found) if _has_ended(incident, record) else _merged(incident, record, found)


def _opened(record: Create | Start) -> Folded:
    draft = record.draft
    incident = Incident(
        pk=record.incident_pk,
        key=record.key,
        source=draft.source,
        source_incident_id=draft.source_incident_id,
        start_time=draft.start_time,
        stateful=draft.stateful,
        ended_at=draft.ended_at,
        description=draft.description,
        level=draft.level,
        details_url=draft.details_url,
        ticket_url=draft.ticket_url,
        metadata=draft.metadata,
        tags=added_tags((), draft.tags, record.actor, record.received_at),
        changed_at=draft.start_time,
    )
    type_ = EventType.START if draft.stateful else EventType.STATELESS
    event = event_of(record, incident, record.event_pk, type_, draft.description, actor=source_user(draft))
    return Folded(incident, Outcome(What.APPLIED, events=(event,)))


def source_user(draft: Draft) -> Actor:
    """Return the user of the incident's source, who starts it also when another posts it (specification 3.1)."""
    return Actor(pk=draft.source.user, username=draft.source.username, is_source=True)


def _recorded(incident: Incident, record: Start) -> Folded:
    type_ = EventType.START if record.draft.stateful else EventType.STATELESS
    event = event_of(record, incident, record.event_pk, type_, record.draft.description)
    return Folded(incident, Outcome(What.RECORDED, events=(event,)))


def _has_ended(incident: Incident, record: Start) -> bool:
    """Tell whether the incident is over, by our clock or by that of its source."""
    return incident.ended_at is not None and incident.ended_at <= max(record.received_at, record.occurred_at)


def _wishes(record: Start, incident: Incident) -> dict[str, Any]:
    wishes = {field: getattr(record.draft, field) for field in record.said}
    if "tags" in wishes:
        wishes["tags"] = wished_tags(incident, record.draft.tags, record.actor, record.received_at, keep_foreign=True)
    return wishes


def _merged(incident: Incident, record: Start, found: list[Difference]) -> Folded:
    events = change_events(record, incident, found, beside=False)
    changed = applied(incident, found).but(changed_at=record.occurred_at) if found else incident
    return Folded(changed, Outcome(What.MERGED, events=events))


def _restarted(incident: Incident, record: Start, found: list[Difference]) -> Folded:
    restart = event_of(record, incident, record.event_pk, EventType.RESTART, record.draft.description)
    changes = change_events(record, incident, found, beside=True)
    reopened = applied(incident, found).but(ended_at=None, changed_at=record.occurred_at)
    return Folded(reopened, Outcome(What.RESTARTED, events=(restart, *changes)))
