"""An ingest and a store on real Kafka and PostgreSQL: one for all tests of a module, or a test's own."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from uuid import uuid4

import pytest
import pytest_asyncio

from argus_database.engine import open_database
from argus_ingest.settings import Settings
from argus_runtime.kafka import Kafka
from tests.integration.ingest.site import Ingest, Site
from tests.servers import Databases


@pytest.fixture
def settings(kafka_server: str, database_url: str, prefix: str) -> Settings:
    return Settings(bootstrap_servers=kafka_server, database_url=database_url, prefix=prefix, session_timeout=6)


@pytest.fixture
async def site(settings: Settings) -> AsyncIterator[Site]:
    """A site of this test's own, on which no service runs yet."""
    async with opened(settings) as site:
        yield site


@pytest.fixture(scope="module")
def shared_settings(kafka_server: str, postgres_server: Databases, migrated_database: str) -> Iterator[Settings]:
    name = postgres_server.create(template=migrated_database)
    yield Settings(
        bootstrap_servers=kafka_server, database_url=postgres_server.url_of(name), prefix=f"t{uuid4().hex[:10]}.",
        session_timeout=6,
    )  # fmt: skip
    postgres_server.drop(name)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def ingest(shared_settings: Settings) -> AsyncIterator[Ingest]:
    """An ingest and a store, both ready, for tests that only post."""
    async with opened(shared_settings) as site, site.store(), site.ingest() as ingest:
        yield ingest


@asynccontextmanager
async def opened(settings: Settings) -> AsyncIterator[Site]:
    """Give topics, tables, two sources, a user and an administrator."""
    async with Kafka(settings) as kafka, open_database(settings.database_url) as sessions:
        site = Site(kafka, sessions, settings)
        await site.create_topics()
        await site.add_source("nav1", base_url="http://nav1.example.org/")
        await site.add_source("zino")
        await site.add_user("alice")
        await site.add_user("root", is_superuser=True)
        await site.publish()
        yield site
        admin = await kafka.admin()
        await admin.delete(await admin.topics())
