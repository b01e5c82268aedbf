"""Bring the tables to the newest version."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.exc import PendingRollbackError
from sqlalchemy.pool import NullPool

from argus_database.engine import connect_arguments, database_url

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_216_305_411
"""The advisory lock of migrations: any number, the same for all who migrate."""

SECONDS_BETWEEN_TRIES = 0.1


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`; a second one that tries meanwhile waits, then finds nothing to do.

    Each version is a transaction, and those that make indexes of large tables several: what an interruption leaves
    undone the next call does.

    Raises:
        sqlalchemy.exc.DBAPIError: PostgreSQL is away, or refused something.
    """
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    with _alone(url) as connection:
        configuration.attributes["connection"] = connection
        try:
            command.upgrade(configuration, revision)
        except PendingRollbackError as error:  # with which Alembic hides that the connection was lost
            raise error.__context__ or error from None


@contextmanager
def _alone(url: str) -> Iterator[Connection]:
    """Give a connection that holds the lock as long as it lasts."""
    engine = create_engine(database_url(url), poolclass=NullPool, connect_args=connect_arguments("argus migrate", None))
    with engine.connect() as connection:
        # Not by waiting in PostgreSQL: an index that is made beside writes waits for whoever waits there.
        while not _locked(connection):
            time.sleep(SECONDS_BETWEEN_TRIES)
        yield connection


def _locked(connection: Connection) -> bool:
    with connection.begin():
        return bool(connection.scalar(text("SELECT pg_try_advisory_lock(:lock)"), {"lock": LOCK}))
