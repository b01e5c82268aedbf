"""The `argus` command against real servers, in this process."""

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from click.testing import CliRunner, Result

from argus_cli.main import main
from argus_database.engine import open_database
from argus_local.gateway import gateway
from argus_local.ports import free_port
from tests import servers
from tests.integration.cli.system import System
from tests.stack import Servers, running_stack

Argus = Callable[..., Result]


@pytest.fixture
def argus(database_url: str, kafka_server: str, prefix: str, monkeypatch: pytest.MonkeyPatch) -> Argus:
    """Runs the command with this test's servers in the environment; fails the test where it fails."""
    monkeypatch.setenv("ARGUS_DATABASE_URL", database_url)
    monkeypatch.setenv("ARGUS_KAFKA_BOOTSTRAP_SERVERS", kafka_server)
    monkeypatch.setenv("ARGUS_PREFIX", prefix)

    def run(*arguments: str, code: int = 0, input: str | None = None) -> Result:  # noqa: A002  click's own word
        result = CliRunner().invoke(main, list(arguments), input=input)
        assert result.exit_code == code, (result.output, result.exception)
        return result

    return run


@pytest.fixture
def argus_json(argus: Argus) -> Callable[..., Any]:
    """Runs the command with --json and returns what it says."""

    def run(*arguments: str, **options: Any) -> Any:
        return json.loads(argus(*arguments, "--json", **options).stdout)

    return run


@pytest_asyncio.fixture(scope="package", loop_scope="package")
async def system(
    tmp_path_factory: pytest.TempPathFactory, kafka_server: str, postgres_server: servers.Databases,
    migrated_database: str,
) -> AsyncIterator[System]:  # fmt: skip
    """Ingest, store and api behind one address, once for all tests here."""
    name, port = postgres_server.create(template=migrated_database), free_port()
    where = Servers(kafka_server, postgres_server.url_of(name), f"cli{uuid4().hex[:6]}.", free_port())
    async with running_stack(tmp_path_factory.mktemp("stack"), where) as stack:
        for service in ("ingest", "store", "api"):
            stack.start(service)
        await stack.all_ready()
        async with gateway(stack.route, port), open_database(where.database) as sessions:
            yield System(stack, f"http://127.0.0.1:{port}", sessions)
    postgres_server.drop(name)
