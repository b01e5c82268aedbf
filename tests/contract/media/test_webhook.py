"""Webhooks, as their receivers see them."""

import asyncio
import json
import socket
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver
from standardwebhooks import Webhook as Signature
from standardwebhooks import WebhookVerificationError

from argus_media import MediumUnavailable, Undeliverable
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


def answers(status, **options):
    async def answer(_request):
        return web.Response(status=status, **options)

    return answer


async def outcome(medium, receiver):
    try:
        await send(medium, receiver)
    except Undeliverable as error:
        return "dead", error
    except MediumUnavailable as error:
        return "later", error
    return "sent", None


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


@pytest.mark.parametrize(
    ("status", "becomes"),
    [(200, "sent"), (202, "sent"), (204, "sent")]
    + [(status, "dead") for status in (400, 401, 403, 404, 410, 413, 422)]
    + [(status, "later") for status in (301, 302, 304, 408, 425, 429, 500, 502, 503, 504)],
)
async def test_the_status_decides(medium, receiver, status, becomes):
    receiver.answer = answers(status, headers={"Location": "http://127.0.0.1:1/"} if status < 400 else {})

    what, error = await outcome(medium, receiver)

    assert what == becomes
    assert error is None or error.code == status
    assert len(receiver.ids) == 1  # a redirect is not followed


@pytest.mark.parametrize(("header", "seconds"), [("7", 7), ("999999999999", 7200), ("soon", None), (None, None)])
async def test_a_wish_to_wait_is_passed_on(medium, receiver, header, seconds):
    receiver.answer = answers(429, headers={"Retry-After": header} if header else {})

    _, error = await outcome(medium, receiver)

    assert error.retry_after == (None if seconds is None else timedelta(seconds=seconds))


async def test_the_reason_shows_the_beginning_of_the_answer(medium, receiver):
    receiver.answer = answers(422, text="no such\n  channel\x00" + "x" * 1000)

    _, error = await outcome(medium, receiver)

    assert error.reason.startswith("the answer was 422 Unprocessable Entity: no such channel")
    assert len(error.reason) < 400
    assert "\x00" not in error.reason


async def test_an_answer_without_end_is_not_read(medium, receiver):
    sent = 0

    async def endless(request):
        nonlocal sent
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 10_000)
                sent += 10_000
        except ConnectionError:
            return response

    receiver.answer = endless

    assert (await outcome(medium, receiver))[0] == "sent"
    assert sent < 20_000_000


async def test_an_answer_that_breaks_off_in_its_body_was_an_answer(medium, receiver):
    async def broken(request):
        response = web.StreamResponse(status=200, headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x")
        request.transport.abort()
        return response

    receiver.answer = broken

    assert (await outcome(medium, receiver))[0] == "sent"


async def test_an_answer_that_drips_was_an_answer(medium, receiver):
    medium.web.seconds_to_read = 0.05

    async def drips(request):
        response = web.StreamResponse(status=200, headers={"Content-Length": "100"})
        await response.prepare(request)
        await response.write(b"x")
        await asyncio.Event().wait()
        return response

    receiver.answer = drips

    assert (await outcome(medium, receiver))[0] == "sent"


async def test_an_unknown_host_may_be_known_later(medium, receiver):
    receiver.destination = lambda: {"url": "http://argus.invalid/hook"}

    assert (await outcome(medium, receiver))[0] == "later"


async def test_a_server_without_tls_is_no_https_server(medium, receiver):
    receiver.destination = lambda: {"url": f"https://127.0.0.1:{receiver.port}/hook"}

    assert (await outcome(medium, receiver))[0] == "later"


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1", "localhost", "[::1]", "10.1.2.3", "192.168.0.1", "172.16.0.1", "169.254.169.254", "0.0.0.0",
        "[::]", "[fe80::1]", "[fc00::1]", "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]", "100.64.0.1",
        "224.0.0.1", "2130706433", "0x7f000001", "127.1", "0177.0.0.1",
    ],
)  # fmt: skip
async def test_addresses_that_are_not_public_are_not_reached(receiver, host):
    receiver.destination = lambda: {"url": f"http://{host}:{receiver.port}/hook"}
    async with a_medium("webhook", receiver, webhook_allow="") as medium:
        assert (await outcome(medium, receiver))[0] == "dead"

    assert receiver.ids == []


async def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to(receiver, monkeypatch):
    asked = []

    async def rebinding(_self, host, port=0, family=socket.AF_INET):
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [{"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}]

    monkeypatch.setattr(ThreadedResolver, "resolve", rebinding)
    receiver.destination = lambda: {"url": f"http://rebinding.example.org:{receiver.port}/hook"}
    async with a_medium("webhook", receiver, webhook_allow="127.0.0.1/32") as medium:
        assert (await outcome(medium, receiver))[0] == "sent"
    async with a_medium("webhook", receiver, webhook_allow="127.0.0.1/32") as medium:
        assert (await outcome(medium, receiver))[0] == "dead"

    assert len(asked) == 2
    assert receiver.requests[0].headers["host"] == f"rebinding.example.org:{receiver.port}"


async def test_a_hundred_posts_at_once_arrive(medium, receiver):
    await asyncio.gather(*(send(medium, receiver) for _ in range(100)))

    assert len(set(receiver.ids)) == 100
