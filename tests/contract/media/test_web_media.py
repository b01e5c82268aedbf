"""What all media on the web make of an answer and of an address."""

import asyncio
import socket
from datetime import timedelta

import pytest
from aiohttp import web
from aiohttp.resolver import ThreadedResolver

from argus_media import MediumUnavailable, Undeliverable
from tests.contract.media.receivers import WEB, a_medium, a_web_server, send


@pytest.fixture(params=WEB)
async def receiver(request):
    async with a_web_server(request.param) as made:
        yield made


@pytest.fixture
async def medium(receiver):
    async with a_medium(receiver.slug, receiver) as made:
        yield made


def choosable(receiver):
    if receiver.slug == "sms":
        pytest.skip("the operator chooses the gateway, which may be anywhere")


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


async def test_an_unknown_host_may_be_known_later(receiver):
    receiver.address = "http://argus.invalid/hook"
    async with a_medium(receiver.slug, receiver) as medium:
        assert (await outcome(medium, receiver))[0] == "later"


async def test_a_server_without_tls_is_no_https_server(receiver):
    receiver.address = f"https://127.0.0.1:{receiver.port}/hook"
    async with a_medium(receiver.slug, receiver) as medium:
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
    choosable(receiver)
    receiver.address = f"http://{host}:{receiver.port}/hook"
    async with a_medium(receiver.slug, receiver, webhook_allow="") as medium:
        assert (await outcome(medium, receiver))[0] == "dead"

    assert receiver.ids == []


async def test_a_name_is_resolved_once_and_the_checked_address_is_the_one_connected_to(receiver, monkeypatch):
    asked = []

    async def rebinding(_self, host, port=0, family=socket.AF_INET):
        asked.append(host)
        address = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return [{"hostname": host, "host": address, "port": port, "family": family, "proto": 0, "flags": 0}]

    monkeypatch.setattr(ThreadedResolver, "resolve", rebinding)
    choosable(receiver)
    receiver.address = f"http://rebinding.example.org:{receiver.port}/hook"
    async with a_medium(receiver.slug, receiver, webhook_allow="127.0.0.1/32") as medium:
        assert (await outcome(medium, receiver))[0] == "sent"
    async with a_medium(receiver.slug, receiver, webhook_allow="127.0.0.1/32") as medium:
        assert (await outcome(medium, receiver))[0] == "dead"

    assert len(asked) == 2
    assert receiver.requests[0].headers["host"] == f"rebinding.example.org:{receiver.port}"
