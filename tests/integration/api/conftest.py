"""A migrated database, topics of this test's own, and the relay between them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from argus_api.relay import Relay, publishers
from argus_api.settings import Settings
from argus_database.engine import Sessions, open_database
from argus_runtime.health import Check
from argus_runtime.kafka import Kafka, Record
from argus_schemas.topics import CATALOGUE, DESTINATIONS, RULES, SOURCES

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
            (str(record.key, "utf-8"), topic.decode(record.value) if record.value else None)
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
