"""Planned maintenance that comes again: what it may be, when it is over, and what v2 says of it."""

from datetime import UTC, datetime, timedelta

import pytest

from argus_database.configuration.errors import InUse, Refused
from argus_database.configuration.filters import add_filter, change_filter, delete_filter
from argus_database.configuration.maintenance import (
    FOREVER,
    add_maintenance,
    all_maintenance,
    cancel_maintenance,
    change_maintenance,
    maintenance,
)
from argus_database.configuration.repeating import following, nearest
from argus_database.configuration.users import add_user
from argus_schemas.configuration import Filter
from argus_schemas.schedules import Repeats

NOW = datetime.now(UTC)
DAY, HOUR = timedelta(days=1), timedelta(hours=1)
DAILY = Repeats(every="day")
WEEK_AGO = NOW - 7 * DAY


@pytest.fixture
async def alice(sessions):
    async with sessions.begin() as session:
        return (await add_user(session, "alice", is_superuser=True)).id


@pytest.fixture
async def filter_(sessions, alice):
    async with sessions.begin() as session:
        return (await add_filter(session, alice, "f", Filter(maxlevel=1))).id


@pytest.fixture
def add(sessions, alice, filter_):
    async def run(starts_at=WEEK_AGO - HOUR, ends_at=WEEK_AGO + HOUR, repeats=DAILY, **more):
        async with sessions.begin() as session:
            times = {"starts_at": starts_at, "ends_at": ends_at, "repeats": repeats}
            return (await add_maintenance(session, alice, filters=[filter_], **times, **more)).id

    return run


@pytest.fixture
def shown(sessions):
    """A task as it is in its table."""

    async def run(pk):
        async with sessions() as session:
            return await maintenance(session, pk)

    return run


@pytest.fixture
def change(sessions, alice):
    async def run(pk, **changes):
        async with sessions.begin() as session:
            await change_maintenance(session, alice, pk, **changes)

    return run


@pytest.mark.parametrize(
    ("times", "reason"),
    [
        ({"ends_at": None}, "needs an end_time"),
        ({"ends_at": WEEK_AGO + 8 * DAY}, "7 days"),
        ({"ends_at": WEEK_AGO + 2 * DAY}, "before it has ended"),
        ({"repeats": Repeats(every="week", days=(1, 2, 3, 4, 5, 6, 7)), "ends_at": WEEK_AGO + DAY}, "before it has"),
        ({"repeats": DAILY.but(until=NOW + 3700 * DAY)}, "10 years"),
        (
            {
                "repeats": Repeats(every="month", interval=36),
                "starts_at": datetime(2028, 2, 29, tzinfo=UTC),
                "ends_at": datetime(2028, 2, 29, 1, tzinfo=UTC),
            },
            "not come again",
        ),
        ({"starts_at": FOREVER - DAY, "ends_at": FOREVER - HOUR}, "not come again"),
        ({"ends_at": WEEK_AGO - 2 * HOUR}, "after start_time"),
    ],
)
async def test_a_task_that_cannot_come_again_like_that_is_refused(add, times, reason):
    with pytest.raises(Refused, match=reason):
        await add(**times)


async def test_a_task_that_comes_again_is_published_with_how(add, outbox):
    pk = await add(tell_after=False)
    document = dict(await outbox())[f"maintenance:{pk}"]
    assert (document.repeats, document.tell_after) == (DAILY, False)


async def test_how_it_comes_again_stays_until_something_else_is_wished(add, change, shown, outbox):
    pk = await add()
    await change(pk, description="d")
    assert (await shown(pk)).repeats is not None
    before = len(await outbox())
    await change(pk, repeats=DAILY, tell_after=True)
    assert len(await outbox()) == before
    await change(pk, repeats=None)
    assert dict(await outbox())[f"maintenance:{pk}"].repeats is None


async def test_a_task_is_over_when_its_last_time_has_ended(add, shown, change):
    for until, over in ((None, None), (NOW - 3 * DAY, NOW - 3 * DAY), (NOW - 3 * DAY + HOUR, NOW - 3 * DAY + 2 * HOUR)):
        task = await shown(await add(repeats=DAILY.but(until=until)))
        assert task.over_at is None if over is None else abs(task.over_at - over) <= HOUR
    pk = await add(repeats=DAILY.but(until=NOW + 2 * HOUR))
    await change(pk, repeats=DAILY.but(until=WEEK_AGO))
    with pytest.raises(Refused, match="12 hours"):
        await change(pk, description="late")


