"""POST of single incidents, each answered after it is stored; the floor is an echo under the same server."""

from argus_local.ports import free_port, is_free
from tests.benchmarks.ground import Ground, in_own_process, program, unique
from tests.benchmarks.table import Line
from tests.eventually import eventually

SECONDS = 8.0
SECONDS_TO_WARM_UP = 15.0
TARGETS = {1: "p50 ≤ 8 ms", 8: "", 32: "1000/s"}


async def posts(ground: Ground, runs: int) -> list[Line]:
    """Measure ingest at 1, 8 and 32 connections, and the gateway at 32."""
    url = f"{ground.stack.members['ingest'].url}/api/v2/incidents/"
    await _load(url, ground.source.token, 32, SECONDS_TO_WARM_UP)
    lines: list[Line] = []
    for connections, target in TARGETS.items():
        found = [await _load(url, ground.source.token, connections) for _ in range(runs)]
        floor = [await _echoed(connections) for _ in range(runs)]
        lines += _lines(f"POST, {connections} connections", target, found, floor)
    through = f"{ground.gateway_url}/api/v2/incidents/"
    found = [await _load(through, ground.source.token, 32) for _ in range(runs)]
    return [*lines, *_lines("POST through the gateway, 32 connections", "", found, [])]


def _lines(name: str, target: str, found: list[dict[str, float]], floor: list[dict[str, float]]) -> list[Line]:
    of_rate, of_time = (target, "") if "/s" in target else ("", target)
    return [
        Line(
            name, "/s", [each["per_second"] for each in found], of_rate, [each["per_second"] for each in floor], "echo"
        ),
        Line("  p50", "ms", [each["p50_ms"] for each in found], of_time, [each["p50_ms"] for each in floor], "echo"),
        Line("  p99", "ms", [each["p99_ms"] for each in found], "", [each["p99_ms"] for each in floor], "echo"),
    ]


async def _load(url: str, token: str, connections: int, seconds: float = SECONDS) -> dict[str, float]:
    words = ("--token", token, "--connections", connections, "--seconds", seconds, "--name", unique("post"))
    found = await in_own_process("tests.benchmarks.http_load", url, *words)
    assert set(found["statuses"]) == {"201"}, found["statuses"]
    return found


async def _echoed(connections: int) -> dict[str, float]:
    port = free_port()
    async with program("tests.benchmarks.echo", port):
        await eventually(lambda: not is_free(port))
        return await _load(f"http://127.0.0.1:{port}/", "", connections, 3)
