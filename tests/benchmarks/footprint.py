"""Memory (PSS) and CPU of each process, at rest and under load."""

import asyncio
import contextlib
from collections.abc import Mapping
from pathlib import Path

import psutil

from tests.benchmarks.ground import Ground, in_own_process, unique
from tests.benchmarks.table import Line

SECONDS = 10.0
MEBIBYTE = 1024 * 1024


async def footprint(ground: Ground, runs: int) -> list[Line]:
    """Measure at rest, then under 100 POST/s."""
    pids = ground.pids | {name: member.pid for name, member in ground.stack.members.items()}
    rest = [await _cpu(pids) for _ in range(runs)]
    memory_at_rest = _memory(pids)
    url = f"{ground.stack.members['ingest'].url}/api/v2/incidents/"
    words = ("--token", ground.source.token, "--rate", 100, "--seconds", SECONDS + 2, "--name", unique("load"))
    load = asyncio.create_task(in_own_process("tests.benchmarks.http_load", url, *words))
    busy = await _cpu(pids)
    await load
    memory_under_load = _memory(pids)
    return [
        Line("memory of all at rest", "MiB", [sum(memory_at_rest.values())], "1200 MiB"),
        Line("CPU of all at rest", "% of a core", [sum(each.values()) for each in rest], "10 %"),
        Line("memory of all under 100 POST/s", "MiB", [sum(memory_under_load.values())]),
        Line("CPU of all under 100 POST/s", "% of a core", [sum(busy.values())]),
        *_each("memory at rest", "MiB", memory_at_rest),
        *_each("CPU at rest", "%", rest[-1]),
        *_each("memory under 100 POST/s", "MiB", memory_under_load),
        *_each("CPU under 100 POST/s", "%", busy),
    ]


def _each(what: str, unit: str, figures: Mapping[str, float]) -> list[Line]:
    return [Line(f"  {what}, {name}", unit, [figure]) for name, figure in figures.items()]


async def _cpu(pids: Mapping[str, int]) -> dict[str, float]:
    """Return percent of a core for each program, its children included, over ten seconds."""
    before = {name: _seconds(pid) for name, pid in pids.items()}
    await asyncio.sleep(SECONDS)
    return {name: (_seconds(pid) - before[name]) / SECONDS * 100 for name, pid in pids.items()}


def _seconds(pid: int) -> float:
    total = 0.0
    for process in _family(pid):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _memory(pids: Mapping[str, int]) -> dict[str, float]:
    return {name: sum(_pss(process.pid) for process in _family(pid)) / MEBIBYTE for name, pid in pids.items()}


def _pss(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) * 1024
    return 0.0


def _family(pid: int) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process, *process.children(recursive=True)]
