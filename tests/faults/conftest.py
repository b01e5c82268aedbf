"""Servers of these tests' own, which they stop, kill and pause, and one stack that must recover from all of it."""

from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import aiohttp
import pytest

from argus_database.migrate import migrate
from argus_local.kafka import Kafka
from argus_local.postgres import Postgres
from argus_local.server import Running, running
from tests.accounts import own_person, own_source  # noqa: F401  fixtures
from tests.faults.load import Caller
from tests.mails import Mails
from tests.one_loop import in_one_loop, of_each_test, share_loop
from tests.stack import PersonAccount, Servers, SourceAccount, Stack, running_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all tests here share the event loop of the stack."""
    share_loop(items, Path(__file__).parent)


@pytest.fixture(scope="session")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A Kafka of these tests' own."""
    with running(Kafka(tmp_path_factory.mktemp("kafka"))) as started:
        yield started


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """A PostgreSQL of these tests' own."""
    with running(Postgres(tmp_path_factory.mktemp("postgres"), hasty=True)) as started:
        yield started


@in_one_loop
async def mails(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mails]:
    """A mail server that is there."""
    mails = Mails(tmp_path_factory.mktemp("faults") / "mail")
    await mails.come()
    yield mails
    await mails.go_away()


@pytest.fixture(scope="session")
def servers(broker: Running, postgres: Running, mails: Mails) -> Servers:
    assert isinstance(broker.server, Kafka)
    assert isinstance(postgres.server, Postgres)
    url = postgres.server.create_database("argus")
    migrate(url)
    return Servers(broker.server.bootstrap_servers, url, "faults.", mails.port)


@in_one_loop
async def stack(tmp_path_factory: pytest.TempPathFactory, servers: Servers) -> AsyncIterator[Stack]:
    """One of each service, ready."""
    async with running_stack(tmp_path_factory.mktemp("stack"), servers) as stack:
        await stack.start_all()
        yield stack


@of_each_test
async def caller(stack: Stack, source: SourceAccount, person: PersonAccount) -> AsyncIterator[Caller]:
    """A glue service of this test's source, who has started and ended an incident before."""
    async with aiohttp.ClientSession() as session:
        caller = Caller(lambda: stack.members["ingest"].url, source, session)
        await caller.end(await caller.start("before"), "before")
        yield caller
