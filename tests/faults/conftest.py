"""Servers of a test's own, which it may stop, kill and pause."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from argus_database.migrate import migrate
from argus_local.kafka import Kafka
from argus_local.postgres import Postgres
from argus_local.server import Running, running
from tests.mails import Mails
from tests.stack import Servers, Stack, running_stack


@pytest.fixture
def broker(tmp_path: Path) -> Iterator[Running]:
    """A Kafka of this test's own."""
    with running(Kafka(tmp_path / "kafka")) as started:
        yield started


@pytest.fixture
def postgres(tmp_path: Path) -> Iterator[Running]:
    """A PostgreSQL of this test's own."""
    with running(Postgres(tmp_path / "postgres", hasty=True)) as started:
        yield started


@pytest.fixture
async def mails(tmp_path: Path) -> AsyncIterator[Mails]:
    """A mail server that is there."""
    mails = Mails(tmp_path / "mail")
    await mails.come()
    yield mails
    await mails.go_away()


@pytest.fixture
async def servers(broker: Running, postgres: Running, prefix: str, mails: Mails) -> Servers:
    assert isinstance(broker.server, Kafka)
    assert isinstance(postgres.server, Postgres)
    url = postgres.server.create_database("argus")
    await asyncio.to_thread(migrate, url)
    return Servers(broker.server.bootstrap_servers, url, prefix, mails.port)


@pytest.fixture
async def stack(tmp_path: Path, servers: Servers) -> AsyncIterator[Stack]:
    """One of each service, ready; retries begin quickly."""
    async with running_stack(tmp_path, servers) as stack:
        await stack.start_all()
        yield stack
