"""What a crash, a pause or a hand-over leaves: nothing lost, and repeats only of what was in flight."""

import asyncio
from collections import Counter
from functools import partial
from signal import SIGCONT, SIGSTOP, SIGTERM
from uuid import UUID

import pytest
from aiohttp import web

from argus_schemas.notification import Notification
from tests.eventually import eventually
from tests.integration.dispatch.installation import AT_ONCE, Sink, hangs, refuses

FAST = {"kafka_session_timeout": 6, "kafka_heartbeat": 0.5}


async def fine(_posted):
    return web.Response(status=204)


async def test_what_was_in_flight_at_a_kill_is_told_again_under_the_same_id(installation, sink):
    gate = asyncio.Event()
    await installation.destination(4, url=sink.url())
    dispatch = await installation.start(**FAST)
    done = await installation.order(1, incident=1)

    async def recorded():
        return await installation.way_of(done) == [("begun", 1), ("sent", 1)]

    await eventually(recorded)
    sink.answer = hangs(gate)
    flying = await installation.order(2, incident=2)
    await installation.order(3, incident=2)
    await eventually(lambda: sink.events() == [1, 2])
    dispatch.kill()
    sink.answer = fine
    await installation.start(**FAST)

    await eventually(lambda: sink.events() == [1, 2, 2, 3], within=20)
    assert {posted.id for posted in sink.posted if posted.event == 1002} == {flying.id}
    assert await installation.way_of(flying) == [("begun", 1), ("begun", 2), ("sent", 2)]


async def test_a_waiting_retry_survives_a_kill_with_its_time_and_its_count(installation, sink):
    await installation.destination(4, url=sink.url())
    dispatch = await installation.start(retry_scale=2, **FAST)  # 3.2 to 4.8 s
    sink.answer = refuses(503)
    told = await installation.order(1)

    async def waits():
        return [one for one in await installation.deliveries() if one.state == "retrying"]

    (retrying,) = await eventually(waits)
    dispatch.kill()
    sink.answer = fine
    await installation.start(retry_scale=2, **FAST)

    await eventually(lambda: len(sink.posted) == 2, within=20)

    async def sent():
        return [one for one in await installation.deliveries() if one.state == "sent"]

    (delivery,) = await eventually(sent)
    assert (delivery.notification, delivery.attempt) == (told.id, 2)
    begun = [one for one in await installation.deliveries() if one.state == "begun"][-1]
    assert begun.at >= retrying.next_at


async def test_two_dispatchers_share_the_work_and_hand_it_over_without_losing_or_repeating(installation, sink):
    for destination in range(1, 13):
        await installation.destination(destination, url=sink.url())
    first = await installation.start(**FAST)
    sent: list[Notification] = []

    async def send(numbers):
        sent.extend([await installation.order(n, destination=n % 12 + 1, incident=n % 30 + 1) for n in numbers])

    await send(range(1, 101))
    second = await installation.start(**FAST)
    await send(range(101, 201))
    first.signal(SIGTERM)
    await send(range(201, 301))
    assert await asyncio.to_thread(first.process.wait, 10) == 0

    await eventually(lambda: {posted.id for posted in sink.posted} == {one.id for one in sent}, within=30)
    assert second.process.poll() is None
    assert [count for count in Counter(posted.id for posted in sink.posted).values() if count > 1] == []
    in_order(sink)


def told(sink: Sink) -> int:
    return len({posted.id for posted in sink.posted})


def more_than(sink: Sink, many: int) -> bool:
    return told(sink) > many


def in_order(sink) -> None:
    """Check that each destination got the notifications of each incident in their order, repeats left out."""
    seen: set[UUID] = set()
    last: dict[tuple[int, int], int] = {}
    for posted in sink.posted:
        if posted.id not in seen:
            seen.add(posted.id)
            lane = (posted.id.int // 1_000_000, posted.incident)
            assert last.get(lane, 0) < posted.event
            last[lane] = posted.event


@pytest.mark.parametrize("kills", [1, pytest.param(5, marks=pytest.mark.long)])
async def test_kills_in_the_middle_of_work_lose_nothing_and_repeat_only_what_was_in_flight(installation, sink, kills):
    for destination in range(1, 7):
        await installation.destination(destination, url=sink.url())

    async def a_little_slow(_posted):
        await asyncio.sleep(0.1)
        return web.Response(status=204)

    sink.answer = a_little_slow
    dispatch = await installation.start(**FAST)
    sent: list[Notification] = []
    for _ in range(kills):
        before, numbers = told(sink), range(len(sent), len(sent) + 200)
        sent += [await installation.order(n, destination=n % 6 + 1, incident=n % 25 + 1) for n in numbers]
        # So many that those in flight at the last kill are told: what is in flight at three in a row is given up.
        await eventually(partial(more_than, sink, before + 60), within=20)
        dispatch.kill()
        dispatch = await installation.start(**FAST)

    await eventually(lambda: {posted.id for posted in sink.posted} == {one.id for one in sent}, within=60)
    in_order(sink)
    repeats = len(sink.posted) - len(sent)
    assert repeats <= kills * 6 * AT_ONCE  # destinations, attempts at once for each


async def test_who_slept_past_the_session_sends_nothing_of_what_somebody_else_has_now(installation, sink):
    for destination in range(1, 7):
        await installation.destination(destination, url=sink.url())
    sleeper = await installation.start(retry_scale=2, **FAST)
    sink.answer = refuses(503)
    sent = [await installation.order(number, destination=number % 6 + 1, incident=number) for number in range(1, 31)]

    async def all_wait():
        return len([one for one in await installation.deliveries() if one.state == "retrying"]) == 30

    await eventually(all_wait)
    sink.answer = fine
    sleeper.signal(SIGSTOP)
    await installation.start(retry_scale=2, **FAST)
    await eventually(lambda: len({posted.id for posted in sink.posted[30:]}) == 30, within=40)
    sleeper.signal(SIGCONT)
    more = [await installation.order(number, destination=number % 6 + 1, incident=number) for number in range(31, 61)]

    await eventually(lambda: {posted.id for posted in sink.posted[30:]} == {one.id for one in sent + more}, within=30)
    await eventually(sleeper.ready, within=20)
    assert len(sink.posted) == 30 + 60


async def test_a_stop_ends_in_time_though_an_attempt_hangs(installation, sink):
    gate = asyncio.Event()
    sink.answer = hangs(gate)
    await installation.destination(4, url=sink.url())
    dispatch = await installation.start(**FAST)
    hanging = await installation.order(1)
    await eventually(lambda: sink.events() == [1])

    dispatch.signal(SIGTERM)

    assert await asyncio.to_thread(dispatch.process.wait, 8) == 0
    assert await installation.way_of(hanging) == [("begun", 1), ("retrying", 1)]  # which no successor takes for a crash
