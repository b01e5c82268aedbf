"""Fixtures for all tests; those that start servers do so once a run, when the first test asks."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from uuid import uuid4

import pytest
from hypothesis import settings

from argus_local import ports
from tests import servers

# How long an example takes says more about the machine than about the code.
settings.register_profile("argus", deadline=None)
settings.load_profile("argus")


def pytest_configure(config: pytest.Config) -> None:
    """Start the shared servers once for all processes of a run; without more processes they start when asked for."""
    if config.getoption("numprocesses", default=None):  # only where the processes are started from
        opened = ExitStack()
        config.add_cleanup(opened.close)
        os.environ["ARGUS_TEST_KAFKA"] = opened.enter_context(servers.kafka())
        os.environ["ARGUS_TEST_DATABASE"] = opened.enter_context(servers.postgres()).url


@pytest.fixture(scope="session")
def kafka_server() -> Iterator[str]:
    """The bootstrap servers of a broker that all tests share."""
    with servers.kafka() as bootstrap_servers:
        yield bootstrap_servers


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[servers.Databases]:
    """A PostgreSQL that all tests share."""
    with servers.postgres() as databases:
        yield databases


@pytest.fixture(scope="session")
def migrated_database(postgres_server: servers.Databases) -> Iterator[str]:
    """The name of a database with all tables and no rows, to be copied, never used."""
    with postgres_server.migrated() as name:
        yield name


@pytest.fixture
def database_url(postgres_server: servers.Databases, migrated_database: str) -> Iterator[str]:
    """The address of a migrated database of this test's own."""
    name = postgres_server.create(template=migrated_database)
    yield postgres_server.url_of(name)
    postgres_server.drop(name)


@pytest.fixture
def prefix() -> str:
    """What the names of this test's topics and groups start with."""
    return f"t{uuid4().hex[:10]}."


@pytest.fixture
def free_port() -> int:
    """A port of 127.0.0.1 that nobody listens on."""
    return ports.free_port()
