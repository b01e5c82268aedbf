"""POST of single incidents, each answered after it is stored; the floor is an echo under the same server."""

from typing import Any

from argus_local.ports import free_port, is_free
from tests.benchmarks.ground import Ground, only, program, unique
from tests.benchmarks.load import lines_of, load
from tests.benchmarks.table import Line
from tests.eventually import eventually

SECONDS_TO_WARM_UP = 15.0
TARGETS = {1: ("", "5 ms", "15 ms"), 8: ("",) * 3, 32: ("1500/s", "", ""), 128: ("2300/s", "", "")}
"""By connections: requests a second, p50, p99."""


async def posts(ground: Ground, runs: int) -> list[Line]:
    """Measure ingest at each number of connections, without waiting for the store, alone, and through the gateway."""
    url, token = f"{ground.stack.members['ingest'].url}/api/v2/incidents/", ground.source.token
    await load(url, token, 32, seconds=SECONDS_TO_WARM_UP, name=unique("post"))
    lines: list[Line] = []
    for connections, targets in TARGETS.items():
        found = [await load(url, token, connections, name=unique("post")) for _ in range(runs)]
        floor = [await _echoed(connections) for _ in range(runs)]
        lines += lines_of(f"POST, {connections} connections", targets, found, floor)
    early = [await load(url, token, 32, name=unique("post"), prefer="respond-async", status="202") for _ in range(runs)]
    lines += lines_of("POST with Prefer: respond-async, 32 connections", ("4000/s", "", ""), early)
    lines += await _alone(ground, url, token, runs)
    through = f"{ground.gateway_url}/api/v2/incidents/"
    found = [await load(through, token, 32, name=unique("post")) for _ in range(runs)]
    return [*lines, *lines_of("POST through the gateway, 32 connections", ("",) * 3, found)]


async def _alone(ground: Ground, url: str, token: str, runs: int) -> list[Line]:
    """Measure what ingest and the store do where no other service takes processor time from them."""
    lines: list[Line] = []
    async with only(ground, "ingest", "store"):
        for connections in (32, 128):
            found = [await load(url, token, connections, name=unique("post")) for _ in range(runs)]
            name = f"POST, {connections} connections, ingest and store alone"
            lines += lines_of(name, TARGETS[connections], found)
    async with only(ground, "ingest"):
        words: dict[str, Any] = {"prefer": "respond-async", "status": "202"}
        early = [await load(url, token, 32, name=unique("post"), **words) for _ in range(runs)]
        lines += lines_of("POST with Prefer: respond-async, 32 connections, ingest alone", ("4000/s", "", ""), early)
    return lines


async def _echoed(connections: int) -> dict[str, float]:
    port = free_port()
    async with program("tests.benchmarks.echo", port):
        await eventually(lambda: not is_free(port))
        return await load(f"http://127.0.0.1:{port}/", "", connections, seconds=3, name="echo")
