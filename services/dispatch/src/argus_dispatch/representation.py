"""Incidents and events as API v2 shows them (specification 2.4.1 and 2.7.1), from what a notification carries; pure."""

from datetime import datetime, tzinfo
from typing import Any

from argus_domain.states import is_acked, is_open
from argus_domain.urls import details_url
from argus_schemas.incident import Event, Incident, Tag
from argus_schemas.notification import Notification


def notification_view(notification: Notification, zone: tzinfo) -> dict[str, Any]:
    """Return what programs are told: the event's type and moment, incident and event, and why they are told."""
    event = notification.event
    at = event.occurred_at if notification.ordinary else notification.matched_at
    return {
        "type": f"incident.{event.type.name.lower()}",
        "timestamp": moment_view(event.occurred_at, zone),
        "data": {
            "incident": incident_view(notification.incident, at, zone),
            "event": event_view(event, zone),
            "purpose": notification.purpose,
            **({"note": notification.note} if notification.note else {}),
            "reasons": [{"profile": reason.profile, "name": reason.name} for reason in notification.reasons],
        },
    }


def incident_view(incident: Incident, at: datetime, zone: tzinfo) -> dict[str, Any]:
    """Return an incident as it is at a moment."""
    source = incident.source
    return {
        "pk": incident.pk,
        "start_time": moment_view(incident.start_time, zone),
        "end_time": end_view(incident, zone),
        "source": {
            "pk": source.pk,
            "name": source.name,
            "type": {"name": source.type},
            "user": source.user,
            "base_url": source.base_url,
        },
        "source_incident_id": incident.source_incident_id,
        "details_url": details_url(incident.details_url, source.base_url),
        "description": incident.description,
        "level": int(incident.level),
        "ticket_url": incident.ticket_url,
        "metadata": incident.metadata,
        "tags": [_tag_view(tag, zone) for tag in incident.tags],
        "stateful": incident.stateful,
        "open": is_open(incident, at),
        "acked": is_acked(incident, at),
    }


def event_view(event: Event, zone: tzinfo) -> dict[str, Any]:
    """Return an event."""
    return {
        "pk": event.pk,
        "incident": event.incident,
        "actor": {"pk": event.actor.pk, "username": event.actor.username},
        "timestamp": moment_view(event.occurred_at, zone),
        "received": moment_view(event.received_at, zone),
        "type": {"value": event.type.value, "display": event.type.display},
        "description": event.description,
    }


def end_view(incident: Incident, zone: tzinfo) -> str | None:
    """Return the end of an incident as Argus writes it: a moment, "infinity" or null."""
    if not incident.stateful:
        return None
    return "infinity" if incident.ended_at is None else moment_view(incident.ended_at, zone)


def moment_view(moment: datetime, zone: tzinfo) -> str:
    """Return a moment in ISO 8601 on the clocks of `zone`; UTC is `Z`, as Argus's framework writes it."""
    try:
        text = moment.astimezone(zone).isoformat()
    except OverflowError:  # at the edge of the calendar
        text = moment.isoformat()
    return text.removesuffix("+00:00") + "Z" if text.endswith("+00:00") else text


def _tag_view(tag: Tag, zone: tzinfo) -> dict[str, Any]:
    return {"added_by": tag.added_by, "added_time": moment_view(tag.added_at, zone), "tag": str(tag)}
