"""What an incident is at a moment: open, closed, acknowledged."""

from datetime import datetime

from argus_schemas.incident import Incident


def is_open(incident: Incident, at: datetime) -> bool:
    """Tell whether the incident is stateful and has not ended by `at`."""
    return incident.stateful and (incident.ended_at is None or incident.ended_at > at)


def is_closed(incident: Incident, at: datetime) -> bool:
    """Tell whether the incident is stateful and had ended by `at`."""
    return incident.stateful and not is_open(incident, at)


def is_acked(incident: Incident, at: datetime) -> bool:
    """Tell whether somebody's ack of the incident holds at `at`."""
    return any(ack.expires_at is None or ack.expires_at > at for ack in incident.acks)
