"""PostgreSQL or Kafka goes away and comes back; the store says so, waits, and goes on by itself."""

import time
from pathlib import Path

import pytest

from argus_database.migrate import migrate
from argus_local.kafka import Kafka as KafkaServer
from argus_local.postgres import Postgres
from argus_local.server import running as serving
from argus_runtime.kafka import Kafka
from argus_schemas.topics import CATALOGUE
from argus_store.settings import Settings
from tests.eventually import eventually
from tests.integration.store.conftest import running
from tests.integration.store.pipeline import Pipeline
from tests.integration.store.test_two_stores import all_are_closed_once, lives

# The whole system's outages are in tests/faults; these show one service at a time.
pytestmark = pytest.mark.long

SHORT, LONG = 3, pytest.param(20, marks=pytest.mark.long)


async def lasts(seconds: float) -> None:
    until = time.monotonic() + seconds
    await eventually(lambda: time.monotonic() > until, within=seconds + 5)


async def topics(kafka):
    await (await kafka.admin()).create(CATALOGUE)


@pytest.mark.parametrize("seconds", [SHORT, LONG])
@pytest.mark.parametrize("ending", ["stop", "kill"])
async def test_postgresql_is_waited_for(kafka_server, prefix, tmp_path: Path, seconds, ending):
    postgres = Postgres(tmp_path, hasty=True)
    with serving(postgres) as server:
        url = postgres.create_database("argus")
        migrate(url)
        settings = Settings(bootstrap_servers=kafka_server, database_url=url, prefix=prefix)
        async with Kafka(settings) as kafka, Pipeline.opened(kafka, settings) as pipeline:
            await topics(kafka)
            async with running(settings) as health:
                await pipeline.send(*lives(range(1, 50)))
                await pipeline.stored()
                getattr(server, ending)()
                await pipeline.send(*lives(range(50, 100)))
                await eventually(lambda: not health.ready, within=60)
                await lasts(seconds)
                server.start()
                await eventually(lambda: health.ready, within=60)
                await pipeline.stored()
            await all_are_closed_once(pipeline, 99)
            await (await kafka.admin()).delete([kafka.name(topic) for topic in CATALOGUE])


@pytest.mark.parametrize("seconds", [SHORT, LONG])
async def test_kafka_is_waited_for(database_url, prefix, tmp_path: Path, seconds):
    broker = KafkaServer(tmp_path)
    with serving(broker) as server:
        settings = Settings(bootstrap_servers=broker.bootstrap_servers, database_url=database_url, prefix=prefix)
        async with Kafka(settings) as kafka, Pipeline.opened(kafka, settings) as pipeline:
            await topics(kafka)
            async with running(settings) as health:
                await pipeline.send(*lives(range(1, 50)))
                await pipeline.stored()
                server.kill()
                await eventually(lambda: not health.ready, within=60)
                await lasts(seconds)
                server.start()
                await eventually(lambda: health.ready, within=60)
                await pipeline.send(*lives(range(50, 100)))
                await pipeline.stored()
            await all_are_closed_once(pipeline, 99)
