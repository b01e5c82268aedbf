"""Migrations bring any database to the tables of the code, once, whoever else tries."""

from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import create_engine, inspect, text
from sqlalchemy.exc import OperationalError

from argus_database.engine import database_url as for_psycopg
from argus_database.migrate import migrate
from argus_database.tables import accounts, incidents, logins, maintenance, outbox, profiles
from argus_database.tables.base import Base
from tests.eventually import eventually_blocking


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


def differences(url):
    return with_connection(
        url, lambda connection: compare_metadata(MigrationContext.configure(connection), Base.metadata)
    )


def test_the_migrations_make_the_tables_of_the_code(database_url):
    assert all(module.Base is Base for module in (accounts, incidents, logins, maintenance, outbox, profiles))
    assert differences(database_url) == []


def test_migrating_again_changes_nothing(database_url):
    before = with_connection(database_url, lambda connection: inspect(connection).get_table_names())

    migrate(database_url)

    assert with_connection(database_url, lambda connection: inspect(connection).get_table_names()) == before
    assert "incidents" in before


def test_several_may_migrate_at_once(empty):
    with ThreadPoolExecutor() as pool:
        list(pool.map(migrate, [empty] * 4))
    assert "incidents" in with_connection(empty, lambda connection: inspect(connection).get_table_names())


INCIDENT = """
    INSERT INTO incidents VALUES (%s, %s, 1, '', now(), true, NULL, '', 1, '', '', '{}', '', NULL, now())
"""
WAITING = """
    SELECT pid FROM pg_stat_activity
    WHERE application_name = 'argus migrate' AND wait_event_type = 'Lock' AND datname = current_database()
"""
INVALID = "SELECT indexrelid::regclass::text FROM pg_index WHERE NOT indisvalid"


@pytest.fixture
def watching(empty):
    """A connection to a database of the version before the indexes for lists, for statements of their own."""
    migrate(empty, "0004")
    with psycopg.connect(empty, autocommit=True) as connection:
        yield connection


def test_incidents_are_written_while_their_indexes_are_made(empty, watching):
    with ThreadPoolExecutor() as pool, psycopg.connect(empty) as writing:
        writing.execute(INCIDENT, [1, "1:1"])  # and is not committed yet, so that the migration has to wait
        migrating = pool.submit(migrate, empty)
        eventually_blocking(lambda: watching.execute(WAITING).fetchall())

        watching.execute("SET lock_timeout = '1s'")
        watching.execute(INCIDENT, [2, "1:2"])

        assert not migrating.done()
        writing.commit()
        migrating.result(30)
    assert watching.execute("SELECT count(*) FROM incidents").fetchall() == [(2,)]
    assert differences(empty) == []


def test_a_migration_that_was_interrupted_goes_on_where_it_was(empty, watching):
    with ThreadPoolExecutor() as pool, psycopg.connect(empty) as writing:
        writing.execute(INCIDENT, [1, "1:1"])
        migrating = pool.submit(migrate, empty)
        pid = eventually_blocking(lambda: watching.execute(WAITING).fetchone())
        watching.execute("SELECT pg_terminate_backend(%s)", pid)
        with pytest.raises(OperationalError):
            migrating.result(30)
        assert watching.execute(INVALID).fetchall()
        writing.commit()

    migrate(empty)

    assert watching.execute(INVALID).fetchall() == []
    assert differences(empty) == []


def test_an_index_that_was_left_half_made_is_made_anew(empty, watching):
    watching.execute(INCIDENT, [1, "1:1"])
    watching.execute(INCIDENT, [2, "1:2"])
    with pytest.raises(psycopg.errors.UniqueViolation):
        watching.execute("CREATE UNIQUE INDEX CONCURRENTLY ix_incidents_closed ON incidents (level)")
    assert watching.execute(INVALID).fetchall() == [("ix_incidents_closed",)]

    migrate(empty)

    assert watching.execute(INVALID).fetchall() == []
    assert differences(empty) == []


def test_positions_of_a_version_before_stay_where_they_are(empty):
    migrate(empty, "0002")
    with_connection(empty, insert_position)

    migrate(empty)

    found = with_connection(empty, lambda connection: connection.execute(text("TABLE positions")).all())
    assert found == [("argus.incident-events", 3, 17, "")]


def insert_position(connection):
    connection.execute(text("INSERT INTO positions VALUES ('argus.incident-events', 3, 17)"))
    connection.commit()


def test_mail_addresses_of_a_version_before_have_their_domains_in_lowercase(empty):
    migrate(empty, "0007")
    with_connection(empty, insert_address)

    migrate(empty)

    rows = "SELECT email, settings ->> 'email_address', settings ->> 'url' FROM users JOIN destinations ON true"
    found = with_connection(empty, lambda connection: connection.execute(text(f"{rows} ORDER BY media")).all())
    assert found == [
        ("Al@mail.example.org", "Al@mail.example.org", None),
        ("Al@mail.example.org", None, "http://X@Y.Z/"),
    ]


def insert_address(connection):
    settings = (
        "(1, 'email', '{\"email_address\": \"Al@Mail.EXAMPLE.org\"}'), (1, 'webhook', '{\"url\": \"http://X@Y.Z/\"}')"
    )
    connection.execute(text("INSERT INTO users (username, email) VALUES ('al', 'Al@Mail.Example.ORG')"))
    connection.execute(text(f"INSERT INTO destinations (user_id, media, settings) VALUES {settings}"))
    connection.commit()


@pytest.mark.parametrize("scheme", ["postgresql", "postgresql+psycopg", "postgresql+asyncpg"])
def test_an_address_may_name_any_driver(database_url, scheme):
    url = for_psycopg(database_url.replace("postgresql", scheme, 1))
    assert url.drivername == "postgresql+psycopg"
