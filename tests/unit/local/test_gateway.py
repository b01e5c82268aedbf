import asyncio
import gzip
from collections.abc import AsyncIterator

import pytest
from aiohttp import ClientPayloadError, ClientSession, web

from argus_local.gateway import PIECE, gateway
from argus_local.ports import free_port

BIG = b"0123456789abcdef" * (PIECE // 4)


GO_ON = web.AppKey("GO_ON", asyncio.Event)
GONE = web.AppKey("GONE", asyncio.Event)
PORT = web.AppKey("PORT", int)


async def echo(request: web.Request) -> web.Response:
    """Answer with what arrived."""
    body = await request.read()
    return web.json_response(
        {
            "method": request.method,
            "path": request.raw_path,
            "headers": dict(request.headers),
            "length": len(body),
            "body": body[:100].decode(errors="replace"),
        }
    )


async def big(_: web.Request) -> web.Response:
    return web.Response(body=BIG)


async def events(request: web.Request) -> web.StreamResponse:
    """Send one server-sent event, and the next when the test says so."""
    response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
    await response.prepare(request)
    await response.write(b"data: first\n\n")
    try:
        await request.app[GO_ON].wait()
    except asyncio.CancelledError:
        request.app[GONE].set()
        raise
    await response.write(b"data: second\n\n")
    return response


async def broken(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse(headers={"Content-Length": str(2 * PIECE)})
    await response.prepare(request)
    await response.write(b"half of it")
    assert request.transport
    request.transport.close()
    return response


async def various(_: web.Request) -> web.Response:
    headers = {"Content-Encoding": "gzip", "Location": "/elsewhere"}
    answer = web.Response(status=302, body=gzip.compress(b"moved"), headers=headers)
    answer.set_cookie("one", "1")
    answer.set_cookie("two", "2")
    return answer


@pytest.fixture
async def service():
    app = web.Application(client_max_size=2**30)
    app[PORT] = free_port()
    app[GO_ON], app[GONE] = asyncio.Event(), asyncio.Event()
    app.router.add_get("/big", big)
    app.router.add_get("/events", events)
    app.router.add_get("/broken", broken)
    app.router.add_get("/various", various)
    app.router.add_route("*", "/{path:.*}", echo)
    runner = web.AppRunner(app, handler_cancellation=True, auto_decompress=False, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", app[PORT]).start()
    yield app
    await runner.cleanup()


@pytest.fixture
async def client(service):
    """A client of a gateway that sends all POSTs to `service`, and PUTs to where nobody answers."""
    nobody, port = free_port(), free_port()

    def route(method: str, _path: str) -> str:
        return f"http://127.0.0.1:{nobody if method == 'PUT' else service[PORT]}"

    async with (
        gateway(route, port),
        ClientSession(f"http://127.0.0.1:{port}", auto_decompress=False) as session,
    ):
        yield session


async def test_a_request_arrives_as_it_was_sent(client):
    async with client.post("/a%2Fb/?q=%C3%A6&x=1%202", data=b"text", headers={"X-Own": "1"}) as answer:
        seen = await answer.json()

    assert seen["method"] == "POST"
    assert seen["path"] == "/a%2Fb/?q=%C3%A6&x=1%202"
    assert seen["body"] == "text"
    assert seen["headers"]["X-Own"] == "1"
    assert seen["headers"]["Host"] == f"127.0.0.1:{answer.url.port}"
    assert seen["headers"]["X-Forwarded-For"] == "127.0.0.1"


async def test_nothing_is_added_to_what_the_caller_says(client):
    async with client.get("/", skip_auto_headers=["User-Agent", "Accept", "Accept-Encoding"]) as answer:
        seen = await answer.json()

    assert set(seen["headers"]) == {"Host", "X-Forwarded-For", "X-Forwarded-Proto"}


@pytest.mark.parametrize("size", [0, 1, PIECE, PIECE + 1, 4 * len(BIG)])
async def test_bodies_of_any_size_arrive_whole(client, size):
    async with client.post("/", data=b"x" * size) as answer:
        assert (await answer.json())["length"] == size


async def test_a_body_without_a_length_arrives_whole(client):
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(3):
            yield b"x" * PIECE

    async with client.post("/", data=pieces()) as answer:
        assert (await answer.json())["length"] == 3 * PIECE


async def test_a_caller_that_asks_before_a_big_body_is_told_to_go_on(client):
    async with client.post("/", data=BIG, expect100=True) as answer:
        assert (await answer.json())["length"] == len(BIG)


async def test_a_compressed_body_is_passed_on_compressed(client):
    packed = gzip.compress(b"text" * 1000)
    async with client.post("/", data=packed, headers={"Content-Encoding": "gzip"}) as answer:
        assert (await answer.json())["length"] == len(packed)


async def test_big_answers_arrive_whole(client):
    async with client.get("/big") as answer:
        assert await answer.read() == BIG


async def test_redirects_cookies_and_encodings_are_the_callers_business(client):
    async with client.get("/various", allow_redirects=False) as answer:
        assert answer.status == 302
        assert answer.headers["Location"] == "/elsewhere"
        assert len(answer.headers.getall("Set-Cookie")) == 2
        assert gzip.decompress(await answer.read()) == b"moved"
    async with client.get("/", headers={"Cookie": ""}) as answer:
        assert "one=1" not in (await answer.json())["headers"].get("Cookie", "")


async def test_the_head_of_an_answer_keeps_its_length(client):
    async with client.head("/big") as answer:
        assert int(answer.headers["Content-Length"]) == len(BIG)


async def test_events_pass_as_they_happen(client, service):
    async with client.get("/events") as answer:
        assert await answer.content.readuntil(b"\n\n") == b"data: first\n\n"
        service[GO_ON].set()
        assert await answer.content.readuntil(b"\n\n") == b"data: second\n\n"


async def test_a_service_hears_when_a_reader_of_events_goes_away(client, service):
    answer = await client.get("/events")
    await answer.content.readuntil(b"\n\n")
    answer.close()

    async with asyncio.timeout(5):
        await service[GONE].wait()


async def test_an_answer_that_breaks_off_is_not_taken_for_whole(client):
    async with client.get("/broken") as answer:
        with pytest.raises(ClientPayloadError):
            await answer.read()


async def test_a_service_that_does_not_answer_gives_503_and_when_to_come_back(client):
    async with client.put("/") as answer:
        assert answer.status == 503
        assert answer.headers["Retry-After"] == "1"


async def status_of(port, text):
    """What status the gateway answers to these bytes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(text)
    found = await asyncio.wait_for(reader.readline(), 10)
    writer.close()
    return int(found.split()[1])


@pytest.mark.parametrize("target", [b"OPTIONS *", b"CONNECT a:1", b"GET http://elsewhere.example.org/"])
async def test_what_is_no_path_gets_400(client, target):
    assert await status_of(client._base_url.port, target + b" HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n") == 400


async def test_a_body_that_does_not_arrive_gets_408(service):
    async with gateway(lambda *_: f"http://127.0.0.1:{service[PORT]}", port := free_port(), body_seconds=0.1):
        assert await status_of(port, b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\nx") == 408


@pytest.mark.parametrize(
    "begun", [b"", b"GET / HTTP/1.1\r\nHost: a\r\nX: ", b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT"]
)
async def test_who_does_not_finish_the_head_of_a_request_is_let_go(service, begun):
    async with gateway(lambda *_: f"http://127.0.0.1:{service[PORT]}", port := free_port(), head_seconds=0.2):
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(begun)
        assert (await asyncio.wait_for(reader.read(), 5)).count(b"HTTP/1.1 ") == begun.count(b"\r\n\r\n")
        writer.close()
