"""Requests about incidents that are there, and reports by the hundred over HTTP."""

from typing import Any

import psycopg

from tests.benchmarks.ground import Ground, only, unique
from tests.benchmarks.load import lines_of, load
from tests.benchmarks.requests import REPORTS_A_REQUEST
from tests.benchmarks.table import Line

INCIDENTS = 500
TARGETS = {"events": "800/s", "acks": "800/s", "details": "1500/s"}
STATUSES = {"details": "200"}
CONNECTIONS = 32
REPORTERS = 4


async def traffic(ground: Ground, runs: int) -> list[Line]:
    """Measure events, acks and details of open incidents, then reports over HTTP as Kafka takes them."""
    stack, token = ground.stack, ground.source.token
    ingest, api = (stack.members[name].url for name in ("ingest", "api"))
    await load(f"{ingest}/api/v2/incidents/", token, CONNECTIONS, seconds=3, name=unique("open"))
    pks = ",".join(map(str, await _pks(ground.servers.database)))
    lines: list[Line] = []
    for kind, target in TARGETS.items():
        url = f"{api if kind == 'details' else ingest}/api/v2/incidents/"
        holder = ground.person.token if kind == "acks" else token
        words: dict[str, Any] = {"kind": kind, "pks": pks, "name": unique(kind), "status": STATUSES.get(kind, "201")}
        await load(url, holder, CONNECTIONS, seconds=3, **words)
        found = [await load(url, holder, CONNECTIONS, **words) for _ in range(runs)]
        lines += lines_of(f"{kind.capitalize()}, {CONNECTIONS} connections", (target, "", ""), found)
    url = f"{ingest}/api/ingest/v1/reports"
    lines += await _reports(url, token, runs, "all services at work")
    async with only(ground, "ingest"):
        return [*lines, *await _reports(url, token, runs, "ingest alone")]


async def _reports(url: str, token: str, runs: int, among: str) -> list[Line]:
    found = []
    for _ in range(runs + 1):
        words: dict[str, Any] = {"kind": "reports", "status": "200", "seconds": 5.0, "name": unique("bulk")}
        found.append(await load(url, token, REPORTERS, **words))
    title = f"Reports over HTTP, {REPORTS_A_REQUEST} a request, {REPORTERS} connections, accepted, {among}"
    return lines_of(title, ("20000/s", "", ""), found[1:], each=REPORTS_A_REQUEST)


async def _pks(database: str) -> list[int]:
    async with await psycopg.AsyncConnection.connect(database) as connection:
        asked = await connection.execute("SELECT id FROM incidents ORDER BY id DESC LIMIT %s", [INCIDENTS])
        return [row[0] for row in await asked.fetchall()]
