"""Whatever arrives at either service, or at the gateway before them: 4xx with a reason, and the next is answered."""

import asyncio
import gzip
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest

from argus_http.bodies import LARGEST_BODY
from tests.eventually import eventually
from tests.one_loop import in_one_loop
from tests.stack import Servers, Stack, tokens_of_superusers

MEGABYTE = 1024 * 1024
TEXTS = {
    "nothing": b"{",
    "no JSON": b"\xff\xfe",
    "nested": b"[" * 100_000,
    "nested objects": b'{"a":' * 50_000 + b"1" + b"}" * 50_000,
    "nested value": b'{"metadata": ' + b"[" * 20_000 + b"]" * 20_000 + b"}",
    "many keys": b"{" + b",".join(b'"k%d":1' % each for each in range(20_000)) + b"}",
    "many items": b'{"tags": [' + b"1," * 100_000 + b"1]}",
    "10 MB": b'{"description": "' + b"x" * (10 * MEGABYTE) + b'"}',
    "10 MB of spaces": b" " * (10 * MEGABYTE) + b"{}",
    "NUL": b'{"name": "\\u0000", "description": "\\u0000"}',
    "raw NUL": b'{"name": "\x00"}',
    "half a pair": b'{"name": "\\ud800", "description": "\\ud800"}',
    "huge int": b'{"name": ' + b"9" * 5_000 + b', "level": ' + b"9" * 5_000 + b"}",
    "huge float": b'{"name": 1e999, "level": 1e999}',
    "no number": b'{"name": NaN, "level": -Infinity}',
    "a list": b"[]",
    "a text": b'"text"',
    "null": b"null",
}
TYPES = {
    "text": ("text/plain", b"{}"),
    "XML": ("application/xml", b"<a/>"),
    "no type": ("", b"{}"),
    "nonsense": (";;;/", b"{}"),
    "UTF-16": ("application/json; charset=utf-16", '{"name": "x"}'.encode("utf-16")),
    "no charset": ("application/json; charset=klingon", b'{"name": \xff}'),
    "form of bytes": ("application/x-www-form-urlencoded", b"\xff=%ff&name=%00"),
    "form of many": ("application/x-www-form-urlencoded", b"a=1&" * 50_000),
    "parts of none": ("multipart/form-data", b"--x--"),
    "parts of nothing": ("multipart/form-data; boundary=b", b"--b\r\n\r\n\r\n--c"),
    "parts of many": (
        "multipart/form-data; boundary=b",
        b'--b\r\nContent-Disposition: form-data; name="a"\r\n\r\nx\r\n' * 3_000 + b"--b--\r\n",
    ),
}
QUERIES = [
    "cursor=nonsense", "cursor=%00", "cursor=" + "A" * 5_000, "cursor=ZjFfbm9uZQ==", "page_size=" + "9" * 500,
    "start_time__gte=infinity", "start_time__gte=0001-01-01T00:00:00%2B14:00", "level__lte=1e400", "level__lte=nan",
    "source__id__in=" + ",".join(["9" * 30] * 100), "id__in=-1,1e3,%D9%A3", "tags=%00=%00", "search=%00",
    "search=%FF%FE", "search=" + "%25" * 1_000, "search=%22", "duration__gte=1e300", "filter_pk=" + "9" * 100,
    "&=&=&" * 1_000, "open=%ED%A0%80", "source__name__in=" + "," * 5_000, "count=" + "x" * 10_000,
]  # fmt: skip


