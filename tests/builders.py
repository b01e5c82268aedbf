"""Builders: a test names only what it is about."""

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID, uuid4

from argus_schemas.configuration import Filter, Maintenance, NamedFilter, Profile
from argus_schemas.incident import Actor, Draft, Event, Incident, Source, TagName
from argus_schemas.notification import Notification, Reason
from argus_schemas.records import (
    FIELDS_THAT_CHANGE,
    Acknowledge,
    AcknowledgementChanged,
    Change,
    Create,
    Deleted,
    Happened,
    Start,
)
from argus_schemas.schedules import Recurrence, Timeslot
from argus_schemas.words import EventType, Level

NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)  # a Wednesday
NAV = Source(pk=2, name="nav1", type="nav", user=6, username="nav1", base_url="http://nav1.example.org/")
NAV_USER = Actor(pk=6, username="nav1", is_source=True)
ALICE = Actor(pk=7, username="alice")
KEY = "2:nav-17"
CHANGE_PKS = tuple(range(901, 901 + len(FIELDS_THAT_CHANGE)))


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def tags(*texts: str) -> tuple[TagName, ...]:
    return tuple(TagName(key=text.split("=", 1)[0], value=text.split("=", 1)[1]) for text in texts)


def a_draft(**changes: Any) -> Draft:
    fields: dict[str, Any] = {
        "source": NAV, "source_incident_id": "nav-17", "start_time": NOON, "description": "Box down",
        "level": Level.HIGH, "tags": tags("host=a.example.org"),
    }  # fmt: skip
    return Draft(**_levelled(fields | changes))


def _levelled(fields: dict[str, Any]) -> dict[str, Any]:
    """Return fields in which a level is one, as it is in every record that was read."""
    return fields if fields.get("level") is None else fields | {"level": Level(fields["level"])}


def _common(minutes: float, changes: dict[str, Any]) -> dict[str, Any]:
    return {
        "event_id": uuid4(), "key": KEY, "actor": NAV_USER, "occurred_at": at(minutes), "received_at": at(minutes),
    } | changes  # fmt: skip


def a_create(minutes: float = 0, **changes: Any) -> Create:
    fields: dict[str, Any] = {"incident_pk": 49, "event_pk": 50, "draft": a_draft()}
    return Create(**(fields | _common(minutes, changes)))


def a_start(minutes: float = 0, **changes: Any) -> Start:
    draft = changes.pop("draft", None) or a_draft(start_time=at(minutes))
    fields: dict[str, Any] = {
        "incident_pk": 49,
        "event_pk": 50,
        "change_pks": CHANGE_PKS,
        "said": FIELDS_THAT_CHANGE[:2],
        "draft": draft,
    }
    return Start(**(fields | _common(minutes, changes)))


def a_happening(type_: EventType, minutes: float = 10, **changes: Any) -> Happened:
    fields: dict[str, Any] = {"event_pk": 60, "type": type_}
    return Happened(**(fields | _common(minutes, changes)))


def a_change(minutes: float = 10, **changes: Any) -> Change:
    fields: dict[str, Any] = {"change_pks": CHANGE_PKS} | _common(minutes, {"actor": ALICE} | changes)
    return Change(**_levelled(fields))


def an_ack(minutes: float = 10, **changes: Any) -> Acknowledge:
    return Acknowledge(**({"event_pk": 70} | _common(minutes, {"actor": ALICE} | changes)))


def an_ack_change(minutes: float = 20, **changes: Any) -> AcknowledgementChanged:
    return AcknowledgementChanged(**({"ack": 70} | _common(minutes, {"actor": ALICE} | changes)))


def a_deletion(minutes: float = 20, **changes: Any) -> Deleted:
    return Deleted(**_common(minutes, changes))


def an_incident(**changes: Any) -> Incident:
    fields: dict[str, Any] = {
        "pk": 49, "key": KEY, "source": NAV, "source_incident_id": "nav-17", "start_time": NOON,
        "description": "Box down", "level": Level.HIGH, "changed_at": NOON,
    }  # fmt: skip
    return Incident(**_levelled(fields | changes))


def an_event(**changes: Any) -> Event:
    fields: dict[str, Any] = {
        "pk": 50, "event_id": UUID(int=1), "incident": 49, "type": EventType.START, "actor": NAV_USER,
        "occurred_at": NOON, "received_at": NOON, "description": "Box down",
    }  # fmt: skip
    return Event(**(fields | changes))


ALL_THE_TIME = Timeslot(
    pk=1, name="All the time",
    recurrences=(Recurrence(days=(1, 2, 3, 4, 5, 6, 7), start=time.min, end=time.max),),
)  # fmt: skip
EVERYTHING = NamedFilter(pk=1, name="Everything", filter=Filter(maxlevel=5))


def a_profile(**changes: Any) -> Profile:
    fields: dict[str, Any] = {
        "pk": 11, "version": 1, "name": "prof", "owner": 7, "filters": (EVERYTHING,), "timeslots": (ALL_THE_TIME,),
        "destinations": (4,),
    }  # fmt: skip
    return Profile(**(fields | changes))


def a_task(**changes: Any) -> Maintenance:
    fields: dict[str, Any] = {
        "pk": 21, "version": 1, "description": "new firmware", "starts_at": at(-60), "ends_at": at(60),
        "filters": (EVERYTHING,),
    }  # fmt: skip
    return Maintenance(**(fields | changes))


def a_notification(**changes: Any) -> Notification:
    fields: dict[str, Any] = {
        "id": uuid4(), "destination": 4, "owner": 7, "event": an_event(), "incident": an_incident(),
        "reasons": (Reason(profile=11, name="prof"),), "matched_at": NOON,
    }  # fmt: skip
    return Notification(**(fields | changes))
