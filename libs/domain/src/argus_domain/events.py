"""The Argus events that a record makes."""

from collections.abc import Mapping
from typing import Any

from argus_domain.changes import Difference, differences, wished_tags
from argus_domain.outcome import Folded, Outcome, What
from argus_schemas.identity import part_event_id
from argus_schemas.incident import Actor, Event, Incident
from argus_schemas.records import FIELDS_THAT_CHANGE, Change, Record, Start
from argus_schemas.words import EventType


def event_of(
    record: Record, incident: Incident, pk: int, type_: EventType, description: str = "", *, actor: Actor | None = None
) -> Event:
    """Return the event that stands for `record` itself."""
    return Event(
        pk=pk,
        event_id=record.event_id,
        incident=incident.pk,
        type=type_,
        actor=actor or record.actor,
        occurred_at=record.occurred_at,
        received_at=record.received_at,
        description=description,
    )


def change_events(
    record: Change | Start, incident: Incident, found: list[Difference], *, beside: bool
) -> tuple[Event, ...]:
    """Return a CHI event for each difference, with the pk reserved for its field.

    Unless they stand `beside` an event of the record's own, the first takes the record's id.
    """
    events: list[Event] = []
    for difference in found:
        pk = record.change_pks[FIELDS_THAT_CHANGE.index(difference.field)]
        event = event_of(record, incident, pk, EventType.CHANGE, difference.text)
        if beside or events:
            event = event.but(event_id=part_event_id(record.event_id, difference.field))
        events.append(event)
    return tuple(events)


def with_changes(incident: Incident, record: Change) -> Folded:
    """Return the incident as the change wishes it, with one CHI event for each field that differs."""
    found = differences(incident, wishes_of(record, incident), as_set=record.tags_of_anyone, anyway=record.told_anyway)
    if not found:
        return Folded(incident, Outcome(What.MERGED))
    if record.reported and is_late(record, incident):
        late = [Difference(each.field, each.value, f"Too late to apply. {each.text}") for each in found]
        return Folded(incident, Outcome(What.RECORDED, events=change_events(record, incident, late, beside=False)))
    changed = applied(incident, found)
    if record.reported:
        changed = changed.but(changed_at=record.occurred_at)
    return Folded(changed, Outcome(What.APPLIED, events=change_events(record, incident, found, beside=False)))


def wishes_of(record: Change, incident: Incident) -> Mapping[str, Any]:
    """Return the fields that the change names, tags as they would stand."""
    wishes = {name: getattr(record, name) for name in FIELDS_THAT_CHANGE if getattr(record, name) is not None}
    if record.first_ticket and incident.ticket_url:
        wishes.pop("ticket_url", None)
    if record.tags is not None:
        wishes["tags"] = wished_tags(
            incident, record.tags, record.actor, record.received_at, keep_foreign=record.reported
        )
    return wishes


def applied(incident: Incident, found: list[Difference]) -> Incident:
    """Return the incident with the differences applied."""
    return incident.but(**{difference.field: difference.value for difference in found})


def is_late(record: Record, incident: Incident) -> bool:
    """Tell whether the report is older than what last changed the incident (design section 3)."""
    return incident.changed_at is not None and record.occurred_at < incident.changed_at
