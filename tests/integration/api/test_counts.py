"""A count is exact where that is soon known, and otherwise an estimate that says so (differences 12)."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from argus_api.repositories.counting import Count, count
from argus_api.repositories.where import Where
from argus_database.configuration.tokens import create_token
from argus_database.configuration.users import add_user
from tests.benchmarks.many import fill
from tests.integration.api.instance import an_api, bearing, client
from tests.integration.api.rows import an_incident

PATHS = ["/api/v2/incidents/", "/api/v3/incidents/"]
SOON, LATER = timedelta(milliseconds=1), timedelta(minutes=1)
MANY = 30_000


@asynccontextmanager
async def asking(sessions, within) -> AsyncIterator[httpx.AsyncClient]:
    async with client(an_api(sessions, count_within=within)) as asker:
        yield asker


@pytest.mark.rule(81)
@pytest.mark.parametrize("path", PATHS)
async def test_a_count_that_takes_too_long_is_estimated_and_says_so(sessions, database_url, path):
    fill(database_url, MANY)
    async with sessions.begin() as session:
        await add_user(session, "reader")
        headers = bearing(await create_token(session, "reader"))
    for query in ("search=interface", "hide_closed_acked=true", "search=interface&open=false"):
        bodies = []
        for within in (LATER, SOON):
            async with asking(sessions, within) as asker:
                answer = await asker.get(f"{path}?count&{query}", headers=headers)
                assert answer.status_code == 200, answer.text
                bodies.append(answer.json())
        exact, estimate = bodies
        assert exact.keys() == {"count", "params"}
        assert estimate.pop("estimated") is True
        assert estimate["count"] == pytest.approx(exact["count"], rel=0.05)
        assert estimate["params"] == exact["params"]


async def test_an_estimate_of_few_looks_at_all_of_them(sessions, people):
    for minutes in range(7):
        await an_incident(sessions, people.pks["nav"], minutes=minutes, level=1 + minutes % 2)
    where = Where(datetime.now(UTC))
    where.level(1)
    where.add("pg_sleep(0.05) IS NOT NULL")
    async with sessions() as session:
        assert await count(session, where, timedelta(milliseconds=20)) == Count(4, estimated=True)


async def test_what_is_asked_after_an_estimate_may_take_its_time_again(sessions, people):
    await an_incident(sessions, people.pks["nav"])
    where = Where(datetime.now(UTC))
    where.add("pg_sleep(0.05) IS NOT NULL")
    async with sessions() as session:
        assert (await count(session, where, timedelta(milliseconds=20))).estimated
        assert await count(session, where, LATER) == Count(1)
