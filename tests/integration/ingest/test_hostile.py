"""Whatever is sent to a write endpoint about one incident, the answer is never that we failed."""

import asyncio
import json
from collections.abc import Iterator, Sequence
from itertools import product
from typing import Any, TypeVar

import httpx
import pytest

from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")

T = TypeVar("T")

DEEP: Any = []
for _ in range(100):
    DEEP = [DEEP]

VALUES = [
    None, True, 0, -1, 2**63, 2**70, 10**400, 1e308, "", " ", "x" * 200_000, "\x00", "\u202e", "\ud83d\ude00", [], {},
    [None], {"a": None}, DEEP, "infinity", "9999-12-31T23:59:59.999999Z", "0001-01-01T00:00:00+14:00", "2025-02-30",
]  # fmt: skip

RAW = [
    b"", b"{", b"null", b"5", b'"text"', b"\xff\xfe", b'{"level": NaN}', b'{"a": "\\ud800"}', b"[" * 50_000,
    b'{"description": "\\u0000"}', b'{"' + b"a" * 100_000 + b'": 1}', b"{" + b'"a":1,' * 10_000 + b'"b":1}',
    b'{"description": "' + b"x" * 300_000 + b'"}', b'{"level":1,"level":2}', b"1" * 10_000,
]  # fmt: skip

ENDPOINTS = {
    "POST v2/incidents/": ("start_time", "end_time", "tags", "level", "metadata", "source_incident_id", "ticket_url"),
    "POST v3/incidents/": ("start_time", "tags", "source"),
    "PATCH v2/incidents/{}/": ("tags", "level", "metadata", "description", "details_url", "ticket_url", "nonesuch"),
    "PUT v3/incidents/{}/": ("tags",),
    "DELETE v2/incidents/{}/": (),
    "POST v2/incidents/{}/events/": ("type", "timestamp", "description"),
    "POST v2/incidents/{}/acks/": ("timestamp", "expiration", "description"),
    "PATCH v2/incidents/{}/acks/{ack}/": ("expiration",),
    "PUT v2/incidents/{}/ticket_url/": ("ticket_url",),
    "PUT v2/incidents/{}/automatic-ticket/": (),
    "POST v2/incidents/{}/tags/": ("tag",),
    "POST v3/incidents/{}/tags/": ("tag",),
    "POST v2/incidents/acks/bulk/": ("ids", "ack"),
    "POST v2/incidents/events/bulk/": ("ids", "event"),
    "POST v2/incidents/ticket_url/bulk/": ("ids", "ticket_url"),
    "POST v2/incidents/sources/heartbeat/": (),
    "POST ingest/v1/reports": ("type",),
}
GOOD: dict[str, dict[str, Any]] = {
    "POST v2/incidents/": {"start_time": "2025-11-25T00:00:00Z", "tags": []},
    "POST v3/incidents/": {"start_time": "2025-11-25T00:00:00Z", "tags": []},
    "POST v2/incidents/{}/events/": {"type": "OTH", "timestamp": "2025-11-25T00:00:00Z"},
    "POST v2/incidents/{}/acks/": {"timestamp": "2025-11-25T00:00:00Z"},
    "POST v2/incidents/acks/bulk/": {"ids": [1], "ack": {"timestamp": "2025-11-25T00:00:00Z"}},
    "POST v2/incidents/events/bulk/": {"ids": [1], "event": {"type": "OTH", "timestamp": "2025-11-25T00:00:00Z"}},
    "POST v2/incidents/ticket_url/bulk/": {"ids": [1], "ticket_url": "x"},
}


AT_ONCE = 16


def batched(requests: Sequence[T]) -> Iterator[Sequence[T]]:
    """Yield what is sent at once."""
    for begin in range(0, len(requests), AT_ONCE):
        yield requests[begin : begin + AT_ONCE]


def bodies(endpoint: str) -> list[bytes]:
    found = list(RAW)
    for value in VALUES:
        found.append(json.dumps(value).encode())
        found.append(json.dumps([value]).encode())
        found.append(json.dumps([{"tag": value}]).encode())
        found += [
            json.dumps({**GOOD.get(endpoint, {}), field: wrapped}).encode()
            for field in ENDPOINTS[endpoint]
            for wrapped in (value, [value], [{"tag": value}], {"x": value})
        ]
    return found


@pytest.mark.parametrize("endpoint", ENDPOINTS)
async def test_nothing_that_is_sent_makes_us_fail(ingest: Ingest, endpoint: str):
    pk = (await ingest.create()).json()["pk"]
    ack = (await ingest.post(f"/api/v2/incidents/{pk}/acks/", {"timestamp": "2025-11-25T01:00:00Z"})).json()["pk"]
    method, path = endpoint.format(pk, ack=ack).split()
    headers = {
        "Authorization": f"Token {ingest.tokens['nav1']}",
        "Content-Type": "application/json",
        "Prefer": "respond-async",
    }

    async def sent(body: bytes) -> tuple[bytes, httpx.Response]:
        return body, await ingest.client.request(method, f"/api/{path}", content=body, headers=headers)

    for some in batched(bodies(endpoint)):
        for body, answer in await asyncio.gather(*map(sent, some)):
            assert answer.status_code < 500, f"{body[:200]!r}: {answer.text[:200]}"
            assert answer.status_code < 400 or answer.json(), body[:200]


TAGS = [
    "%00=1",
    "a=%00",
    "a=%ED%A0%80",
    "%FF",
    "a=" + "x" * 2000,
    "a" * 2000 + "=1",
    "=",
    "%3D",
    "a=1%2F2",
    "%25",
]
PKS = ["0", "-1", "-" + "9" * 30, "1e3", "9" * 400, "%00", "abc", "1.5", "٣"]


@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_no_path_makes_us_fail(ingest: Ingest, version: str):
    pk = (await ingest.create()).json()["pk"]
    paths = [f"{pk}/tags/{tag}/" for tag in TAGS]
    paths += [f"{wrong}/{end}" for wrong in PKS for end in ("", "tags/a=1/", "ticket_url/", "events/", "acks/1/")]
    paths += [f"{pk}/acks/{wrong}/" for wrong in PKS]

    async def sent(request: tuple[str, str]) -> tuple[tuple[str, str], httpx.Response]:
        method, path = request
        return request, await ingest.send(method, f"/api/{version}/incidents/{path}", {"tags": []})

    requests = list(product(("POST", "PUT", "PATCH", "DELETE"), paths))
    for some in batched(requests):
        for (method, path), answer in await asyncio.gather(*map(sent, some)):
            assert 400 <= answer.status_code < 500, f"{method} {path}: {answer.text}"
