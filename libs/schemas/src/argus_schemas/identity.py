"""Names of things that must come out the same each time: keys of incidents, ids of events and notifications."""

from uuid import UUID, uuid5

EVENTS = UUID("6d1f7b1e-0a55-5b0e-9a0f-5b8e2f0c7a11")
NOTIFICATIONS = UUID("b3f4d2a6-71c9-5e0b-8d86-0d2f6c1e9a57")


def incident_key(source: int, source_incident_id: str, create: UUID) -> str:
    """Return the key that orders everything about one incident (design section 3)."""
    return f"{source}:{source_incident_id}" if source_incident_id else f"{source}#{create}"


def principal_event_id(principal: int, key: str) -> UUID:
    """Return the id of what the user `principal` did under its own `key` (Idempotency-Key or event_id)."""
    return uuid5(EVENTS, f"principal/{principal}/{key}")


def position_event_id(slug: str, partition: int, offset: int, appended_at_ms: int) -> UUID:
    """Return the id of a report that has none of its own, by where and when it stands in its topic."""
    return uuid5(EVENTS, f"position/{slug}/{partition}/{offset}/{appended_at_ms}")


def part_event_id(event: UUID, part: str) -> UUID:
    """Return the id of an event that a record causes beside its first, such as the change of one field."""
    return uuid5(event, part)


def notification_id(event: UUID, destination: int, purpose: str) -> UUID:
    """Return the same id for the same notification, so that a repeat is recognisable."""
    return uuid5(NOTIFICATIONS, f"{event}/{destination}/{purpose}")
