"""An installation is set up with `argus migrate`, `topics`, `user`, `source` and `token`."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, text

from argus_database.configuration import passwords
from argus_database.configuration.login_limits import Limits, count_failure
from argus_database.configuration.tokens import MOST_MADE, create_token, digest_of
from argus_database.engine import open_database
from argus_database.tables.accounts import SourceRow, TokenRow, UserRow
from argus_database.tables.logins import LoginFailureRow
from argus_database.tables.outbox import OutboxRow
from argus_runtime.kafka import Kafka
from argus_runtime.settings import KafkaSettings
from argus_schemas.ids import Base, Block
from argus_schemas.topics import CATALOGUE, IDS, SOURCES


def rows(database_url, statement):
    async def read():
        async with open_database(database_url) as sessions, sessions() as session:
            return list(await session.scalars(statement))

    return asyncio.run(read())


def execute(database_url, statement):
    async def write():
        async with open_database(database_url) as sessions, sessions.begin() as session:
            await session.execute(text(statement))

    asyncio.run(write())


def records(kafka_server, prefix, topic):
    async def read():
        async with Kafka(KafkaSettings(bootstrap_servers=kafka_server, prefix=prefix)) as kafka:
            return [record async for record in (await kafka.reader(topic)).to_end()]

    return asyncio.run(read())


def test_migrating_again_changes_nothing(argus):
    assert "up to date" in argus("migrate").output
    assert "up to date" in argus("migrate").output


def test_topics_are_created_once_and_ids_begin_above_nothing(argus, argus_json, kafka_server, prefix):
    assert f"{prefix}incident-events is missing" in argus("topics", "--check", code=3).output

    made = argus_json("topics")
    assert set(made["created"]) == {prefix + topic.name for topic in CATALOGUE}
    assert made["ids_above"] == 0
    assert argus_json("topics") == {"created": [], "ids_above": None, "documents_published_anew": False}
    assert "as the catalogue says" in argus("topics", "--check").output

    (base,) = records(kafka_server, prefix, IDS)
    assert IDS.decode(base.value) == Base(above=0)


def test_ids_of_a_new_log_begin_above_those_of_the_tables(argus_json, database_url):
    execute(database_url, "insert into aliases (pk, incident_id) values (4711, 1)")
    assert argus_json("topics")["ids_above"] > 4711


def test_a_service_that_was_quicker_does_not_keep_ids_from_beginning(argus, argus_json, kafka_server, prefix):
    async def take_a_block():
        async with Kafka(KafkaSettings(bootstrap_servers=kafka_server, prefix=prefix)) as kafka:
            await (await kafka.admin()).create(CATALOGUE)
            await (await (await kafka.producer()).send(IDS, "ingest", Block(service="ingest")))

    asyncio.run(take_a_block())

    assert "where ids begin" in argus("topics", "--check", code=3).output
    assert argus_json("topics")["ids_above"] == 0
    assert "as the catalogue says" in argus("topics", "--check").output


def test_a_new_log_gets_the_configuration_again(argus, argus_json, database_url, prefix):
    source = argus_json("source", "add", "nav1", "--type", "nav")
    execute(database_url, "delete from outbox")

    made = argus_json("topics")

    assert f"{prefix}reports.nav1" in made["created"]
    assert made["documents_published_anew"]
    assert rows(database_url, select(OutboxRow.key)) == [f"source:{source['pk']}"]
    assert rows(database_url, select(OutboxRow.topic)) == [SOURCES.name]


def test_a_user_is_added_with_what_it_needs(argus, argus_json, database_url):
    added = argus_json(
        "user", "add", "alice", "--email", "alice@example.org", "--admin", "--password-stdin", input="pw\n"
    )
    assert added == {"pk": added["pk"], "username": "alice", "email": "alice@example.org", "is_superuser": True}
    (user,) = rows(database_url, select(UserRow))
    assert asyncio.run(passwords.fits("pw", user.password))

    assert "already" in argus("user", "add", "alice", code=1).output
    argus("user", "deactivate", "alice")
    assert rows(database_url, select(UserRow.is_active)) == [False]
    argus("user", "activate", "alice")
    argus("user", "set-password", "alice", "--password", "other")
    (user,) = rows(database_url, select(UserRow))
    assert user.is_active
    assert asyncio.run(passwords.fits("other", user.password))


@pytest.mark.parametrize("name", ["first", "last"])
def test_a_persons_names_are_as_long_as_there_is_room(argus, database_url, name):
    refused = argus("user", "add", "alice", f"--{name}-name", "x" * 151, code=1).output
    assert f"A {name} name has at most 150 characters." in refused
    argus("user", "add", "alice", f"--{name}-name", "ß" * 150)
    assert rows(database_url, select(getattr(UserRow, f"{name}_name"))) == ["ß" * 150]


def test_a_user_is_deleted_with_what_it_has_configured_and_a_source_is_not(argus, database_url):
    argus("user", "add", "alice", "--email", "alice@example.org")
    argus("source", "add", "nav1", "--type", "nav")
    assert "alice is deleted." in argus("user", "delete", "alice").output
    assert rows(database_url, select(UserRow.username)) == ["nav1"]
    assert (
        rows(database_url, select(OutboxRow.value).where(OutboxRow.topic == "destinations").order_by(OutboxRow.id))[-1]
        is None
    )
    assert "only made inactive" in argus("user", "delete", "nav1", code=1).output
    assert "no user named" in argus("user", "delete", "alice", code=1).output


def test_a_password_may_stand_in_the_environment(argus, database_url, monkeypatch):
    argus("user", "add", "alice")
    argus("user", "set-password", "alice", code=2)
    monkeypatch.setenv("ARGUS_USER_PASSWORD", "of the environment")
    argus("user", "set-password", "alice")
    argus("user", "set-password", "bob", code=1)

    (user,) = rows(database_url, select(UserRow))
    assert asyncio.run(passwords.fits("of the environment", user.password))


def test_a_user_who_was_locked_out_by_failures_may_try_again(argus, database_url):
    argus("user", "add", "alice")
    argus("user", "add", "bob")
    keys = [key for name in ("alice", "bob") for key in Limits().keys(name, "192.0.2.1", known=False)]

    async def fail():
        async with open_database(database_url) as sessions, sessions.begin() as session:
            await count_failure(session, keys, datetime.now(UTC))

    asyncio.run(fail())
    argus("user", "unlock", "nobody", code=1)
    argus("user", "unlock", "alice", "--address", "nowhere", code=2)
    kept = select(LoginFailureRow.key)
    assert len(rows(database_url, kept)) == 5

    argus("user", "unlock", "alice")
    assert len(rows(database_url, kept)) == 3
    argus("user", "unlock", "alice", "--address", "192.0.2.1")
    assert len(rows(database_url, kept)) == 2
    argus("user", "unlock", "bob")
    assert rows(database_url, kept) == []


@pytest.mark.rule(160)
def test_an_installation_is_set_up_once_and_again_with_a_warning(argus, argus_json, database_url):
    said = argus_json("setup", "--email", "admin@example.org")
    assert said == {"username": "admin", "added": True, "password": said["password"]}
    admin, own = rows(database_url, select(UserRow).order_by(UserRow.username))
    assert (admin.username, admin.email, admin.is_superuser, admin.is_staff) == (
        "admin", "admin@example.org", True, True,
    )  # fmt: skip
    assert asyncio.run(passwords.fits(said["password"], admin.password))
    assert (own.username, own.is_superuser) == ("argus", True)
    assert rows(database_url, select(SourceRow.name)) == ["argus"]
    assert "as the catalogue says" in argus("topics", "--check").output

    again = argus("setup", "--password", "another")
    assert "Warning: There is already an administrator named 'admin'." in again.stderr
    assert "password  " not in again.stdout
    (admin, _) = rows(database_url, select(UserRow).order_by(UserRow.username))
    assert asyncio.run(passwords.fits(said["password"], admin.password))


def test_an_administrator_gets_the_password_that_is_given(argus, database_url):
    output = argus("setup", "-u", "root", "--password-stdin", input="given\n").output
    assert "given" not in output
    (root,) = rows(database_url, select(UserRow).where(UserRow.username == "root"))
    assert asyncio.run(passwords.fits("given", root.password))


def test_a_source_is_added_with_its_token(argus, database_url, prefix):
    output = argus("source", "add", "NAV Oslo", "--type", "nav", "--url", "http://nav.example.org/").output
    said = dict(line.split(maxsplit=1) for line in output.splitlines() if line.startswith(("slug", "topic", "token")))
    assert (said["slug"], said["topic"]) == ("nav-oslo", f"{prefix}reports.nav-oslo")
    assert rows(database_url, select(TokenRow.digest)) == [digest_of(said["token"])]
    assert "slug" in argus("source", "add", "x", "--type", "nav", "--slug", "A", code=1).output


def test_a_token_is_printed_alone(argus, database_url):
    argus("user", "add", "alice")
    key = argus("token", "create", "alice", "--expires", "1.5").stdout.strip()
    (token,) = rows(database_url, select(TokenRow))
    assert token.digest == digest_of(key)
    assert abs(token.expires_at - token.created_at - timedelta(days=1.5)) < timedelta(minutes=1)
    assert "no user named" in argus("token", "create", "bob", code=1).output


def test_a_user_has_a_hundred_tokens_at_most_until_they_are_taken_back(argus, argus_json, database_url):
    async def give(many, lasting):
        async with open_database(database_url) as sessions:
            for _ in range(many):
                async with sessions.begin() as session:
                    await create_token(session, "alice", expires=lasting)

    argus("user", "add", "alice")
    asyncio.run(give(1, timedelta(seconds=-1)))
    asyncio.run(give(MOST_MADE - 1, None))
    key = argus("token", "create", "alice").stdout.strip()
    assert "`argus token revoke`" in argus("token", "create", "alice", code=1).output
    assert digest_of(key) in rows(database_url, select(TokenRow.digest))

    assert argus_json("token", "revoke", "alice") == {"username": "alice", "revoked": MOST_MADE}
    assert rows(database_url, select(TokenRow)) == []
    argus("token", "create", "alice")
    argus("token", "revoke", "nobody", code=1)


def test_tokens_of_a_source_that_were_taken_back_are_no_longer_in_its_document(argus, database_url):
    argus("source", "add", "nav1", "--type", "nav")
    argus("token", "revoke", "nav1")
    last = rows(database_url, select(OutboxRow.value).order_by(OutboxRow.id.desc()))[0]
    assert SOURCES.decode(last).tokens == ()


def test_documents_that_are_not_as_the_tables_say_are_named_and_published_anew(argus, argus_json, database_url):
    argus("topics")
    argus("source", "add", "nav1", "--type", "nav")
    execute(database_url, "delete from outbox")  # as if somebody had emptied it before they were published

    named = argus_json("topics", "--documents", "--check", code=3)["differences"]
    assert [(one["topic"], one["how"]) for one in named] == [("sources", "missing")]
    assert rows(database_url, select(OutboxRow.key)) == []

    assert "1 differed" in argus("topics", "--documents").output
    assert rows(database_url, select(OutboxRow.key)) == [named[0]["key"]]
    assert "as the tables say" in argus("topics", "--documents", "--check").output
