"""The api as a process: what is away comes back, what is killed is started again, and nothing is lost."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import pytest

from argus_api.settings import Settings
from argus_database.configuration.sources import add_source
from argus_database.configuration.tokens import create_token
from argus_database.configuration.users import add_user
from argus_database.engine import open_database
from argus_database.migrate import migrate
from argus_local.kafka import Kafka as KafkaServer
from argus_local.ports import free_port
from argus_local.postgres import Postgres
from argus_local.server import running
from argus_runtime.kafka import Kafka
from argus_schemas.topics import CATALOGUE, SOURCES
from tests.eventually import eventually
from tests.integration.api.conftest import all_records
from tests.integration.api.test_relay import until_empty

STARTED = 60
"""Seconds for a process to start on a machine that has much else to do."""


class Api:
    """A process of the api, and where it answers."""

    def __init__(self, settings: Settings) -> None:
        self.port, self.metrics_port = free_port(), free_port()
        self._environment = os.environ | {
            "ARGUS_DATABASE_URL": settings.database_url,
            "ARGUS_KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers,
            "ARGUS_PREFIX": settings.prefix,
            "ARGUS_HTTP_PORT": str(self.port),
            "ARGUS_METRICS_PORT": str(self.metrics_port),
        }
        self.process = self._start()

    def _start(self) -> "subprocess.Popen[bytes]":
        return subprocess.Popen([sys.executable, "-m", "argus_api"], env=self._environment, stderr=subprocess.DEVNULL)

    def kill_and_start_again(self) -> None:
        self.process.kill()
        self.process.wait()
        self.process = self._start()

    async def get(self, path: str, **options) -> httpx.Response:
        async with httpx.AsyncClient() as client:
            return await client.get(f"http://127.0.0.1:{self.port}{path}", **options)

    async def health(self) -> Any:
        try:
            async with httpx.AsyncClient() as client:
                return (await client.get(f"http://127.0.0.1:{self.metrics_port}/health/ready")).json()
        except httpx.TransportError:
            return {"ready": False, "checks": {}}

    async def ready(self) -> Any:
        return (await self.health())["ready"]


@contextmanager
def an_api(settings: Settings) -> Iterator[Api]:
    api = Api(settings)
    try:
        yield api
    finally:
        api.process.terminate()
        api.process.wait(15)


async def test_a_relay_that_is_killed_again_and_again_loses_nothing_and_keeps_the_order(settings, sessions, kafka):
    async def write():
        for number in range(40):
            async with sessions.begin() as session:
                await add_source(session, f"source {number}", "nav")
                await create_token(session, f"source-{number}")
            await asyncio.sleep(0.05)

    with an_api(settings) as api:
        await eventually(api.ready, within=STARTED)
        writing = asyncio.create_task(write())
        for _ in range(2):
            before = len(await all_records(kafka, SOURCES))

            async def some_more(before=before):
                return writing.done() or len(await all_records(kafka, SOURCES)) > before

            await eventually(some_more, within=30)
            api.kill_and_start_again()
        await writing
        await until_empty(sessions, within=30)

    last: dict[bytes | None, int] = {}
    newest: dict[bytes | None, int] = {}
    for record in await all_records(kafka, SOURCES):
        last[record.key] = SOURCES.decode(record.value or b"").version
        newest[record.key] = max(newest.get(record.key, 0), last[record.key])
    assert len(last) == 40
    assert last == newest, "the last record of a document is its newest version"


async def test_it_stops_on_a_signal(settings, kafka):
    with an_api(settings) as api:
        await eventually(api.ready, within=STARTED)
        api.process.send_signal(signal.SIGTERM)
        assert api.process.wait(10) == 0


async def test_reads_answer_503_while_postgresql_is_away_and_recover(settings, kafka, tmp_path):
    postgres = Postgres(tmp_path, hasty=True)
    with running(postgres) as server:
        url = postgres.create_database("argus")
        await asyncio.to_thread(migrate, url)
        async with open_database(url) as sessions, sessions.begin() as session:
            await add_user(session, "alice")
            key = await create_token(session, "alice")
        headers = {"Authorization": f"Token {key}"}
        with an_api(settings.model_copy(update={"database_url": url})) as api:
            await eventually(api.ready, within=STARTED)
            assert (await api.get("/api/v2/incidents/", headers=headers)).status_code == 200

            await asyncio.to_thread(server.kill)
            response = await api.get("/api/v2/incidents/", headers=headers)
            assert response.status_code == 503
            assert "PostgreSQL" in response.json()["detail"]
            assert response.headers["Retry-After"]

            async def degraded():
                return not await api.ready()

            await eventually(degraded)
            assert (await api.get("/api/")).status_code == 200

            await asyncio.to_thread(server.start)
            await eventually(api.ready, within=STARTED)
            assert (await api.get("/api/v2/incidents/", headers=headers)).status_code == 200


@pytest.mark.timeout(120)
@pytest.mark.long  # tests/faults shows it for all services together
async def test_configuration_is_saved_while_kafka_is_away_and_published_when_it_is_back(settings, sessions, tmp_path):
    broker = KafkaServer(tmp_path)
    with running(broker) as server:
        chosen = settings.model_copy(update={"bootstrap_servers": broker.bootstrap_servers})
        async with Kafka(chosen) as kafka:
            await (await kafka.admin()).create(CATALOGUE)
        with an_api(chosen) as api:
            await eventually(api.ready, within=STARTED)
            await asyncio.to_thread(server.stop)
            async with sessions.begin() as session:
                await add_source(session, "nav1", "nav")

            async def waits():
                health = await api.health()
                return health["ready"] and not health["checks"]["outbox"]["ok"]

            await eventually(waits, within=30)
            await asyncio.to_thread(server.start)
            await until_empty(sessions, within=STARTED)

            async def well():
                return all(check["ok"] for check in (await api.health())["checks"].values())

            await eventually(well, within=STARTED)
        async with Kafka(chosen) as kafka:
            assert len(await all_records(kafka, SOURCES)) == 1
