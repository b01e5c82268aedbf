"""What PostgreSQL breaks off says nothing about whether it is there; what was in the way once is asked again."""

import asyncio
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text

from argus_database.engine import open_database
from argus_ingest.readmodel.positions import Positions
from argus_ingest.readmodel.postgres import BrokenOff, Postgres
from argus_runtime.health import Check

FAILING = "DO $$ BEGIN RAISE EXCEPTION 'in a test' USING ERRCODE = '{}'; END $$"


@pytest.fixture
async def postgres(database_url):
    async with reaching(database_url) as reached:
        yield reached


@asynccontextmanager
async def reaching(url):
    async with open_database(url) as sessions:
        postgres = Postgres(url, sessions, Positions(), Check("postgres", required=False))
        watching = asyncio.create_task(postgres.watch())
        async with asyncio.timeout(10):
            await postgres.tried.wait()
        yield postgres
        watching.cancel()


class Failing:
    """Fails some times with a code, then answers."""

    def __init__(self, code, times):
        self.statements = [FAILING.format(code)] * times
        self.asked = 0

    def next(self):
        self.asked += 1
        return self.statements.pop() if self.statements else "SELECT 1"

    async def ask(self, connection):
        await connection.execute(self.next())
        return "answered"

    async def work(self, session):
        await session.execute(text(self.next()))
        return "answered"


@pytest.mark.parametrize("code", ["40P01", "40001"])
async def test_what_was_in_the_way_once_is_not_noticed(postgres, code):
    assert await postgres.ask(Failing(code, 1).ask) == "answered"
    assert await postgres.work(Failing(code, 1).work) == "answered"
    assert postgres.reachable


@pytest.mark.parametrize(("code", "asked"), [("40P01", 2), ("57014", 1), ("53100", 1)])
async def test_what_is_broken_off_does_not_make_postgresql_unreachable(postgres, code, asked):
    for failing in (Failing(code, 9), Failing(code, 9)):
        with pytest.raises(BrokenOff):
            await postgres.ask(failing.ask)
        assert failing.asked == asked
    with pytest.raises(BrokenOff):
        await postgres.work(Failing(code, 9).work)
    assert postgres.reachable
    assert await postgres.ask(Failing(code, 0).ask) == "answered"
