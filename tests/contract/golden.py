"""Examples of every schema on a topic, and the command that writes golden files for new ones."""

import json
from datetime import date, time
from pathlib import Path
from typing import Any
from uuid import UUID

from argus_schemas.codec import Written
from argus_schemas.configuration import (
    Damping,
    Destination,
    EscalationStep,
    Filter,
    Maintenance,
    NamedFilter,
    SourceDocument,
    TokenDigest,
)
from argus_schemas.ids import Base, Block
from argus_schemas.incident import Acknowledgement, Tag
from argus_schemas.memory import Escalation, Flapping, MatcherState, Telling, Told, Withheld
from argus_schemas.notification import Delivery, Reason
from argus_schemas.records import Origin
from argus_schemas.report import REPORT
from argus_schemas.schedules import DateList, Recurrence, Repeats, Timeslot
from argus_schemas.topics import (
    DELIVERIES,
    DESTINATIONS,
    IDS,
    INCIDENT_EVENTS,
    INCIDENT_STATES,
    NOTIFICATIONS,
    REPORTS,
    RULES,
    SOURCES,
    Topic,
)
from argus_schemas.words import EventType
from tests import builders as b

GOLDEN = Path(__file__).parent / "golden"

ID = UUID("4f6c0d5e-2b1a-4c3d-8e9f-0a1b2c3d4e5f")
TOPICS: dict[str, Topic[Any]] = {
    "create": INCIDENT_EVENTS, "start": INCIDENT_EVENTS, "event": INCIDENT_EVENTS, "change": INCIDENT_EVENTS,
    "ack": INCIDENT_EVENTS, "ack-changed": INCIDENT_EVENTS, "deleted": INCIDENT_EVENTS, "report": REPORTS,
    "profile": RULES, "maintenance": RULES, "source": SOURCES, "destination": DESTINATIONS,
    "notification": NOTIFICATIONS, "delivery": DELIVERIES, "matcher-state": INCIDENT_STATES, "ids": IDS,
}  # fmt: skip


def a_full_incident():
    tag = Tag(key="host", value="a", added_by=6, added_at=b.NOON)
    ack = Acknowledgement(event=70, expires_at=b.at(60))
    return b.an_incident(
        tags=(tag,), acks=(ack,), ended_at=b.at(5), metadata={"a": [1]}, details_url="/a", ticket_url="http://t/1"
    )


def _records() -> dict[str, list[Written]]:
    origin = Origin(topic="argus.reports.nav1", partition=0, offset=7, report='{"type":"end"}', key="17")
    minimal: dict[str, Any] = {"event_id": ID}
    return {
        "create": [b.a_create(**minimal), b.a_create(digest="d1", may_notify=False, **minimal)],
        "start": [b.a_start(origin=origin, **minimal), b.a_start(draft=b.a_draft(stateful=False), **minimal)],
        "event": [
            b.a_happening(EventType.END, **minimal),
            b.a_happening(EventType.CLOSE, strict=False, incident=a_full_incident(), **minimal),
        ],
        "change": [
            b.a_change(level=1, tags=b.tags("a=1"), metadata={"x": None}, **minimal),
            b.a_change(add_tags=b.tags("a=1"), remove_tags=b.tags("b=2"), reported=True, **minimal),
            b.a_change(tags=(), tags_of_anyone=True, **minimal),
            b.a_change(ticket_url="http://t/1", first_ticket=True, **minimal),
            b.a_change(ticket_url="http://t/1", told_anyway=True, **minimal),
        ],
        "ack": [b.an_ack(**minimal), b.an_ack(expires_at=b.at(60), description="on it", **minimal)],
        "ack-changed": [b.an_ack_change(expires_at=b.at(60), **minimal)],
        "deleted": [b.a_deletion(**minimal)],
        "report": [
            REPORT.validate_python({"type": "end", "source_incident_id": "17", "occurred_at": b.NOON.isoformat()}),
            REPORT.validate_python(
                {
                    "type": "start", "source_incident_id": "17", "occurred_at": b.NOON.isoformat(),
                    "description": "Box down", "level": 1, "tags": ["host=a"], "details_url": "/17",
                    "ticket_url": "http://t/1", "metadata": {"a": 1}, "event_id": str(ID),
                }
            ),
        ],
    }  # fmt: skip