@dataclass(frozen=True)
class Door:
    """Where one may knock: its address, and a body may go to `path`."""

    url: str
    path: str
    token: str

    @property
    def port(self) -> int:
        return urlsplit(self.url).port or 0

    def head(self, method: str = "POST", path: str = "") -> bytes:
        return f"{method} {path or self.path} HTTP/1.1\r\nHost: a\r\nAuthorization: Token {self.token}\r\n".encode()

    async def is_well(self) -> bool:
        async with httpx.AsyncClient(base_url=self.url, timeout=10) as client:
            answer = await client.post(self.path, json={}, headers=self.headers)
        return answer.status_code == 400 and bool(answer.json())

    @property
    def headers(self) -> dict[str, str]:
        return {"Authorization": f"Token {self.token}"}

    async def answer(self, sent: bytes) -> bytes:
        """What comes back to these bytes until the other side ends the connection, or within seconds."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.port)
        found = b""
        with suppress(ConnectionError, TimeoutError):
            writer.write(sent)
            await writer.drain()
            while piece := await asyncio.wait_for(reader.read(MEGABYTE), 3):
                found += piece
        writer.close()
        return found


@in_one_loop
async def doors(stack: Stack, servers: Servers, url: str) -> dict[str, Door]:
    (token,) = await tokens_of_superusers(servers, "hostile-admin")
    filters, incidents = "/api/v2/notificationprofiles/filters/", "/api/v2/incidents/"
    return {
        "ingest": Door(stack.members["ingest"].url, incidents, token),
        "api": Door(stack.members["api"].url, filters, token),
        "gateway to ingest": Door(url, incidents, token),
        "gateway to api": Door(url, filters, token),
    }


@pytest.fixture(params=["ingest", "api", "gateway to ingest", "gateway to api"])
def door(request: pytest.FixtureRequest, doors: dict[str, Door]) -> Door:
    return doors[request.param]


def check(answer: httpx.Response) -> None:
    assert 400 <= answer.status_code < 500, (answer.status_code, answer.text[:300])
    assert answer.json()


async def test_a_hostile_body_is_refused_with_a_reason(door: Door):
    async with httpx.AsyncClient(base_url=door.url, timeout=30, headers=door.headers) as client:
        for name, body in TEXTS.items():
            answer = await client.post(door.path, content=body, headers={"Content-Type": "application/json"})
            assert 400 <= answer.status_code < 500, (name, answer.status_code, answer.text[:300])
            assert answer.json(), name
            assert (answer.status_code == 413) == (len(body) > LARGEST_BODY), name
            assert (await client.post(door.path, json={})).status_code == 400


async def test_a_type_that_is_none_of_ours_is_refused_with_a_reason(door: Door):
    async with httpx.AsyncClient(base_url=door.url, timeout=30, headers=door.headers) as client:
        for name, (type_, body) in TYPES.items():
            answer = await client.post(door.path, content=body, headers={"Content-Type": type_})
            assert 400 <= answer.status_code < 500, (name, answer.status_code, answer.text[:300])
            assert answer.json(), name
        bomb = gzip.compress(b'{"name": "' + b"x" * (10 * MEGABYTE) + b'"}')
        headers = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        check(await client.post(door.path, content=bomb, headers=headers))


async def test_a_body_in_pieces_is_refused_as_one_in_one_is(door: Door):
    async def pieces(number: int) -> Any:
        for _ in range(number):
            yield b"[" * 65536

    async with httpx.AsyncClient(base_url=door.url, timeout=30, headers=door.headers) as client:
        for number in (1, 100):
            answer = await client.post(door.path, content=pieces(number), headers={"Content-Type": "application/json"})
            assert answer.status_code == (400 if number == 1 else 413)
            assert answer.json()


async def test_a_body_without_end_is_refused_and_its_connection_ended(door: Door):
    reader, writer = await asyncio.open_connection("127.0.0.1", door.port)
    writer.write(door.head() + b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n")

    async def pour() -> None:
        with suppress(ConnectionError):
            while True:
                writer.write(b"10000\r\n" + b"[" * 65536 + b"\r\n")
                await writer.drain()
                await asyncio.sleep(0)  # or the answer would not be looked for before the connection ends

    pouring = asyncio.create_task(pour())
    assert b" 413 " in await asyncio.wait_for(reader.readline(), 10)
    await eventually(pouring.done, within=30)
    writer.close()
    assert await door.is_well()


@pytest.mark.parametrize("path", ["/api/v2/incidents/", "/api/v3/incidents/mine/", "/api/v2/incidents/events/"])
async def test_no_query_makes_us_fail(doors: dict[str, Door], path: str):
    door = doors["gateway to api"]
    async with httpx.AsyncClient(base_url=door.url, timeout=30, headers=door.headers) as client:
        for query in QUERIES:
            answer = await client.get(f"{path}?{query}")
            assert answer.status_code < 500, (query[:100], answer.text[:300])
            assert answer.json(), query[:100]


RAW = {
    "nonsense": b"nonsense\r\n\r\n",
    "TLS": b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 20 + b"\r\n\r\n",
    "a later HTTP": b"GET / HTTP/9.9\r\nHost: a\r\n\r\n",
    "no path": b"GET  HTTP/1.1\r\nHost: a\r\n\r\n",
    "path of bytes": b"GET /\xff\xfe HTTP/1.1\r\nHost: a\r\n\r\n",
    "a port": b"CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n",
    "all": b"OPTIONS * HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "another method": b"BREW /api/v2/incidents/ HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
    "a host that is none": b"GET /api/v2/incidents/ HTTP/1.1\r\nHost: a:b:c\r\nConnection: close\r\n\r\n",
    "a long value": b"GET /api/v2/incidents/ HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 70_000 + b"\r\n\r\n",
    "a long path": b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: a\r\n\r\n",
    "many headers": b"GET /api/v2/incidents/ HTTP/1.1\r\nHost: a\r\n" + b"X: 1\r\n" * 20_000 + b"\r\n",
    "NUL": b"GET /api/v2/incidents/ HTTP/1.1\r\nHost: a\r\nX: \x00\r\n\r\n",
    "two lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nx",
    "both lengths": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a negative length": b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n",
}


@pytest.mark.parametrize("name", RAW)
async def test_what_is_hardly_http_is_refused(door: Door, name: str):
    answer = await door.answer(RAW[name])
    assert answer[:10] in {b"HTTP/1.1 4", b"HTTP/1.0 4"}, answer[:300]
    assert answer.partition(b"\r\n\r\n")[2], answer[:300]
    assert await door.is_well()


async def test_a_long_token_is_a_wrong_one(door: Door):
    sent = b"Authorization: Token " + b"x" * 60_000 + b"\r\nConnection: close\r\n\r\n"
    answer = await door.answer(f"GET {door.path} HTTP/1.1\r\nHost: a\r\n".encode() + sent)
    assert answer.startswith(b"HTTP/1.1 401 ") or b"405" in answer[:20], answer[:300]


async def test_http_1_0_and_pipelined_requests_are_answered(door: Door):
    old = (
        door.head().replace(b"HTTP/1.1", b"HTTP/1.0") + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    )
    assert (await door.answer(old)).split()[1] == b"400"
    one = door.head() + b"Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{}"
    last = door.head() + b"Content-Type: application/json\r\nContent-Length: 2\r\nConnection: close\r\n\r\n{}"
    assert (await door.answer(one * 9 + last)).count(b"HTTP/1.1 400 ") == 10


@pytest.mark.parametrize(
    "end",
    [b"", b"Content-Length: 99\r\n\r\n{", b"Transfer-Encoding: chunked\r\n\r\n5\r\n{", b"X: "],
    ids=["head", "body", "chunks", "header"],
)
async def test_others_are_answered_while_many_are_slow(door: Door, end: bytes):
    slow = [await asyncio.open_connection("127.0.0.1", door.port) for _ in range(100)]
    for _, writer in slow:
        writer.write(door.head() + b"Content-Type: application/json\r\n" + end)
    await eventually(door.is_well)
    for _, writer in slow:
        writer.close()
    await eventually(door.is_well)
