"""Memory (PSS) and CPU of each process under load; `rest` measures the same at rest."""

import asyncio
import contextlib
from collections.abc import Collection, Mapping
from pathlib import Path

import psutil

from tests.benchmarks.ground import Ground, in_own_process, unique
from tests.benchmarks.table import Line

SECONDS = 10.0
MEBIBYTE = 1024 * 1024


async def footprint(ground: Ground, runs: int) -> list[Line]:
    """Measure under 100 POST/s."""
    pids = ground.pids | {name: member.pid for name, member in ground.stack.members.items()}
    url = f"{ground.stack.members['ingest'].url}/api/v2/incidents/"
    words = ("--token", ground.source.token, "--rate", 100, "--seconds", SECONDS * runs + 2, "--name", unique("load"))
    load = asyncio.create_task(in_own_process("tests.benchmarks.http_load", url, *words))
    busy = [await cpu(pids) for _ in range(runs)]
    await load
    used = memory(pids)
    return [
        Line("memory of all under 100 POST/s", "MiB", [sum(used.values())]),
        Line("CPU of all under 100 POST/s", "% of a core", [sum(run.values()) for run in busy]),
        *each_of("memory under 100 POST/s", "MiB", used),
        *each_of("CPU under 100 POST/s", "%", busy[-1]),
    ]


def each_of(what: str, unit: str, figures: Mapping[str, float]) -> list[Line]:
    """Return a line for each program."""
    return [Line(f"  {what}, {name}", unit, [figure]) for name, figure in figures.items()]


async def cpu(pids: Mapping[str, int], alone: Collection[int] = ()) -> dict[str, float]:
    """Return percent of a core for each program over ten seconds, its children included unless it is one of `alone`."""
    before = {name: _seconds(pid, alone) for name, pid in pids.items()}
    await asyncio.sleep(SECONDS)
    return {name: (_seconds(pid, alone) - before[name]) / SECONDS * 100 for name, pid in pids.items()}


def memory(pids: Mapping[str, int], alone: Collection[int] = ()) -> dict[str, float]:
    """Return the MiB of each program, its children included unless it is one of `alone`."""
    return {name: sum(_pss(process.pid) for process in _family(pid, alone)) / MEBIBYTE for name, pid in pids.items()}


def _seconds(pid: int, alone: Collection[int]) -> float:
    total = 0.0
    for process in _family(pid, alone):
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


def _pss(pid: int) -> float:
    with contextlib.suppress(OSError):
        for line in Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return float(line.split()[1]) * 1024
    return 0.0


def _family(pid: int, alone: Collection[int]) -> list[psutil.Process]:
    process = psutil.Process(pid)
    return [process] if pid in alone else [process, *process.children(recursive=True)]