def _documents() -> dict[str, list[Written]]:
    night = Timeslot(
        pk=2, name="night", zone="Europe/Oslo",
        recurrences=(Recurrence(days=(1, 5), start=time(22), end=time(6)),),
    )  # fmt: skip
    workdays = night.but(exceptions=(DateList(pk=6, name="holidays", dates=(date(2026, 12, 25),)),))
    patient = b.a_profile(
        timeslots=(workdays,), damping=Damping(changes=4, minutes=10, summary_minutes=30),
        escalation=(EscalationStep(after_minutes=15, destinations=(5, 6)),), quiet_until=b.at(60),
    )  # fmt: skip
    bad = NamedFilter(
        pk=3, name="bad",
        filter=Filter(maxlevel=2, open=True, acked=False, tags=("a=1",), event_types=(EventType.START,)),
    )  # fmt: skip
    return {
        "profile": [
            b.a_profile(filters=(bad,), timeslots=(night,)),
            b.a_profile(active=False, owner_active=False),
            patient,
        ],
        "maintenance": [
            Maintenance(pk=3, version=9, starts_at=b.NOON, ends_at=b.at(60), filters=(bad,)),
            Maintenance(
                pk=3,
                version=9,
                starts_at=b.NOON,
                ends_at=b.at(60),
                tell_after=False,
                repeats=Repeats(every="month", days=(2,), nth=2, until=b.at(600_000), zone="Europe/Oslo"),
            ),
        ],
        "source": [
            SourceDocument(
                source=b.NAV, version=4, slug="nav1", tokens=(TokenDigest(digest="0f" * 32, expires_at=b.at(60)),)
            )
        ],
        "destination": [
            Destination(pk=4, version=5, owner=7, medium="email", settings={"email_address": "a@example.org"})
        ],
        "ids": [Base(above=500), Block(service="ingest")],
    }


def _orders() -> dict[str, list[Written]]:
    told = Told(destination=4, owner=7, profiles=(11,))
    delivery = Delivery(
        notification=ID, destination=4, owner=7, incident=49, event=50, event_id=ID, state="retrying", attempt=2,
        at=b.NOON, next_at=b.at(1), medium="email", code=421, reason="try later", profiles=(11,),
    )  # fmt: skip
    return {
        "notification": [
            b.a_notification(
                id=ID, incident=a_full_incident(), event=b.an_event(event_id=ID),
                reasons=(Reason(profile=11, name="prof"),),
            ),
            b.a_notification(
                id=ID, purpose="escalation 1", note="nobody has acknowledged it", event=b.an_event(event_id=ID)
            ),
        ],
        "delivery": [delivery],
        "matcher-state": [MatcherState(incident=a_full_incident(), recent=(ID,), told=(told,)), _busy()],
    }  # fmt: skip


def _busy() -> MatcherState:
    return MatcherState(
        incident=a_full_incident(),
        withheld=(Withheld(destination=4, owner=7, profiles=(11,), task=3, due_at=b.at(60)),),
        escalations=(Escalation(profile=11, step=1, since=b.NOON, due_at=b.at(15)),),
        changes=(b.NOON, b.at(1)),
        flapping=(Flapping(profile=12, since=b.NOON, changes=5, settled_at=b.at(11), summary_at=b.at(60)),),
        news=b.an_event(event_id=ID),
        due_at=b.at(11),
        telling=Telling(event_id=ID, number=0, destination=4, first=True),
    )


def examples() -> dict[str, list[Written]]:
    """Return examples of every schema, the same at each call."""
    return _records() | _documents() | _orders()


if __name__ == "__main__":
    GOLDEN.mkdir(exist_ok=True)
    for name, records in examples().items():
        path = GOLDEN / f"{name}.json"
        if not path.exists():
            written = [json.loads(record.to_bytes()) for record in records]
            path.write_text(json.dumps(written, indent=1, ensure_ascii=False) + "\n")
