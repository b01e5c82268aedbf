"""A store of this test's own: real Kafka, real PostgreSQL, the service in a task."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

import pytest

from argus_database.engine import open_database
from argus_runtime.health import Health
from argus_runtime.kafka import Kafka
from argus_runtime.lifecycle import until_stuck
from argus_schemas.topics import CATALOGUE
from argus_store.app import run
from argus_store.intake import Pace
from argus_store.settings import Settings
from tests.integration.store.pipeline import Pipeline, Tables


@pytest.fixture
def settings(kafka_server: str, database_url: str, prefix: str) -> Settings:
    return Settings(bootstrap_servers=kafka_server, database_url=database_url, prefix=prefix, session_timeout=6)


@pytest.fixture
async def pipeline(settings: Settings) -> AsyncIterator[Pipeline]:
    """The topics, the tables, and what a test says to both."""
    async with Kafka(settings) as kafka:
        admin = await kafka.admin()
        await admin.create(CATALOGUE)
        async with Pipeline.opened(kafka, settings) as pipeline:
            yield pipeline
        await admin.delete([kafka.name(topic) for topic in CATALOGUE])


@pytest.fixture
async def tables(database_url: str) -> AsyncIterator[Tables]:
    """The tables alone."""
    async with open_database(database_url) as sessions:
        yield Tables(sessions)


@asynccontextmanager
async def running(settings: Settings, pace: Pace = Pace()) -> AsyncIterator[Health]:  # noqa: B008  it is frozen
    """Run a store until the block ends, or until it needs its operator; any other error is the test's."""
    stop, health = asyncio.Event(), Health()
    task = asyncio.create_task(until_stuck(partial(run, pace=pace), settings, stop, health))
    try:
        yield health
    finally:
        stop.set()
        await task


@pytest.fixture
async def store(pipeline: Pipeline, settings: Settings) -> AsyncIterator[Health]:
    async with running(settings) as health:
        yield health
