"""All services together, with the servers that all tests share, topics and tables of the test's own."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from argus_local.gateway import gateway
from argus_local.ports import free_port
from tests.mails import Mails
from tests.stack import Servers, Stack, running_stack


@pytest.fixture
async def mails(tmp_path: Path) -> AsyncIterator[Mails]:
    """A mail server that is there."""
    mails = Mails(tmp_path / "mail")
    await mails.come()
    yield mails
    await mails.go_away()


@pytest.fixture
def servers(kafka_server: str, database_url: str, prefix: str, mails: Mails) -> Servers:
    return Servers(kafka_server, database_url, prefix, mails.port)


@pytest.fixture
async def stack(tmp_path: Path, servers: Servers) -> AsyncIterator[Stack]:
    """One of each service, ready."""
    async with running_stack(tmp_path, servers) as stack:
        await stack.start_all()
        yield stack


@pytest.fixture
async def url(stack: Stack) -> AsyncIterator[str]:
    """One address for all services."""
    port = free_port()
    async with gateway(stack.route, port):
        yield f"http://127.0.0.1:{port}"
