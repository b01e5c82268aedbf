"""An installation in this process: topics, tables, users and tokens, and services that a test starts and stops."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import httpx
from sqlalchemy import select

from argus_database.configuration.sources import add_source
from argus_database.configuration.tokens import create_token
from argus_database.configuration.users import add_user
from argus_database.engine import Sessions, open_database
from argus_database.tables.accounts import SourceRow, UserRow
from argus_database.tables.incidents import EventRow
from argus_database.tables.outbox import OutboxRow
from argus_ingest import app as ingest
from argus_ingest.settings import Settings
from argus_local.ports import free_port
from argus_runtime.health import Health
from argus_runtime.kafka import Kafka, Record
from argus_schemas.ids import Base
from argus_schemas.topics import CATALOGUE, IDS, Topic, reports_topic
from argus_store import app as store
from argus_store.settings import Settings as StoreSettings
from tests.eventually import eventually

MINIMAL = {"start_time": "2025-11-25T00:00:00Z", "tags": []}


MOST_IN_FLIGHT = 1_000
"""Each record has its answer within seconds or not at all, however many wait before it."""


@dataclass
class Site:
    kafka: Kafka
    sessions: Sessions
    settings: Settings
    tokens: dict[str, str] = field(default_factory=dict)
    pks: dict[str, int] = field(default_factory=dict)
    _published: int = 0

    async def create_topics(self) -> None:
        await (await self.kafka.admin()).create(CATALOGUE)
        producer = await self.kafka.producer()
        await (await producer.send(IDS, "argus topics", Base(above=0)))

    async def add_source(self, name: str, *, base_url: str = "", topic: bool = True, publish: bool = True) -> None:
        async with self.sessions.begin() as session:
            row = await add_source(session, name, "nav", base_url=base_url)
            self.pks[name] = row.id
        async with self.sessions.begin() as session:
            self.tokens[name] = await create_token(session, name)
        if topic:
            await (await self.kafka.admin()).create([reports_topic(name)])
        if publish:
            await self.publish()

    async def add_user(self, name: str, *, is_superuser: bool = False) -> None:
        async with self.sessions.begin() as session:
            await add_user(session, name, is_superuser=is_superuser)
        async with self.sessions.begin() as session:
            self.tokens[name] = await create_token(session, name)

    async def events(self, pk: int) -> list[EventRow]:
        """Return the events of an incident as they are stored, oldest first."""
        asked = select(EventRow).where(EventRow.incident_id == pk).order_by(EventRow.received_at, EventRow.id)
        async with self.sessions() as session:
            return list(await session.scalars(asked))

    async def last_seen(self, source: str) -> datetime | None:
        async with self.sessions() as session:
            return await session.scalar(select(SourceRow.last_seen).where(SourceRow.name == source))

    async def publish(self) -> None:
        """Do what the relay does."""
        producer = await self.kafka.producer()
        async with self.sessions() as session:
            rows = await session.scalars(select(OutboxRow).where(OutboxRow.id > self._published).order_by(OutboxRow.id))
            for row in rows:
                await (await producer.send(row.topic, row.key, row.value))
                self._published = row.id

    async def report(self, slug: str, *bodies: bytes, key: bytes | None = None) -> None:
        producer = await self.kafka.producer()
        for first in range(0, len(bodies), MOST_IN_FLIGHT):
            some = bodies[first : first + MOST_IN_FLIGHT]
            await asyncio.gather(*[await producer.send(reports_topic(slug), key, body) for body in some])

    async def records(self, topic: Topic[Any]) -> list[Record]:
        """Return all records of a topic."""
        reader = await self.kafka.reader(topic)
        found = [record async for record in reader.to_end()]
        await reader.close()
        return found

    @asynccontextmanager
    async def store(self) -> AsyncIterator[Health]:
        settings = StoreSettings(**_shared(self.settings))
        async with _running(store.run, settings, asyncio.Event()) as health:
            yield health

    @asynccontextmanager
    async def ingest(self, **changes: Any) -> AsyncIterator["Ingest"]:
        settings = self.settings.model_copy(update={"http_port": free_port(), **changes})
        address = f"http://127.0.0.1:{settings.http_port}"
        stop = asyncio.Event()
        async with (
            _running(ingest.run, settings, stop) as health,
            httpx.AsyncClient(base_url=address, timeout=15) as client,
        ):
            await eventually(lambda: health.ready, within=20)
            yield Ingest(client, self.tokens, health, stop, self)


@dataclass
class Ingest:
    client: httpx.AsyncClient
    tokens: dict[str, str]
    health: Health
    stop: asyncio.Event
    site: Site

    async def post(self, path: str, body: Any, who: str | None = "nav1", **headers: str) -> httpx.Response:
        if who is not None:
            headers["Authorization"] = f"Token {self.tokens[who]}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        if isinstance(body, bytes):
            named.setdefault("content-type", "application/json")
            return await self.client.post(path, content=body, headers=named)
        return await self.client.post(path, json=body, headers=named)

    async def send(self, method: str, path: str, body: Any, who: str | None = "nav1", **headers: str) -> httpx.Response:
        """Send any request; its body as JSON, if there is one."""
        if who is not None:
            headers["Authorization"] = f"Token {self.tokens[who]}"
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {} if body is None else {"json": body}
        return await self.client.request(method, path, headers=named, **sent)

    async def patch(self, pk: int, body: Any, who: str = "nav1", **headers: str) -> httpx.Response:
        return await self.send("PATCH", f"/api/v2/incidents/{pk}/", body, who, **headers)

    async def changes(self, pk: int) -> list[tuple[str, str, str]]:
        """Return the CHI events of an incident as they are stored: type, who, text; oldest first."""
        asked = (
            select(EventRow.type, UserRow.username, EventRow.description)
            .join(UserRow, UserRow.id == EventRow.actor_id)
            .where(EventRow.incident_id == pk, EventRow.type == "CHI")
            .order_by(EventRow.received_at, EventRow.id)
        )
        async with self.site.sessions() as session:
            return [(type_, who, text) for type_, who, text in await session.execute(asked)]

    async def create(
        self, who: str | None = "nav1", headers: dict[str, str] | None = None, **fields: Any
    ) -> httpx.Response:
        return await self.post("/api/v2/incidents/", MINIMAL | fields, who, **(headers or {}))

    async def event(self, pk: int, type_: str, who: str = "nav1", **fields: Any) -> httpx.Response:
        body = {"type": type_, "timestamp": "2025-11-25T01:00:00Z"} | fields
        return await self.post(f"/api/v2/incidents/{pk}/events/", body, who)


def _shared(settings: Settings) -> dict[str, Any]:
    names: Iterable[str] = ("bootstrap_servers", "database_url", "prefix", "session_timeout")
    return {name: getattr(settings, name) for name in names}


@asynccontextmanager
async def _running(run: Any, settings: Any, stop: asyncio.Event) -> AsyncIterator[Health]:
    health = Health()
    task = asyncio.create_task(run(settings, stop, health))
    try:
        yield health
    finally:
        stop.set()
        await task


@asynccontextmanager
async def reading(settings: Settings) -> AsyncIterator[Site]:
    """Look at a site that is open elsewhere."""
    async with Kafka(settings) as kafka, open_database(settings.database_url) as sessions:
        yield Site(kafka, sessions, settings)
