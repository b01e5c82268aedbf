"""What a benchmark stands on: servers of its own, one of each service, and processes that make load."""

import asyncio
import json
import sys
import tempfile
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from argus_database.migrate import migrate
from argus_local.gateway import gateway
from argus_local.kafka import Kafka as KafkaServer
from argus_local.ports import free_port
from argus_local.postgres import Postgres
from argus_local.server import running
from argus_runtime.kafka import Kafka
from argus_runtime.settings import KafkaSettings
from tests.eventually import eventually
from tests.stack import PersonAccount, Servers, SourceAccount, Stack, running_stack


@dataclass
class Ground:
    """A stack under measurement."""

    stack: Stack
    source: SourceAccount
    person: PersonAccount
    sink: "Sink"
    gateway_url: str
    pids: dict[str, int]

    @property
    def servers(self) -> Servers:
        return self.stack.servers


class Sink:
    """The mail server in its own process, and when the mail about each incident came."""

    def __init__(self) -> None:
        self.port = free_port()
        self.arrived: dict[str, float] = {}
        self.count = 0
        self._process: Process | None = None
        self._reading: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Start to take mail."""
        self._process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "tests.benchmarks.sink", str(self.port), stdout=PIPE
        )
        self._reading = asyncio.create_task(self._read())

    async def stop(self) -> None:
        """End the process."""
        if self._process is not None:
            with suppress(ProcessLookupError):
                self._process.terminate()
            await self._process.wait()

    async def _read(self) -> None:
        assert self._process is not None
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            said = json.loads(line)
            self.count += 1
            self.arrived.setdefault(said["incident"], said["at"])


@asynccontextmanager
async def ground() -> AsyncIterator[Ground]:
    """Give a stack whose Kafka compiles fully and whose PostgreSQL keeps its promises, as in production."""
    async with AsyncExitStack() as opened:
        folder = Path(opened.enter_context(tempfile.TemporaryDirectory(prefix="argus-bench-")))
        kafka, postgres = KafkaServer(folder / "kafka", compiler=""), Postgres(folder / "postgres")
        # Not in a thread: the servers end with the thread that started them.
        started = [opened.enter_context(running(each)) for each in (kafka, postgres)]
        database = await asyncio.to_thread(postgres.create_database, "argus")
        await asyncio.to_thread(migrate, database)
        sink = Sink()
        await sink.start()
        opened.push_async_callback(sink.stop)
        servers = Servers(kafka.bootstrap_servers, database, "bench.", sink.port)
        stack = await opened.enter_async_context(running_stack(folder, servers))
        await stack.start_all()
        port = free_port()
        await opened.enter_async_context(gateway(stack.route, port))
        pids = {"kafka": started[0].pid, "postgres": started[1].pid}
        pids |= {name: member.pid for name, member in stack.members.items()}
        source, person = await stack.source(), await stack.person(blob={"maxlevel": 1})
        yield Ground(stack, source, person, sink, f"http://127.0.0.1:{port}", pids)


@asynccontextmanager
async def only(ground: Ground, *services: str) -> AsyncIterator[None]:
    """Have these services alone at work for the length of a block, as where each has a machine; then all, caught up."""
    resting = [name for name in ground.stack.members if name not in services]
    await ground.stack.stop(*resting)
    yield
    for name in resting:
        ground.stack.start(name)
    await ground.stack.all_ready()
    await caught_up(ground, "store", "matcher")


async def caught_up(ground: Ground, *groups: str) -> None:
    """Return when these have worked off what is in the log."""
    async with Kafka(KafkaSettings(bootstrap_servers=ground.servers.kafka, prefix=ground.servers.prefix)) as kafka:
        admin = await kafka.admin()

        async def idle() -> bool:
            lags = [await admin.lag(group) for group in groups]
            return not any(behind for lag in lags for behind in lag.values())

        await eventually(idle, within=300, pause=0.5)


async def in_own_process(module: str, *words: object) -> dict[str, Any]:
    """Run `python -m module words…` and return the JSON that it prints."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *map(str, words), stdout=PIPE)
    out, _ = await process.communicate()
    assert process.returncode == 0, f"{module} exited {process.returncode}"
    found: dict[str, Any] = json.loads(out.splitlines()[-1])
    return found


@asynccontextmanager
async def program(module: str, *words: object) -> AsyncIterator[Process]:
    """Run a module beside for the length of a block."""
    process = await asyncio.create_subprocess_exec(sys.executable, "-m", module, *map(str, words))
    try:
        yield process
    finally:
        process.terminate()
        await process.wait()


def unique(what: str) -> str:
    """Return a name that no earlier run has used."""
    return f"{what}-{uuid4().hex[:8]}"
