"""A migrated database, topics of this test's own, and the relay between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import httpx
import pytest
from sqlalchemy import event

from argus_api.relay import Relay, publishers
from argus_api.settings import Settings
from argus_database.configuration.sources import add_source
from argus_database.configuration.tokens import create_token
from argus_database.configuration.users import add_user
from argus_database.engine import Sessions, open_database
from argus_runtime.health import Check
from argus_runtime.kafka import Kafka, Record
from argus_schemas.topics import CATALOGUE, DESTINATIONS, RULES, SOURCES
from tests.integration.api.asking import Asking
from tests.integration.api.instance import an_api

DOCUMENTS = (RULES, SOURCES, DESTINATIONS)


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    async with open_database(database_url) as opened:
        yield opened


@pytest.fixture
def settings(database_url: str, kafka_server: str, prefix: str) -> Settings:
    return Settings(
        database_url=database_url, bootstrap_servers=kafka_server, prefix=prefix, metrics_port=0, http_port=0
    )


@pytest.fixture
async def kafka(settings: Settings) -> AsyncIterator[Kafka]:
    """Kafka with all topics of the catalogue."""
    async with Kafka(settings) as opened:
        await (await opened.admin()).create(CATALOGUE)
        yield opened


async def all_records(kafka: Kafka, *topics: Any) -> list[Record]:
    """What stands on the topics, in the order of each."""
    found = []
    for topic in topics:
        reader = await kafka.reader(topic, committed=True)
        found += [record async for record in reader.to_end()]
        await reader.close()
    return found


@pytest.fixture
def published(kafka: Kafka) -> Callable[[], Awaitable[list[tuple[str, Any]]]]:
    """The documents that stand on the compacted topics, by key."""

    async def read() -> list[tuple[str, Any]]:
        return [
            ((record.key or b"").decode(), topic.decode(record.value) if record.value else None)
            for topic in DOCUMENTS
            for record in await all_records(kafka, topic)
        ]

    return read


@pytest.fixture
def relaying(settings: Settings) -> Callable[[], Any]:
    """Runs a relay for as long as the context lasts, and gives its check."""

    @asynccontextmanager
    async def run() -> AsyncIterator[Check]:
        check, stop = Check("outbox", required=False), asyncio.Event()
        relay = Relay(settings.database_url, publishers(settings), check)
        task = asyncio.create_task(relay.run(stop))
        try:
            yield check
        finally:
            stop.set()
            await task

    return run


@pytest.fixture
def app(sessions: Sessions) -> Any:
    """The API, without a server."""
    return an_api(sessions)


@pytest.fixture
async def http(app: Any) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the API, without a server between."""
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://argus.example.org") as client:
        yield client


class People:
    """A user, a source, an administrator, and the headers that each sends."""

    def __init__(self, pks: dict[str, int], keys: dict[str, str]) -> None:
        self.pks = pks
        self._keys = keys

    def __getitem__(self, name: str) -> dict[str, str]:
        return {"Authorization": f"Token {self._keys[name]}"}


@pytest.fixture
async def people(sessions: Sessions) -> People:
    async with sessions.begin() as session:
        nav = await add_source(session, "nav1", "nav", base_url="http://nav1.example.org/")
        zabbix = await add_source(session, "zabbix", "zabbix")
        alice = await add_user(session, "alice", email="alice@example.org", first_name="Alice")
        bob = await add_user(session, "bob")
        admin = await add_user(session, "admin", is_superuser=True)
        pks = {
            "nav": nav.id, "nav user": nav.user_id, "zabbix": zabbix.id, "zabbix user": zabbix.user_id,
            "alice": alice.id, "bob": bob.id, "admin": admin.id,
        }  # fmt: skip
        keys = {name: await create_token(session, name) for name in ("nav1", "zabbix", "alice", "bob", "admin")}
    return People(pks, keys)


@pytest.fixture
def ask(http: httpx.AsyncClient, people: People) -> Asking:
    return Asking(http, people)


@pytest.fixture
def statements(sessions: Sessions) -> Callable[[], Any]:
    """Collects the statements that are executed while the context lasts, but those that ask who somebody is."""
    engine = sessions.kw["bind"].sync_engine

    @contextmanager
    def collect() -> Iterator[list[str]]:
        executed: list[str] = []

        def note(_connection: Any, _cursor: Any, statement: str, *_: Any) -> None:
            if "FROM tokens" not in statement:
                executed.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        try:
            yield executed
        finally:
            event.remove(engine, "before_cursor_execute", note)

    return collect
