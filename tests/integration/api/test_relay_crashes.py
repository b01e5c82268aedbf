"""However the relay ends between sending and forgetting, each change is on its topic, in order for each document."""

import asyncio
from collections import defaultdict
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from functools import partial
from typing import Any

import pytest
from sqlalchemy import insert, select

from argus_api.listening import open_outbox
from argus_api.relay import MOST_BYTES_AT_ONCE, Relay, publishers
from argus_database.configuration.comparison import Comparison
from argus_database.configuration.filters import add_filter, change_filter
from argus_database.configuration.profiles import add_profile
from argus_database.configuration.users import add_user
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import TimeslotRow
from argus_runtime.contents import Contents
from argus_runtime.errors import LogUnavailable
from argus_runtime.health import Check
from argus_schemas.configuration import Filter
from argus_schemas.topics import MEBIBYTE, RULES
from tests.eventually import eventually
from tests.integration.api.conftest import all_records
from tests.integration.api.test_relay import until_empty, waiting
from tests.stack import Servers, Stack

PROFILES = 12
ROUNDS = 25


@pytest.fixture
async def owner(sessions):
    """A user, and filters that one profile each embeds."""
    async with sessions.begin() as session:
        user = (await add_user(session, "alice")).id
        slot = await session.scalar(select(TimeslotRow.id))
        filters = []
        for number in range(PROFILES):
            filter_ = await add_filter(session, user, f"filter {number}", Filter(maxlevel=1))
            await add_profile(session, user, timeslots=[slot], filters=[filter_.id], name=f"profile {number}")
            filters.append(filter_.id)
    return user, filters


async def change_all(sessions, owner):
    """Change all filters many times, each change a transaction."""
    user, filters = owner
    for turn in range(ROUNDS):
        for filter_ in filters:
            async with sessions.begin() as session:
                await change_filter(session, user, filter_, filter_=Filter(sourceSystemIds=(turn + 1,)))


async def versions(kafka):
    """The versions that stand on the topic, by key, in their order."""
    found = defaultdict(list)
    for record in await all_records(kafka, RULES):
        found[record.key].append(RULES.decode(record.value or b"").version)
    return found


async def agrees(sessions, kafka):
    """Whether the last record of each document is the table's, for whoever reads the topic."""
    at = datetime.now(UTC)
    return [one async for one in Comparison(sessions, Contents(kafka, RULES, at), at).differences()] == []


def in_order_of_first_appearance(numbers):
    return list(dict.fromkeys(numbers))


async def everything_is_there(sessions, kafka):
    found = await versions(kafka)
    assert len(found) == PROFILES
    for numbers in found.values():
        first_times = in_order_of_first_appearance(numbers)
        assert len(first_times) == ROUNDS + 1, "each change was published"
        assert first_times == sorted(first_times), "in order"
        assert numbers[-1] == first_times[-1], "and none after the last"
    assert await agrees(sessions, kafka)
    return sum(map(len, found.values())) - PROFILES * (ROUNDS + 1)


class _Breaking:
    """Publishes, and every other time ends before anybody hears of it, as a process does that is killed there."""

    def __init__(self, publisher, breaks):
        self._publisher = publisher
        self._breaks = breaks

    async def publish(self, rows):
        done = await self._publisher.publish(rows)
        if next(self._breaks, False):
            raise LogUnavailable("broken off after it was sent")
        return done


async def test_what_was_sent_but_not_forgotten_is_sent_again_in_order(sessions, settings, kafka, owner):
    breaks = iter([True, False] * 5)

    @asynccontextmanager
    async def breaking(broken):
        async with publishers(settings)(broken) as publisher:
            yield _Breaking(publisher, breaks)

    stop = asyncio.Event()
    relay = asyncio.create_task(Relay(settings.database_url, breaking, Check("outbox", required=False)).run(stop))
    await change_all(sessions, owner)
    await until_empty(sessions, within=60)
    stop.set()
    await relay

    assert await everything_is_there(sessions, kafka) > 0, "something was sent twice"


async def test_an_api_process_that_is_killed_while_it_relays_loses_and_overturns_nothing(
    sessions, settings, kafka, owner, tmp_path
):
    stack = Stack(tmp_path, Servers(settings.bootstrap_servers, settings.database_url, settings.prefix, smtp_port=1))
    try:
        apis = [stack.start("api", f"api {number}") for number in (1, 2)]
        await stack.all_ready()
        changing = asyncio.create_task(change_all(sessions, owner))
        killed = 0
        while not changing.done() or killed < 3:
            relaying = [api for api in apis if await _relays(api)]
            if relaying:
                relaying[0].kill()
                killed += 1
                await eventually(partial(_relays_no_more, relaying[0]), within=20)
            await asyncio.sleep(0.1)
        await changing
        await until_empty(sessions, within=60)
    except BaseException:
        print(stack.tail())  # noqa: T201  pytest shows it where the test failed
        raise
    finally:
        await stack.stop()

    await everything_is_there(sessions, kafka)


async def _relays(api):
    checks = (await api.report()).get("checks", {})
    return "this process relays" in checks.get("outbox", {}).get("detail", "")


async def _relays_no_more(api):
    return not await _relays(api)


async def test_so_many_rows_are_read_at_once_as_their_bytes_allow(sessions, settings):
    rows: list[dict[str, Any]] = [
        {"topic": "rules", "key": f"profile:{number}", "value": b"x" * MEBIBYTE} for number in range(1, 20)
    ]
    rows.append({"topic": "rules", "key": "profile:20", "value": None})
    async with sessions.begin() as session:
        await session.execute(insert(OutboxRow), rows)
    assert await waiting(sessions) == 20

    async with open_outbox(settings.database_url) as outbox:
        taken = [len(some) for some in [await _next(outbox, after) for after in (0, 8, 16)]]
        alone = await outbox.rows(0, 500, MEBIBYTE - 1)
        few = await outbox.rows(0, 3, MOST_BYTES_AT_ONCE)

    assert taken == [8, 8, 4]
    assert [row.key for row in alone] == ["profile:1"], "one larger than that goes alone"
    assert [row.key for row in few] == ["profile:1", "profile:2", "profile:3"]


async def _next(outbox, number):
    first = (await outbox.rows(0, 1, MOST_BYTES_AT_ONCE))[0].id
    return await outbox.rows(first + number - 1, 500, MOST_BYTES_AT_ONCE)
