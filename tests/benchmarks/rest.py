"""Memory (PSS) and CPU of the whole stack at rest, as `argus up` starts it: servers, services, gateway, mailbox."""

import asyncio
import signal
import sys
import tempfile
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import psutil

from tests.benchmarks.footprint import cpu, each_of, memory
from tests.benchmarks.table import Line
from tests.eventually import eventually

SECONDS_TO_SETTLE = 20.0


async def rest(runs: int) -> list[Line]:
    """Measure a stack of its own, some time after it has become ready."""
    async with _up() as supervisor:
        await asyncio.sleep(SECONDS_TO_SETTLE)
        pids = {"supervisor, gateway and mailbox": supervisor} | _children(supervisor)
        busy = [await cpu(pids, alone={supervisor}) for _ in range(runs)]
        used = memory(pids, alone={supervisor})
    return [
        Line("memory of all at rest", "MiB", [sum(used.values())], "1200 MiB"),
        Line("CPU of all at rest", "% of a core", [sum(run.values()) for run in busy], "10 %"),
        *each_of("memory at rest", "MiB", used),
        *each_of("CPU at rest", "%", busy[-1]),
    ]


def _children(supervisor: int) -> dict[str, int]:
    """Return the programs that the supervisor has started, by the names of their modules or programs."""
    return {_name(child.cmdline()): child.pid for child in psutil.Process(supervisor).children()}


def _name(command: list[str]) -> str:
    module = next((word for word in command if word.startswith("argus_")), "")
    if module:
        return module.removeprefix("argus_")
    return "kafka" if "kafka.Kafka" in command else Path(command[0]).name


@asynccontextmanager
async def _up() -> AsyncIterator[int]:
    with tempfile.TemporaryDirectory(prefix="argus-rest-") as folder:
        ready = Path(folder) / "all-answer.json"
        words = ("up", "--port", "0", "--data", f"{folder}/data", "--ready-file", str(ready))
        argus = Path(sys.executable).with_name("argus")
        process = await asyncio.create_subprocess_exec(argus, *words, stdout=DEVNULL, stderr=DEVNULL)
        try:
            await eventually(ready.exists, within=180, pause=0.1)
            yield process.pid
        finally:
            process.send_signal(signal.SIGINT)
            await process.wait()