async def test_a_filter_of_a_task_that_comes_again_is_in_use_and_its_changes_count(
    add, sessions, alice, filter_, outbox
):
    pk = await add(NOW - 3 * DAY, NOW - 3 * DAY + HOUR)
    async with sessions() as session:
        with pytest.raises(InUse):
            await delete_filter(session, alice, filter_)
    async with sessions.begin() as session:
        await change_filter(session, alice, filter_, filter_=Filter(maxlevel=3))
    assert dict(await outbox())[f"maintenance:{pk}"].filters[0].filter.maxlevel == 3


async def test_what_counts_of_a_task_is_the_time_under_way_else_the_next_else_the_last(add, shown):
    for shift, until, start in (
        (timedelta(0), None, NOW - HOUR),
        (-3 * HOUR, None, NOW + DAY - 4 * HOUR),
        (timedelta(0), NOW - 3 * DAY, NOW - 3 * DAY - HOUR),
        (8 * DAY, None, NOW + DAY - HOUR),
    ):
        times = WEEK_AGO - HOUR + shift, WEEK_AGO + HOUR + shift
        task = await shown(await add(*times, DAILY.but(until=until)))
        assert nearest(task, NOW) == (start, start + 2 * HOUR)
    once = await shown(await add(repeats=None))
    assert nearest(once, NOW) == (once.starts_at, once.ends_at)
    forever = await shown(await add(ends_at=None, repeats=None))
    assert nearest(forever, NOW) == (forever.starts_at, None)


async def test_a_task_is_shown_though_the_rules_of_its_zone_have_been_changed_since(add, shown):
    task = await shown(await add(repeats=DAILY.but(until=NOW - 3 * DAY)))
    times = nearest(task, NOW)
    task.last_ends_at += HOUR
    assert nearest(task, NOW) == times


async def test_the_next_times_are_told(add, shown):
    task = await shown(await add())
    starts = [each.start for each in following(task, NOW, 5)]
    assert starts == [NOW - HOUR + number * DAY for number in range(5)]


async def test_times_of_the_one_that_v2_shows_change_all(add, change, shown):
    pk = await add()
    under_way = {"starts_at": NOW - HOUR, "ends_at": NOW + HOUR}
    await change(pk, of_nearest=True, **under_way)
    assert ((await shown(pk)).starts_at, (await shown(pk)).ends_at) == (WEEK_AGO - HOUR, WEEK_AGO + HOUR)
    await change(pk, of_nearest=True, **under_way | {"ends_at": NOW + 2 * HOUR})
    assert (await shown(pk)).ends_at == WEEK_AGO + 2 * HOUR
    for wrong in ({"ends_at": NOW - HOUR}, {"starts_at": NOW}, {"ends_at": FOREVER}, {"ends_at": NOW + 8 * DAY}):
        with pytest.raises(Refused):
            await change(pk, of_nearest=True, **wrong)


async def test_a_task_that_has_not_begun_is_moved_by_v2_as_any_other(add, change, shown):
    pk = await add(NOW + 10 * DAY, NOW + 10 * DAY + HOUR)
    for days in (5, 20):
        moved = {"starts_at": NOW + days * DAY, "ends_at": NOW + days * DAY + 2 * HOUR}
        await change(pk, of_nearest=True, **moved)
        assert {name: getattr(await shown(pk), name) for name in moved} == moved


async def test_a_cancelled_task_keeps_the_times_that_it_had(add, sessions, shown):
    async def cancel(pk, at):
        async with sessions.begin() as session:
            await cancel_maintenance(session, pk, at)

    first, between, later = [await add() for _ in range(3)]
    await cancel(first, WEEK_AGO)
    task = await shown(first)
    assert (task.ends_at, task.repeats, task.over_at) == (WEEK_AGO, None, WEEK_AGO)

    await cancel(between, NOW - 5 * HOUR)
    task = await shown(between)
    assert (task.ends_at, task.over_at) == (WEEK_AGO + HOUR, NOW - DAY + HOUR)

    await cancel(later, NOW)
    task = await shown(later)
    assert (task.ends_at, task.over_at) == (WEEK_AGO + HOUR, NOW - DAY + HOUR)
    async with sessions() as session:
        rest = (await all_maintenance(session))[-1]
    assert (rest.starts_at, rest.ends_at, rest.repeats) == (NOW - HOUR, NOW, None)
    assert [each.id for each in rest.filters] == [each.id for each in task.filters]
