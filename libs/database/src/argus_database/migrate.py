"""Bring the tables to the newest version."""

from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from argus_database.engine import connect_arguments, database_url

MIGRATIONS = Path(__file__).parent / "migrations"
LOCK = 7_216_305_411
"""The advisory lock of migrations: any number, the same for all who migrate."""


def migrate(url: str, revision: str = "head") -> None:
    """Bring the database at `url` to `revision`; a second one that tries meanwhile waits, then finds nothing to do."""
    configuration = Config()
    configuration.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    engine = create_engine(database_url(url), poolclass=NullPool, connect_args=connect_arguments("argus migrate", None))
    with engine.begin() as connection:
        connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        configuration.attributes["connection"] = connection
        command.upgrade(configuration, revision)
