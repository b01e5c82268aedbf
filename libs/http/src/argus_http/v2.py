"""What v2 shows of incidents, events and acknowledgements (specification 2.4, 2.7.1, 2.8.1).

A client of old builds its objects from all keys of `source` and of an event, so these two never get another key.
"""

from datetime import datetime, tzinfo
from typing import Any

from argus_domain.urls import details_url
from argus_http.moments import INFINITY, shown
from argus_http.views import EventView, IncidentView, SourceView, TagView
from argus_schemas.words import DISPLAYS, EventType


def incident(view: IncidentView, *, acked: bool, at: datetime, zone: tzinfo) -> dict[str, Any]:
    """Return the incident as v2 shows it at the moment `at`."""
    return {
        "pk": view.pk,
        "start_time": shown(view.start_time, zone),
        "end_time": end_time(view, zone),
        "source": source(view.source),
        "source_incident_id": view.source_incident_id,
        "details_url": details_url(view.details_url, view.source.base_url),
        "description": view.description,
        "level": int(view.level),
        "ticket_url": view.ticket_url,
        "metadata": view.metadata,
        "tags": [tag(each, zone) for each in view.tags],
        "stateful": view.stateful,
        "open": is_open(view, at),
        "acked": acked,
    }


def end_time(view: IncidentView, zone: tzinfo) -> str | None:
    """Return `infinity`, a moment, or None for a stateless incident."""
    if not view.stateful:
        return None
    return shown(view.ended_at, zone) or INFINITY


def is_open(view: IncidentView, at: datetime) -> bool:
    """Tell whether the incident is stateful and has not ended by `at`."""
    return view.stateful and (view.ended_at is None or view.ended_at > at)


def source(view: SourceView) -> dict[str, Any]:
    """Return the source as an incident shows it."""
    return {
        "pk": view.pk,
        "name": view.name,
        "type": {"name": view.type},
        "user": view.user,
        "base_url": view.base_url,
    }


def tag(view: TagView, zone: tzinfo) -> dict[str, Any]:
    """Return a tag of an incident."""
    return {"added_by": view.added_by, "added_time": shown(view.added_at, zone), "tag": f"{view.key}={view.value}"}


def event(view: EventView, zone: tzinfo) -> dict[str, Any]:
    """Return the event as v2 shows it."""
    type_ = EventType(view.type)
    return {
        "pk": view.pk,
        "incident": view.incident,
        "actor": {"pk": view.actor.pk, "username": view.actor.username},
        "timestamp": shown(view.occurred_at, zone),
        "received": shown(view.received_at, zone),
        "type": {"value": type_.value, "display": DISPLAYS[type_]},
        "description": view.description,
    }


def acknowledgement(view: EventView, expires_at: datetime | None, zone: tzinfo) -> dict[str, Any]:
    """Return the ack whose event is `view`."""
    return {"pk": view.pk, "event": event(view, zone), "expiration": shown(expires_at, zone)}
