"""Sessions speak UTC, notice a dead server, and are ended where they sleep in a transaction."""

import asyncio
import gc
import warnings
from contextlib import suppress
from datetime import timedelta

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, OperationalError

from argus_database.engine import open_database
from tests.eventually import eventually


async def test_a_session_speaks_utc(database_url):
    async with open_database(database_url) as sessions, sessions() as session:
        assert await session.scalar(text("SHOW timezone")) == "UTC"


async def test_an_absent_server_is_an_error_soon(free_port):
    async with asyncio.timeout(10), open_database(f"postgresql://a:b@127.0.0.1:{free_port}/argus") as sessions:
        with pytest.raises(OperationalError):
            async with sessions() as session:
                await session.execute(text("SELECT 1"))


async def test_who_sleeps_in_a_transaction_is_ended(database_url):
    gone = text("SELECT count(*) = 0 FROM pg_stat_activity WHERE pid = :pid")
    opened = open_database(database_url, idle_in_transaction=timedelta(milliseconds=100))
    async with opened as sessions, sessions() as session, sessions() as other:
        sleeper = await session.scalar(text("SELECT pg_backend_pid()"))

        async def is_gone():
            await other.rollback()
            return await other.scalar(gone, {"pid": sleeper})

        await eventually(is_gone)
        with pytest.raises(DBAPIError):
            await session.execute(text("SELECT 1"))
        await session.invalidate()


async def test_a_session_outlives_its_servers_connections(database_url, postgres_server):
    async with open_database(database_url) as sessions:
        async with sessions() as session:
            await session.execute(text("SELECT 1"))
        async with open_database(postgres_server.url) as others, others() as admin:
            ending = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name"
            await admin.execute(text(ending), {"name": database_url.rsplit("/", 1)[1]})
        async with sessions() as session:
            assert await session.scalar(text("SELECT 1")) == 1


@pytest.mark.parametrize("begun", [True, False])
async def test_no_connection_outlives_its_engine(database_url, begun):
    """As where a service ends while an answer that it gave up is still being cancelled, or asked for."""
    held, ended = asyncio.Event(), asyncio.Event()

    async def hold(sessions):
        async with sessions() as session:
            if begun:
                await session.execute(text("SELECT 1"))
            held.set()
            await ended.wait()
            await session.execute(text("SELECT 1"))

    with warnings.catch_warnings(record=True) as left:
        warnings.simplefilter("always")
        async with open_database(database_url) as sessions:
            holding = asyncio.create_task(hold(sessions))
            await held.wait()
        ended.set()
        with suppress(DBAPIError):
            await holding
        del holding, sessions
        gc.collect()

    assert [str(warning.message) for warning in left if warning.category is ResourceWarning] == []
