"""All services together, once for all these tests: each brings sources and people of its own."""

from collections.abc import AsyncIterator
from pathlib import Path
from uuid import uuid4

import pytest

from argus_local.gateway import gateway
from argus_local.ports import free_port
from tests import servers as shared
from tests.accounts import own_person, own_source  # noqa: F401  fixtures
from tests.mails import Mails
from tests.one_loop import in_one_loop, named, of_each_test, share_loop
from tests.plugins import install
from tests.stack import Servers, SourceAccount, Stack, running_stack


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let all tests here share the event loop of the stack."""
    share_loop(items, Path(__file__).parent)


@in_one_loop
async def mails(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Mails]:
    """A mail server that is there."""
    mails = Mails(tmp_path_factory.mktemp("pipeline") / "mail")
    await mails.come()
    yield mails
    await mails.go_away()


@in_one_loop
async def servers(
    kafka_server: str, postgres_server: shared.Databases, migrated_database: str, mails: Mails
) -> AsyncIterator[Servers]:
    """Topics and tables of these tests."""
    name = postgres_server.create(template=migrated_database)
    yield Servers(kafka_server, postgres_server.url_of(name), f"pipeline{uuid4().hex[:6]}.", mails.port)
    postgres_server.drop(name)


@pytest.fixture(scope="session")
def building(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where noticeboards hang."""
    return tmp_path_factory.mktemp("building")


@in_one_loop
async def stack(tmp_path_factory: pytest.TempPathFactory, servers: Servers, building: Path) -> AsyncIterator[Stack]:
    """One of each service, ready; packages of somebody else's are installed, of which some cannot be used."""
    more = install(tmp_path_factory.mktemp("site"), "noticeboard", "faulty") | {"NOTICEBOARD_BUILDING": str(building)}
    async with running_stack(tmp_path_factory.mktemp("stack"), servers, more) as stack:
        await stack.start_all()
        yield stack


@in_one_loop
async def url(stack: Stack) -> AsyncIterator[str]:
    """One address for all services."""
    port = free_port()
    async with gateway(stack.route, port):
        yield f"http://127.0.0.1:{port}"


@of_each_test
async def other(stack: Stack, request: pytest.FixtureRequest) -> SourceAccount:
    """Another source."""
    return await stack.source(named("other", request))
