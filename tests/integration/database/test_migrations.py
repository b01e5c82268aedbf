"""Migrations bring any database to the tables of the code, once, whoever else tries."""

from concurrent.futures import ThreadPoolExecutor

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text

from argus_database.engine import database_url as for_psycopg
from argus_database.migrate import migrate
from argus_database.tables import accounts, incidents, logins, maintenance, outbox, profiles
from argus_database.tables.base import Base


@pytest.fixture
def empty(postgres_server):
    name = postgres_server.create()
    yield postgres_server.url_of(name)
    postgres_server.drop(name)


def with_connection(url, ask):
    engine = create_engine(for_psycopg(url))
    try:
        with engine.connect() as connection:
            return ask(connection)
    finally:
        engine.dispose()


def test_the_migrations_make_the_tables_of_the_code(database_url):
    assert all(module.Base is Base for module in (accounts, incidents, logins, maintenance, outbox, profiles))
    found = with_connection(
        database_url, lambda connection: compare_metadata(MigrationContext.configure(connection), Base.metadata)
    )
    assert found == []


def test_migrating_again_changes_nothing(database_url):
    before = with_connection(database_url, lambda connection: inspect(connection).get_table_names())

    migrate(database_url)

    assert with_connection(database_url, lambda connection: inspect(connection).get_table_names()) == before
    assert "incidents" in before


def test_several_may_migrate_at_once(empty):
    with ThreadPoolExecutor() as pool:
        list(pool.map(migrate, [empty] * 4))
    assert "incidents" in with_connection(empty, lambda connection: inspect(connection).get_table_names())


def test_positions_of_a_version_before_stay_where_they_are(empty):
    migrate(empty, "0002")
    with_connection(empty, insert_position)

    migrate(empty)

    found = with_connection(empty, lambda connection: connection.execute(text("TABLE positions")).all())
    assert found == [("argus.incident-events", 3, 17, "")]


def insert_position(connection):
    connection.execute(text("INSERT INTO positions VALUES ('argus.incident-events', 3, 17)"))
    connection.commit()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
def test_an_address_may_name_any_driver(database_url, scheme):
    url = for_psycopg(database_url.replace("postgresql", scheme, 1))
    assert url.drivername == "postgresql+psycopg"
