"""What PostgreSQL breaks off is done once more where that is safe, and otherwise answered with what happened."""

import asyncio

import httpx
import pytest
from prometheus_client import REGISTRY
from sqlalchemy import text

from argus_api.database import TOLD, Database
from argus_database.configuration import outbox
from argus_database.engine import open_database
from argus_database.failures import Failure
from argus_runtime.health import Check
from tests.eventually import eventually
from tests.integration.api.instance import an_api, client
from tests.integration.api.waiting import somebody_waits

FILTERS = "/api/v2/notificationprofiles/filters/"
FAILING = """
    CREATE SEQUENCE tries;
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
        IF nextval('tries') <= {times} THEN RAISE EXCEPTION 'in a test' USING ERRCODE = '{code}'; END IF;
        RETURN NEW;
    END $$;
    CREATE TRIGGER fails BEFORE INSERT ON filters FOR EACH ROW EXECUTE FUNCTION fail();
"""


@pytest.fixture
def failing(sessions):
    """Lets the next filters that are added fail with a code of PostgreSQL."""

    async def fail(code, times):
        async with sessions.begin() as session:
            connection = await session.connection()
            await connection.exec_driver_sql(FAILING.format(code=code, times=times))

    return fail


def counted(name, **labels):
    return REGISTRY.get_sample_value(name, labels) or 0.0


async def test_a_change_that_ends_a_deadlock_is_made_at_the_second_try(http, people, ask, sessions):
    pk = (await ask.post("filters/", {"name": "old"}))["pk"]
    before = counted("argus_api_database_repeated_total")
    async with sessions.begin() as session:
        await session.execute(text("SET LOCAL deadlock_timeout = '1min'"))  # so that the request is broken off
        await session.execute(text("SELECT FROM filters WHERE id = :pk FOR UPDATE"), {"pk": pk})
        change = http.patch(f"{FILTERS}{pk}/", json={"name": "new"}, headers=people["alice"])
        changing = asyncio.create_task(change)
        await eventually(lambda: somebody_waits(sessions, "transactionid"))
        await outbox.lock(session)  # which the request holds

    answer = await changing
    assert (answer.status_code, answer.json()["name"]) == (200, "new")
    assert counted("argus_api_database_repeated_total") == before + 1


@pytest.mark.parametrize("code", ["40P01", "40001", "55P03"])
async def test_who_is_in_the_way_once_is_not_noticed(http, people, failing, code):
    await failing(code, times=1)
    answer = await http.post(FILTERS, json={"name": "x"}, headers=people["alice"])
    assert answer.status_code == 201


@pytest.mark.parametrize(
    ("code", "meaning", "failures"),
    [
        ("40P01", Failure.CONFLICT, 2),
        ("40001", Failure.CONFLICT, 2),
        ("57014", Failure.SLOW, 1),
        ("53100", Failure.BUSY, 1),
        ("57P01", Failure.AWAY, 1),
        ("25006", Failure.AWAY, 1),
    ],
)
async def test_what_is_broken_off_is_told_and_counted_for_what_it_was(http, people, failing, code, meaning, failures):
    await failing(code, times=9)
    before = counted("argus_api_database_failures_total", reason=meaning)

    answer = await http.post(FILTERS, json={"name": "x"}, headers=people["alice"])

    assert (answer.status_code, answer.json()) == (503, {"detail": TOLD[meaning]})
    assert answer.headers["Retry-After"]
    assert counted("argus_api_database_failures_total", reason=meaning) == before + failures
    assert (await http.get(FILTERS, headers=people["alice"])).json() == []


async def test_a_list_that_takes_longer_than_postgresql_allows_says_so(people, sessions, database_url):
    path = "/api/v2/incidents/"
    async with open_database(database_url, settings={"statement_timeout": "200ms"}) as hasty:
        asker: httpx.AsyncClient = client(an_api(hasty))
        async with asker, sessions.begin() as session:
            assert (await asker.get(path, headers=people["alice"])).status_code == 200
            await session.execute(text("LOCK TABLE incidents IN ACCESS EXCLUSIVE MODE"))
            answer = await asker.get(path, headers=people["alice"])
    assert (answer.status_code, answer.json()) == (503, {"detail": TOLD[Failure.SLOW]})


async def test_a_check_that_is_broken_off_keeps_no_request_from_being_tried(sessions, database_url):
    stop = asyncio.Event()
    async with (
        open_database(database_url, settings={"statement_timeout": "100ms"}) as hasty,
        sessions.begin() as session,
    ):
        await session.execute(text("LOCK TABLE users IN ACCESS EXCLUSIVE MODE"))
        check = Check("postgres", required=True)
        database = Database(hasty, check)
        watching = asyncio.create_task(database.watch(stop))
        await eventually(lambda: "canceling" in check.state.detail)
        async with database.reading() as reading:
            assert await reading.scalar(text("SELECT 1")) == 1
        stop.set()
        await watching
