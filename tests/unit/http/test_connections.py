"""Whatever a client sends, or does not send, over its connection: it is refused with a reason, and others go on."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from litestar import Litestar, Request, get, post

from argus_http.connections import LARGEST_HEAD, MOST_IGNORED, Connection
from argus_http.errors import HANDLERS
from argus_http.server import serve
from tests.eventually import eventually

LARGEST = 100_000


@get("/")
async def ask() -> str:
    return "well"


@post("/", request_max_body_size=LARGEST)
async def tell(request: Request[Any, Any, Any]) -> int:
    return len(await request.body())


@asynccontextmanager
async def connected(port: int) -> AsyncIterator[tuple[asyncio.StreamReader, asyncio.StreamWriter]]:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        yield reader, writer
    finally:
        writer.close()


async def answered(port: int, *pieces: bytes) -> bytes:
    """What comes back until the server ends the connection."""
    async with connected(port) as (reader, writer):
        for piece in pieces:
            writer.write(piece)
            try:
                await writer.drain()
            except ConnectionError:
                break
        found = b""
        try:
            while piece := await asyncio.wait_for(reader.read(65536), 10):
                found += piece
        except ConnectionError:
            pass
        return found


async def is_well(port: int) -> bool:
    try:
        return (await answered(port, b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n")).endswith(b"well")
    except OSError:
        return False


@asynccontextmanager
async def served(port: int, connection: type[Connection] = Connection) -> AsyncIterator[int]:
    app = Litestar([ask, tell], exception_handlers=HANDLERS, openapi_config=None, logging_config=None)
    stop = asyncio.Event()
    serving = asyncio.create_task(serve(app, "127.0.0.1", port, stop, connection=connection))
    await eventually(lambda: is_well(port))
    yield port
    stop.set()
    await serving


@pytest.fixture
async def port(free_port: int) -> AsyncIterator[int]:
    async with served(free_port) as port:
        yield port


class Impatient(Connection):
    seconds = 0.2


class ImpatientButFair(Impatient):
    pace = 100


@pytest.fixture
async def impatient(free_port: int) -> AsyncIterator[int]:
    """A port where requests have to arrive soon."""
    async with served(free_port, Impatient) as port:
        yield port


def status_and_reason(answer: bytes) -> tuple[int, str]:
    head, _, body = answer.partition(b"\r\n\r\n")
    return int(head.split()[1]), json.loads(body)["detail"]


POST = b"POST / HTTP/1.1\r\nHost: a\r\n"


@pytest.mark.parametrize(
    "begun",
    [
        b"G",
        b"GET / HTTP/1.1\r\nHost: a\r\nX-Slow: ",
        POST + b"Content-Length: 10\r\n\r\n123",
        POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n123",
        b"GET / HTTP/1.1\r\nHost: a\r\n\r\nGET / HT",
    ],
)
async def test_what_does_not_arrive_in_time_gets_408_and_others_go_on_meanwhile(impatient, begun):
    port = impatient
    slow = asyncio.create_task(answered(port, begun))
    assert await is_well(port)
    last = (await slow).rpartition(b"HTTP/1.1 ")
    assert status_and_reason(last[1] + last[2]) == (408, "The request did not arrive in time.")
    assert await is_well(port)


async def test_who_says_nothing_is_let_go(impatient):
    assert await answered(impatient) == b""


async def test_a_body_that_arrives_at_some_pace_may_take_longer(free_port):
    async with served(free_port, ImpatientButFair) as port, connected(port) as (reader, writer):
        writer.write(POST + b"Content-Length: 600\r\nConnection: close\r\n\r\n" + b"x" * 500)
        await writer.drain()
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(reader.read(1), 1.5)
        writer.write(b"x" * 100)
        assert b"600" in await reader.read()


@pytest.mark.parametrize("size", [LARGEST_HEAD + 1, 400_000, 5_000_000])
async def test_a_head_that_is_too_large_gets_431(port, size):
    for head in (b"X-Large: " + b"x" * size, b"X-Many: 1\r\n" * (size // 9)):
        answer = await answered(port, b"GET / HTTP/1.1\r\nHost: a\r\n", head, b"\r\n\r\n")
        assert status_and_reason(answer)[0] == 431
    answer = await answered(port, b"GET /?" + b"x" * size)
    assert status_and_reason(answer)[0] == 431
    assert await is_well(port)


async def test_a_body_that_is_too_large_is_read_so_that_its_answer_is_seen(port):
    async with connected(port) as (reader, writer):
        writer.write(
            POST + b"Content-Length: 10000000\r\n\r\n" + b"x" * 10_000_000 + b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        )
        await writer.drain()
        assert b" 413 " in await reader.readuntil(b"\r\n\r\n")
        assert b" 200 " in await reader.readuntil(b"\r\n\r\n")


async def test_a_body_without_end_is_refused_and_read_no_further(port):
    piece = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    pieces = [piece] * (3 * MOST_IGNORED // len(piece))
    sent = 0
    async with connected(port) as (_, writer):
        writer.write(POST + b"Transfer-Encoding: chunked\r\n\r\n")
        try:
            for each in pieces:
                writer.write(each)
                await writer.drain()
                sent += 1
        except ConnectionError:
            pass
    assert sent < len(pieces)
    assert await is_well(port)


@pytest.mark.parametrize(
    "nonsense",
    [
        b"nonsense\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: a\r\n\r\n",
        b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
        POST + b"Content-Length: -1\r\n\r\n",
        POST + b"Content-Length: 1e3\r\n\r\n",
        POST + b"Content-Length: 1\r\nContent-Length: 2\r\n\r\nx",
        POST + b"Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        POST + b"Transfer-Encoding: chunked\r\n\r\nnonsense\r\n",
        POST + b"Content-Length: 99999999999999999999999\r\n\r\n",
    ],
)
async def test_what_is_no_http_gets_400(port, nonsense):
    status, reason = status_and_reason(await answered(port, nonsense))
    assert 400 <= status < 500
    assert reason
    assert await is_well(port)


async def test_pipelined_requests_are_answered_in_their_order(port):
    close = b"GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n"
    answer = await answered(port, (POST + b"Content-Length: 3\r\n\r\nabc") * 50 + close)
    assert answer.count(b"HTTP/1.1 201 ") == 50
    assert answer.endswith(b"well")


async def test_http_1_0_is_answered(port):
    assert b" 200 " in await answered(port, b"GET / HTTP/1.0\r\n\r\n")
