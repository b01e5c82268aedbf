"""Webhooks, as their receivers see them."""

import asyncio
import json

import pytest
from standardwebhooks import Webhook as Signature
from standardwebhooks import WebhookVerificationError

from argus_schemas.incident import Tag
from argus_schemas.words import EventType
from tests.builders import NOON, an_event, an_incident
from tests.contract.media.receivers import a_medium, a_web_server, send

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"


@pytest.fixture
async def receiver():
    async with a_web_server() as made:
        yield made


@pytest.fixture
async def medium(receiver):
    async with a_medium("webhook", receiver) as made:
        yield made


async def test_the_body_has_the_incident_and_the_event_as_api_v2_shows_them(medium, receiver):
    tag = Tag(key="host", value="a.example.org", added_by=6, added_at=NOON)
    await send(
        medium,
        receiver,
        incident=an_incident(tags=(tag,), details_url="alerts/17", ended_at=NOON),
        event=an_event(type=EventType.END),
    )

    assert json.loads(receiver.bodies[0]) == {
        "type": "incident.end",
        "timestamp": "2026-11-25T12:00:00Z",
        "data": {
            "incident": {
                "pk": 49,
                "start_time": "2026-11-25T12:00:00Z",
                "end_time": "2026-11-25T12:00:00Z",
                "source": {
                    "pk": 2, "name": "nav1", "type": {"name": "nav"}, "user": 6, "base_url": "http://nav1.example.org/",
                },
                "source_incident_id": "nav-17",
                "details_url": "http://nav1.example.org/alerts/17",
                "description": "Box down",
                "level": 2,
                "ticket_url": "",
                "metadata": {},
                "tags": [{"added_by": 6, "added_time": "2026-11-25T12:00:00Z", "tag": "host=a.example.org"}],
                "stateful": True,
                "open": False,
                "acked": False,
            },
            "event": {
                "pk": 50,
                "incident": 49,
                "actor": {"pk": 6, "username": "nav1"},
                "timestamp": "2026-11-25T12:00:00Z",
                "received": "2026-11-25T12:00:00Z",
                "type": {"value": "END", "display": "Incident end"},
                "description": "Box down",
            },
            "purpose": "event",
            "reasons": [{"profile": 11, "name": "prof"}],
        },
    }  # fmt: skip


async def test_a_secret_signs_as_standard_webhooks_says(medium, receiver):
    receiver.secret = SECRET
    await send(medium, receiver, incident=an_incident(description="blåbær 🫐"))

    headers = dict(receiver.requests[0].headers)
    Signature(SECRET).verify(receiver.bodies[0], headers)
    with pytest.raises(WebhookVerificationError):
        Signature(SECRET).verify(receiver.bodies[0] + b" ", headers)


async def test_without_a_secret_nothing_is_signed(medium, receiver):
    await send(medium, receiver)

    assert "webhook-signature" not in receiver.requests[0].headers


async def test_a_deliberate_replay_says_so(medium, receiver):
    await send(medium, receiver, replay=2)

    assert receiver.requests[0].headers["argus-replay"] == "2"


async def test_a_hundred_posts_at_once_arrive(medium, receiver):
    await asyncio.gather(*(send(medium, receiver) for _ in range(100)))

    assert len(set(receiver.ids)) == 100
