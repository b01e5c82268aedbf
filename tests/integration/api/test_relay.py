"""The relay carries each document from the outbox to its topic: at least once, in order, and soon."""

import asyncio
import time
from statistics import median

import psycopg
import pytest
from sqlalchemy import func, insert, select

from argus_api.listening import Row
from argus_api.publishing import Broken
from argus_api.relay import publishers
from argus_database.configuration.filters import add_filter, change_filter
from argus_database.configuration.profiles import add_profile
from argus_database.configuration.sources import add_source
from argus_database.configuration.tokens import create_token, digest_of
from argus_database.configuration.users import add_user
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import TimeslotRow
from argus_runtime.errors import Fenced, LogUnavailable
from argus_schemas.configuration import Filter
from argus_schemas.topics import SOURCES
from tests.eventually import eventually
from tests.integration.api.conftest import all_records


async def waiting(sessions):
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(OutboxRow))


async def until_empty(sessions, within=20):
    async def empty():
        return await waiting(sessions) == 0

    await eventually(empty, within=within)


async def test_a_source_is_published_after_its_topic_is_there(sessions, relaying, kafka, published, prefix):
    async with relaying():
        async with sessions.begin() as session:
            source = await add_source(session, "nav1", "nav")
            key = await create_token(session, "nav1")
        await until_empty(sessions)

    documents = await published()
    assert [name for name, _ in documents] == [f"source:{source.id}"] * 2
    assert [token.digest for token in documents[-1][1].tokens] == [digest_of(key)]
    assert f"{prefix}reports.nav1" in await (await kafka.admin()).topics()


async def test_what_was_written_while_no_relay_ran_comes_in_order(sessions, relaying, published):
    async with sessions.begin() as session:
        user = (await add_user(session, "alice")).id
        slot = await session.scalar(select(TimeslotRow.id))
        filter_ = await add_filter(session, user, "bad ones", Filter(maxlevel=1))
        await add_profile(session, user, timeslots=[slot], filters=[filter_.id])
    for level in (2, 3, 4, 5):
        async with sessions.begin() as session:
            await change_filter(session, user, filter_.id, filter_=Filter(maxlevel=level))

    async with relaying():
        await until_empty(sessions)

    documents = [document for _, document in await published()]
    assert [document.filters[0].filter.maxlevel for document in documents] == [1, 2, 3, 4, 5]
    assert [document.version for document in documents] == sorted({document.version for document in documents})


async def test_a_document_is_published_within_200_ms(sessions, relaying, kafka):
    seconds = []
    async with relaying() as check:
        await eventually(lambda: check.state.ok)
        async with sessions.begin() as session:
            await add_source(session, "nav1", "nav")
        await until_empty(sessions)
        for _ in range(10):
            async with sessions.begin() as session:
                await create_token(session, "nav1")
            begun = time.monotonic()
            await until_empty(sessions)
            seconds.append(time.monotonic() - begun)
    assert median(seconds) < 0.2


async def test_a_row_that_cannot_be_published_is_kept_and_holds_up_nobody(sessions, relaying, published):
    async with sessions.begin() as session:
        broken = [
            {"topic": "nowhere", "key": "x", "value": b"{}"},
            {"topic": "sources", "key": "source:1", "value": b"not a document"},
        ]
        await session.execute(insert(OutboxRow), broken)
        await add_source(session, "nav1", "nav")

    async with relaying() as check:

        async def only_the_broken():
            return await waiting(sessions) == 1 and "nowhere" in check.state.detail

        await eventually(only_the_broken)
        assert not check.state.ok
    assert len(await published()) == 1, "the newer document of the source replaces the broken one"


async def test_one_of_two_relays_works_and_the_other_takes_over(sessions, relaying, published):
    async with relaying() as first:
        await eventually(lambda: first.state.ok)
        async with relaying() as second:
            await eventually(lambda: "another process" in second.state.detail)
            async with sessions.begin() as session:
                await add_source(session, "nav1", "nav")
            await until_empty(sessions)
    assert len(await published()) == 1


async def test_a_predecessor_that_lost_its_lock_cannot_publish_any_more(sessions, settings, kafka, published):
    async with sessions.begin() as session:
        await add_source(session, "nav1", "nav")
    async with sessions() as session:
        row = Row(*(await session.execute(select(*OutboxRow.__table__.columns))).one())
    give = publishers(settings)
    async with give(Broken()) as slow, give(Broken()) as successor:
        await successor.publish([row])
        with pytest.raises((Fenced, LogUnavailable)):
            await slow.publish([row])
    assert len(await published()) == 1


async def test_a_lost_connection_to_postgresql_is_made_anew(sessions, relaying, published, database_url):
    async with relaying() as check:
        await eventually(lambda: check.state.ok)
        async with await psycopg.AsyncConnection.connect(database_url, autocommit=True) as connection:
            await connection.execute(
                "select pg_terminate_backend(pid) from pg_stat_activity"
                " where application_name = 'argus relay' and datname = current_database()"
            )
        async with sessions.begin() as session:
            await add_source(session, "nav1", "nav")
        await until_empty(sessions)
    assert len(await published()) == 1


async def test_concurrent_writers_are_published_in_the_order_of_their_commits(sessions, relaying, kafka):
    async def write(number):
        for turn in range(5):
            async with sessions.begin() as session:
                await add_source(session, f"source {number} {turn}", "nav")
                await create_token(session, f"source-{number}-{turn}")

    async with relaying():
        await asyncio.gather(*(write(number) for number in range(4)))
        await until_empty(sessions)

    versions = [SOURCES.decode(record.value or b"").version for record in await all_records(kafka, SOURCES)]
    assert len(versions) == 40
    assert versions == sorted(versions)
