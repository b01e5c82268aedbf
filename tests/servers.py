"""The servers that tests use: started once a run, or those of a developer who keeps them running."""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit
from uuid import uuid4

import psycopg
from psycopg import sql

from argus_database.migrate import migrate
from argus_local.kafka import Kafka
from argus_local.postgres import Postgres
from argus_local.server import running


@contextmanager
def folder() -> Iterator[Path]:
    """Give a folder that is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="argus-test-", ignore_cleanup_errors=True) as name:
        yield Path(name)


@contextmanager
def kafka() -> Iterator[str]:
    """Give the bootstrap servers of `ARGUS_TEST_KAFKA`, else of a broker of our own."""
    if given := os.environ.get("ARGUS_TEST_KAFKA"):
        yield given
        return
    with folder() as where, running(Kafka(where)) as started:
        yield f"127.0.0.1:{started.server.port}"


@contextmanager
def postgres() -> Iterator["Databases"]:
    """Give the databases of `ARGUS_TEST_DATABASE` (an administrator's URL), else of a server of our own."""
    if given := os.environ.get("ARGUS_TEST_DATABASE"):
        yield Databases(given)
        return
    with folder() as where:
        server = Postgres(where, hasty=True)
        with running(server):
            yield Databases(server.url("postgres"))


class Databases:
    """Makes and drops databases on one PostgreSQL server."""

    def __init__(self, url: str) -> None:
        self.url = url
        """The administrator's."""

    def url_of(self, name: str) -> str:
        """Return the address of a database there."""
        return urlunsplit(urlsplit(self.url)._replace(path=f"/{name}"))

    def create(self, template: str = "template0") -> str:
        """Create a database like `template` and return its name."""
        name = f"test_{uuid4().hex[:12]}"
        self._do("create database {} template {}", name, template)
        return name

    def drop(self, name: str) -> None:
        """Drop a database, whoever is still connected."""
        self._do("drop database if exists {} with (force)", name)

    @contextmanager
    def migrated(self) -> Iterator[str]:
        """Give the name of a database with all tables, to be copied by each test."""
        name = self.create()
        migrate(self.url_of(name))
        try:
            yield name
        finally:
            self.drop(name)

    def _do(self, statement: str, *names: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            connection.execute(sql.SQL(statement).format(*map(sql.Identifier, names)))
