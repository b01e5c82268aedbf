"""The whole system as processes, for tests: started, killed, paused and started again by name."""

from __future__ import annotations

import asyncio
import json
import os
import re
import signal
import sys
from base64 import urlsafe_b64encode
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import aiohttp
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import filters, profiles, sources, tokens, users
from argus_database.engine import open_database
from argus_database.tables.accounts import UserRow
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import DestinationRow, TimeslotRow
from argus_local.ports import free_port
from argus_local.programs import Program
from argus_local.supervisor import Child, Supervisor
from argus_schemas.routing import is_ingest
from argus_schemas.topics import RULES, reports_topic
from tests.eventually import eventually

SERVICES = ("ingest", "store", "matcher", "dispatch", "api")
READY_SECONDS = 40.0
SESSION_SECONDS = 6.0
"""After which a paused consumer loses its partitions; the least that a broker allows by default."""
STOP_SECONDS = 12.0
ARGUS = str(Path(sys.executable).parent / "argus")
_INDEX_VERSION = re.compile(r"^argus_matcher_index_version (\S+)$", re.MULTILINE)
KEY = urlsafe_b64encode(b"k" * 32).decode()


@dataclass
class Member:
    """One process of the stack."""

    name: str
    service: str
    child: Child
    metrics_port: int
    http_port: int
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.http_port}"

    @property
    def pid(self) -> int:
        assert self.child.pid, f"{self.name} is not running"
        return self.child.pid

    def signal(self, signum: int) -> None:
        """Send a signal; a process that ends by it is started again, as a supervisor does."""
        os.kill(self.pid, signum)

    def kill(self) -> None:
        self.signal(signal.SIGKILL)

    def pause(self) -> None:
        self.signal(signal.SIGSTOP)

    def resume(self) -> None:
        self.signal(signal.SIGCONT)

    async def report(self) -> dict[str, Any]:
        """Return what /health/ready says; {} while nothing answers."""
        timeout = aiohttp.ClientTimeout(total=2)
        try:
            async with (
                aiohttp.ClientSession(timeout=timeout) as session,
                session.get(f"http://127.0.0.1:{self.metrics_port}/health/ready") as answer,
            ):
                said: dict[str, Any] = await answer.json(content_type=None)
                return said
        except (aiohttp.ClientError, TimeoutError, OSError):
            return {}

    async def ready(self) -> bool:
        return bool((await self.report()).get("ready"))

    async def metrics(self) -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.get(f"http://127.0.0.1:{self.metrics_port}/metrics") as answer,
        ):
            return await answer.text()

    async def knows_rules(self, version: int) -> bool:
        """Tell whether this matcher has the rules up to a version."""
        return max(map(float, _INDEX_VERSION.findall(await self.metrics())), default=0) >= version


@dataclass(frozen=True)
class Servers:
    """What the services talk to."""

    kafka: str
    database: str
    prefix: str
    smtp_port: int


class Stack:
    """The services, the accounts of a test, and one address for all."""

    def __init__(self, folder: Path, servers: Servers, environment: Mapping[str, str] | None = None) -> None:
        self.folder = folder
        self.servers = servers
        self.members: dict[str, Member] = {}
        self._extra = dict(environment or {})
        self._supervisor = Supervisor(self._note)
        self.notes: list[str] = []

    @property
    def environment(self) -> dict[str, str]:
        """What every process reads."""
        return {
            "ARGUS_KAFKA_BOOTSTRAP_SERVERS": self.servers.kafka,
            "ARGUS_DATABASE_URL": self.servers.database,
            "ARGUS_PREFIX": self.servers.prefix,
            "ARGUS_SECRET_KEYS": KEY,
            "ARGUS_SMTP_HOST": "127.0.0.1",
            "ARGUS_SMTP_PORT": str(self.servers.smtp_port),
            "ARGUS_KAFKA_SESSION_TIMEOUT": str(SESSION_SECONDS),
            "ARGUS_KAFKA_HEARTBEAT": "0.5",
            "ARGUS_WEBHOOK_ALLOW": "127.0.0.0/8",
            **self._extra,
        }

    async def argus(self, *words: str) -> str:
        """Run the argus command and return what it printed."""
        process = await asyncio.create_subprocess_exec(
            ARGUS, *words,
            env={**os.environ, **self.environment}, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
            cwd=self.folder,
        )  # fmt: skip
        out, err = await process.communicate()
        assert process.returncode == 0, (
            f"argus {' '.join(words)} exited {process.returncode}: {err.decode()}{out.decode()}"
        )
        return out.decode()

    async def prepare(self) -> None:
        """Create the topics; the database is migrated already."""
        await self.argus("topics")

    def start(self, service: str, name: str | None = None, module: str | None = None, **settings: str) -> Member:
        """Start a service under a name of its own and keep it running."""
        name = name or service
        metrics_port, http_port = free_port(), free_port()
        log = self.folder / f"{name}.log"
        environment = self.environment | {
            "ARGUS_METRICS_PORT": str(metrics_port), "ARGUS_HTTP_PORT": str(http_port), **settings,
        }  # fmt: skip
        argv = (sys.executable, "-m", module or f"argus_{service}")
        child = self._supervisor.start(Program(name, argv, log, environment))
        member = Member(name, service, child, metrics_port, http_port, log)
        self.members[name] = member
        return member

    async def start_all(self) -> None:
        """Start one of each service and wait until all are ready."""
        for service in SERVICES:
            self.start(service)
        await self.all_ready()

    async def all_ready(self, within: float = READY_SECONDS) -> None:
        """Wait until every member is ready."""
        for member in list(self.members.values()):
            await self.is_ready(member, within)

    async def is_ready(self, member: Member, within: float = READY_SECONDS) -> None:
        """Wait until a member is ready; where it is not in time, say why."""
        try:
            await eventually(member.ready, within=within, pause=0.1)
        except AssertionError as error:
            raise AssertionError(f"{member.name}: {await member.report()}\n{_end(member.log, 20)}") from error

    async def person(
        self, username: str = "alice", blob: Mapping[str, object] | None = None, *, told: bool = True
    ) -> PersonAccount:
        """Add a person, and wait until the matchers know the profile."""
        person = await a_person(self.servers, username, blob, told=told)
        for member in [each for each in self.members.values() if each.service == "matcher"]:
            await eventually(partial(member.knows_rules, person.version), within=READY_SECONDS, pause=0.1)
        return person

    async def source(self, name: str = "nav1", type_: str = "nav") -> SourceAccount:
        """Add a source and give it a token."""
        return await a_source(self.servers, name, type_)

    async def stop(self, *names: str) -> None:
        """Stop members cleanly, all where none is named."""
        chosen = names or tuple(self.members)
        await self._supervisor.stop(chosen, STOP_SECONDS)
        for name in chosen:
            self.members.pop(name, None)

    def route(self, method: str, path: str) -> str:
        """Return the root of the service that answers a request, for a gateway."""
        return self.members["ingest" if is_ingest(method, path) else "api"].url

    def tail(self, lines: int = 30) -> str:
        """Return the ends of all logs, for a message about a failure."""
        logs = sorted(self.folder.glob("*.log"))
        return "\n".join([*self.notes, *(f"--- {log.name}\n{_end(log, lines)}" for log in logs)])

    def _note(self, text: str) -> None:
        self.notes.append(text)


