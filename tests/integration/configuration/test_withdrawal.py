"""Planned maintenance of long ago leaves the topic that every matcher keeps in memory; its rows stay."""

from datetime import UTC, datetime, timedelta

import pytest

from argus_database.configuration.filters import add_filter
from argus_database.configuration.maintenance import add_maintenance, all_maintenance, delete_maintenance
from argus_database.configuration.publish import everything
from argus_database.configuration.users import add_user
from argus_database.configuration.withdrawal import withdraw
from argus_schemas.configuration import Filter
from argus_schemas.schedules import Repeats

NOW = datetime.now(UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
LONG_AGO = NOW - 40 * DAY


@pytest.fixture
async def add(sessions):
    async with sessions.begin() as session:
        alice = (await add_user(session, "alice")).id
        filter_ = (await add_filter(session, alice, "f", Filter(maxlevel=1))).id

    async def run(starts_at, ends_at, **more):
        async with sessions.begin() as session:
            times = more | {"starts_at": starts_at, "ends_at": ends_at}
            return (await add_maintenance(session, alice, filters=[filter_], **times)).id

    return run


async def test_documents_of_tasks_that_were_over_thirty_days_ago_are_withdrawn_once(add, sessions, outbox):
    daily = Repeats(every="day", until=LONG_AGO + 2 * DAY)
    over = [await add(LONG_AGO, LONG_AGO + HOUR), await add(LONG_AGO, LONG_AGO + HOUR, repeats=daily)]
    kept = [
        await add(LONG_AGO, NOW - 29 * DAY),
        await add(LONG_AGO, None),
        await add(LONG_AGO, LONG_AGO + HOUR, repeats=Repeats(every="day")),
        await add(LONG_AGO, LONG_AGO + HOUR, repeats=daily.but(until=NOW - 29 * DAY)),
    ]
    async with sessions.begin() as session:
        assert await withdraw(session, NOW) == over
    async with sessions.begin() as session:
        assert await withdraw(session, NOW) == []
        await everything(session)
        assert [each.id for each in await all_maintenance(session)] == [*over, *kept]

    latest = dict(await outbox())
    assert [latest[f"maintenance:{pk}"] for pk in over] == [None, None]
    assert None not in [latest[f"maintenance:{pk}"] for pk in kept]


async def test_a_deleted_task_is_withdrawn_when_nobody_can_have_heard_of_it_lately(add, sessions, outbox):
    task = await add(NOW + DAY, None)
    async with sessions.begin() as session:
        await delete_maintenance(session, task)
    async with sessions.begin() as session:
        assert await withdraw(session, NOW + 29 * DAY) == []
        assert await withdraw(session, NOW + 31 * DAY) == [task]
    assert dict(await outbox())[f"maintenance:{task}"] is None
