from datetime import UTC, timedelta
from zoneinfo import ZoneInfo

import pytest

from argus_http import v2, v3
from argus_schemas.incident import Tag
from argus_schemas.words import EventType
from tests.builders import NOON, an_event, an_incident

TAG = Tag(key="host", value="a.example.org", added_by=6, added_at=NOON)


def test_v2_shows_an_incident_as_clients_expect_it():
    shown = v2.incident(an_incident(tags=(TAG,)), acked=False, at=NOON, zone=ZoneInfo("Europe/Oslo"))

    assert shown == {
        "pk": 49, "start_time": "2026-11-25T13:00:00+01:00", "end_time": "infinity",
        "source": {
            "pk": 2, "name": "nav1", "type": {"name": "nav"}, "user": 6, "base_url": "http://nav1.example.org/",
        },
        "source_incident_id": "nav-17", "details_url": "", "description": "Box down", "level": 2, "ticket_url": "",
        "metadata": {},
        "tags": [{"added_by": 6, "added_time": "2026-11-25T13:00:00+01:00", "tag": "host=a.example.org"}],
        "stateful": True, "open": True, "acked": False,
    }  # fmt: skip


def test_v2_adds_no_key_to_source_or_event():
    incident = v2.incident(an_incident(), acked=False, at=NOON, zone=UTC)

    assert set(incident["source"]) == {"pk", "name", "type", "user", "base_url"}
    assert set(v2.event(an_event(), UTC)) == {
        "pk", "incident", "actor", "timestamp", "received", "type", "description",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("fields", "end_time", "is_open"),
    [
        ({}, "infinity", True),
        ({"stateful": False}, None, False),
        ({"ended_at": NOON}, "2026-11-25T12:00:00Z", False),
        ({"ended_at": NOON + timedelta(hours=1)}, "2026-11-25T13:00:00Z", True),
    ],
)
def test_an_incident_is_open_until_its_end(fields, end_time, is_open):
    shown = v2.incident(an_incident(**fields), acked=False, at=NOON, zone=UTC)

    assert (shown["end_time"], shown["open"]) == (end_time, is_open)


def test_v3_shows_tags_as_texts_before_metadata_and_when_the_source_was_seen():
    shown = v3.incident(an_incident(tags=(TAG,)), acked=False, at=NOON, zone=UTC, last_seen=None)

    assert shown["tags"] == ["host=a.example.org"]
    assert shown["source"]["last_seen"] is None
    assert list(shown).index("tags") < list(shown).index("metadata")


def test_an_ack_has_the_pk_of_its_event():
    shown = v2.acknowledgement(an_event(type=EventType.ACKNOWLEDGE), NOON, UTC)

    assert shown["pk"] == shown["event"]["pk"] == 50
    assert shown["event"]["type"] == {"value": "ACK", "display": "Acknowledge"}
    assert shown["expiration"] == "2026-11-25T12:00:00Z"