def _end(log: Path, lines: int) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])


@asynccontextmanager
async def running_stack(
    folder: Path, servers: Servers, environment: Mapping[str, str] | None = None
) -> AsyncIterator[Stack]:
    """Give a stack whose topics exist and whose members are stopped afterwards."""
    stack = Stack(folder, servers, environment)
    await stack.prepare()
    try:
        yield stack
    except BaseException:
        sys.stderr.write(stack.tail())
        raise
    finally:
        await stack.stop()


@dataclass(frozen=True)
class SourceAccount:
    """A source of a test."""

    pk: int
    slug: str
    token: str
    topic: str


@dataclass(frozen=True)
class PersonAccount:
    """A person of a test, who is told by mail."""

    pk: int
    username: str
    email: str
    token: str
    version: int
    """Of the person's profile, as matchers will know it; 0: there is none."""


async def a_source(servers: Servers, name: str = "nav1", type_: str = "nav") -> SourceAccount:
    """Add a source and give it a token."""
    async with open_database(servers.database) as sessions, sessions.begin() as session:
        row = await sources.add_source(session, name, type_, base_url=f"http://{name}.example.org/")
        user = await session.get_one(UserRow, row.user_id)
        key = await tokens.create_token(session, user.username, expires=timedelta(days=7))
        topic = servers.prefix + reports_topic(row.slug).name
        return SourceAccount(row.id, row.slug, key, topic)


async def tokens_of_superusers(servers: Servers, *names: str) -> list[str]:
    """Add people who may do everything, and give each a token."""
    async with open_database(servers.database) as sessions, sessions.begin() as session:
        for name in names:
            await users.add_user(session, name, email=f"{name}@example.org", is_superuser=True)
        return [await tokens.create_token(session, name) for name in names]


async def a_person(
    servers: Servers, username: str = "alice", blob: Mapping[str, object] | None = None, *, told: bool = True
) -> PersonAccount:
    """Add a person; unless not `told`, with a profile that mails everything the filter accepts, all the time."""
    email = f"{username}@example.org"
    async with open_database(servers.database) as sessions, sessions.begin() as session:
        user = await users.add_user(session, username, email=email)
        key = await tokens.create_token(session, username)
        version = await _give_profile(session, user.id, blob or {"maxlevel": 5}) if told else 0
        return PersonAccount(user.id, username, email, key, version)


async def _give_profile(session: AsyncSession, user: int, blob: Mapping[str, object]) -> int:
    timeslot = await session.scalar(select(TimeslotRow.id).where(TimeslotRow.user_id == user))
    destination = await session.scalar(select(DestinationRow.id).where(DestinationRow.user_id == user))
    assert timeslot is not None
    assert destination is not None
    chosen = await filters.add_filter(session, user, "wanted", dict(blob))
    await profiles.add_profile(
        session, user, timeslots=[timeslot], filters=[chosen.id], destinations=[destination], name="told"
    )
    version = await session.scalar(select(func.max(OutboxRow.id)).where(OutboxRow.topic == RULES.name))
    assert version is not None
    return version


def as_json(text: str) -> dict[str, Any]:
    """Return the JSON object that a command printed."""
    said: dict[str, Any] = json.loads(text)
    return said
