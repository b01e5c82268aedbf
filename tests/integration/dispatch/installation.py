"""What dispatch works in: its topics, its process, and a web server that it posts to."""

import asyncio
import json
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import aiohttp
from aiohttp import web

from argus_dispatch.settings import Settings
from argus_local.ports import free_port
from argus_runtime.kafka import Kafka, Producer
from argus_runtime.settings import KafkaSettings
from argus_schemas.configuration import Destination, document_key
from argus_schemas.notification import Delivery, Notification
from argus_schemas.topics import DELIVERIES, DESTINATIONS, NOTIFICATIONS
from tests.builders import a_notification, an_event, an_incident
from tests.eventually import eventually

PACKAGE = "argus_dispatch"
AT_ONCE: int = Settings.model_fields["at_once_per_destination"].default


@dataclass
class Dispatch:
    """One dispatch process."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def ready(self) -> bool:
        try:
            async with (
                aiohttp.ClientSession() as session,
                session.get(self.url("/health/ready")) as response,
            ):
                return response.status == 200
        except aiohttp.ClientError:
            assert self.process.poll() is None, self.log.read_text()
            return False

    async def metrics(self) -> str:
        async with (
            aiohttp.ClientSession() as session,
            session.get(self.url("/metrics")) as response,
        ):
            return await response.text()

    def signal(self, signum: signal.Signals) -> None:
        self.process.send_signal(signum)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()


@dataclass
class Installation:
    """The topics of one test, and what it starts on them."""

    kafka: Kafka
    producer: Producer
    settings: KafkaSettings
    folder: Path
    started: list[Dispatch] = field(default_factory=list)
    version: int = 0

    async def start(self, *, module: str = PACKAGE, **environment: Any) -> Dispatch:
        """Start a dispatch process and return when it is ready."""
        made = self.launch(module=module, **environment)
        await eventually(made.ready, within=30)
        return made

    def launch(self, *, module: str = PACKAGE, **environment: Any) -> Dispatch:
        port = free_port()
        settings = {
            "KAFKA_BOOTSTRAP_SERVERS": self.settings.bootstrap_servers,
            "PREFIX": self.settings.prefix,
            "METRICS_PORT": port,
            "WEBHOOK_ALLOW": "127.0.0.0/8",
            "RETRY_SCALE": 0.1,
        } | {name.upper(): value for name, value in environment.items()}
        log = self.folder / f"dispatch-{len(self.started)}.log"
        variables = dict(os.environ) | {f"ARGUS_{name}": str(value) for name, value in settings.items()}
        with log.open("wb") as lines:
            process = subprocess.Popen([sys.executable, "-m", module], env=variables, stderr=lines)
        self.started.append(Dispatch(process, port, log))
        return self.started[-1]

    async def destination(
        self, pk: int, medium: str = "webhook", *, owner_active: bool = True, **settings: Any
    ) -> None:
        """Publish a destination."""
        self.version += 1
        document = Destination(
            pk=pk, version=self.version, owner=7, owner_active=owner_active, medium=medium, settings=settings
        )
        await (await self.producer.send(DESTINATIONS, document_key("destination", pk), document))

    async def no_destination(self, pk: int) -> None:
        await (await self.producer.send(DESTINATIONS, document_key("destination", pk), None))

    async def order(self, number: int, *, destination: int = 4, incident: int = 49, **changes: Any) -> Notification:
        """Append a notification as the matcher would."""
        now = datetime.now(UTC)
        event = an_event(pk=1000 + number, incident=incident, event_id=UUID(int=number), received_at=now)
        fields = {
            "id": UUID(int=destination * 1_000_000 + number), "destination": destination, "matched_at": now,
            "event": event, "incident": an_incident(pk=incident, key=f"2:{incident}", source_incident_id=str(number)),
        }  # fmt: skip
        notification = a_notification(**(fields | changes))
        await (await self.producer.send(NOTIFICATIONS, str(destination), notification))
        return notification

    async def deliveries(self) -> list[Delivery]:
        """Return all that stands on `deliveries`, in the order of each partition."""
        reader = await self.kafka.reader(DELIVERIES)
        try:
            return [DELIVERIES.decode(record.value or b"") async for record in reader.to_end()]
        finally:
            await reader.close()

    async def way_of(self, notification: Notification) -> list[tuple[str, int]]:
        """Return the states and attempts of a notification."""
        name = (notification.id, notification.replay)
        return [(one.state, one.attempt) for one in await self.deliveries() if (one.notification, one.replay) == name]

    def end(self) -> None:
        for one in self.started:
            if one.process.poll() is None:
                one.signal(signal.SIGCONT)
                one.kill()


@asynccontextmanager
async def an_installation(bootstrap_servers: str, prefix: str, folder: Path) -> AsyncIterator[Installation]:
    """Give topics of this test's own; what was started on them ends with the block."""
    settings = KafkaSettings(bootstrap_servers=bootstrap_servers, prefix=prefix)
    async with Kafka(settings) as kafka:
        admin = await kafka.admin()
        await admin.create()
        made = Installation(kafka, await kafka.producer(), settings, folder)
        try:
            yield made
        finally:
            made.end()
            await admin.delete(await admin.topics())


Answer = Callable[["Posted"], Awaitable[web.Response]]


@dataclass(frozen=True)
class Posted:
    """A webhook as it arrived."""

    path: str
    id: UUID
    incident: int
    event: int


async def _taken(_posted: Posted) -> web.Response:
    return web.Response(status=204)


class Sink:
    """A web server that takes webhooks; `answer` decides what it says."""

    def __init__(self) -> None:
        self.port = free_port()
        self.posted: list[Posted] = []
        self.answer: Answer = _taken

    def url(self, path: str = "hook") -> str:
        return f"http://127.0.0.1:{self.port}/{path}"

    def events(self, path: str = "hook") -> list[int]:
        """Return the numbers of the notifications that arrived, in order."""
        return [posted.event - 1000 for posted in self.posted if posted.path == path]

    async def handle(self, request: web.Request) -> web.Response:
        data = json.loads(await request.read())["data"]
        posted = Posted(
            request.path.strip("/"), UUID(request.headers["webhook-id"]), data["incident"]["pk"], data["event"]["pk"]
        )
        self.posted.append(posted)
        return await self.answer(posted)


@asynccontextmanager
async def a_sink() -> AsyncIterator[Sink]:
    """Give a web server on loopback."""
    sink = Sink()
    app = web.Application()
    app.router.add_post("/{path}", sink.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", sink.port).start()
    try:
        yield sink
    finally:
        await runner.cleanup()


def hangs(gate: asyncio.Event) -> Answer:
    """Return an answer that comes when `gate` opens."""

    async def answer(_posted: Posted) -> web.Response:
        await gate.wait()
        return web.Response(status=204)

    return answer


def refuses(status: int = 503) -> Answer:
    """Return an answer of that status."""

    async def answer(_posted: Posted) -> web.Response:
        return web.Response(status=status)

    return answer
