import asyncio

import pytest

from argus_runtime.errors import Fenced, LogUnavailable, RecordTooLarge
from argus_runtime.kafka import Partition
from argus_schemas.topics import INCIDENT_EVENTS, INCIDENT_STATES, NOTIFICATIONS
from tests.eventually import eventually


@pytest.fixture
async def lane(kafka):
    lane = await kafka.transactional("lane-0")
    await lane.start()
    return lane


@pytest.fixture
def seen(kafka):
    async def committed(topic):
        reader = await kafka.reader(topic, committed=True)
        try:
            return [record.value async for record in reader.to_end()]
        finally:
            await reader.close()

    return committed


async def test_records_and_positions_become_visible_together(kafka, lane, seen):
    partition = Partition(kafka.name(INCIDENT_EVENTS), 0)

    async with lane.transaction():
        await lane.send(NOTIFICATIONS, "17", b"tell")
        await lane.send(INCIDENT_STATES, "1:a", b"told", partition=0)
        lane.send_offsets({partition: 5}, "matcher")

    admin = await kafka.admin()
    await eventually(lambda: seen(NOTIFICATIONS))
    assert await seen(NOTIFICATIONS) == [b"tell"]
    assert await seen(INCIDENT_STATES) == [b"told"]

    async def moved():
        return await admin.positions("matcher") == {partition: 5}

    await eventually(moved)


async def test_an_error_inside_aborts_everything_and_the_lane_goes_on(kafka, lane, seen):
    with pytest.raises(ZeroDivisionError):  # noqa: PT012  the block is what is tested
        async with lane.transaction():
            await lane.send(NOTIFICATIONS, "17", b"never")
            lane.send_offsets({Partition(kafka.name(INCIDENT_EVENTS), 0): 5}, "matcher")
            raise ZeroDivisionError

    async with lane.transaction():
        await lane.send(NOTIFICATIONS, "17", b"tell")

    await eventually(lambda: seen(NOTIFICATIONS))
    assert await seen(NOTIFICATIONS) == [b"tell"]
    assert await (await kafka.admin()).positions("matcher") == {}


async def test_a_text_can_be_committed_after_a_record_that_was_too_large(kafka, lane, seen):
    partition = Partition(kafka.name(INCIDENT_EVENTS), 0)
    with pytest.raises(RecordTooLarge):
        async with lane.transaction():
            await lane.send(NOTIFICATIONS, "17", b"x" * (NOTIFICATIONS.largest + 1))

    async with lane.transaction():
        lane.send_offsets({partition: 5}, "matcher", {partition: "it was too large"})

    async with kafka.outsider("matcher") as outsider:
        assert await outsider.committed_marks([partition]) == {partition: (5, "it was too large")}
    assert await seen(NOTIFICATIONS) == []


async def test_an_empty_transaction_is_fine(lane):
    async with lane.transaction():
        pass


async def test_a_successor_fences_its_predecessor(kafka, lane, seen):
    async with lane.transaction():
        await lane.send(NOTIFICATIONS, "17", b"before")
    successor = await kafka.transactional("lane-0")
    await successor.start()

    with pytest.raises(Fenced):
        async with lane.transaction():
            await lane.send(NOTIFICATIONS, "17", b"too late")

    async with successor.transaction():
        await successor.send(NOTIFICATIONS, "17", b"after")
    await eventually(lambda: _has(seen, b"after"))
    assert await seen(NOTIFICATIONS) == [b"before", b"after"]


async def test_a_cancelled_transaction_leaves_nothing(kafka, lane, seen):
    inside = asyncio.Event()

    async def interrupted():
        async with lane.transaction():
            await lane.send(NOTIFICATIONS, "17", b"never")
            inside.set()
            await asyncio.Event().wait()

    task = asyncio.ensure_future(interrupted())
    await inside.wait()
    task.cancel()
    await asyncio.wait({task})

    async with lane.transaction():
        await lane.send(NOTIFICATIONS, "17", b"tell")
    await eventually(lambda: seen(NOTIFICATIONS))
    assert await seen(NOTIFICATIONS) == [b"tell"]


async def _has(seen, value):
    return value in await seen(NOTIFICATIONS)


async def test_a_text_stands_beside_the_position_that_was_committed_with_it_and_only_there(kafka, lane):
    first, second, third = (Partition(kafka.name(INCIDENT_EVENTS), number) for number in range(3))
    async with lane.transaction():
        lane.send_offsets({first: 5, second: 0}, "matcher", {first: "open:0:0:0", second: "open:1:9:1"})
    async with lane.transaction():
        lane.send_offsets({first: 6}, "matcher")

    async def marks():
        async with kafka.outsider("matcher") as outsider:
            return await outsider.committed_marks([first, second, third])

    async def committed():
        return await marks() == {first: (6, ""), second: (0, "open:1:9:1"), third: (None, "")}

    await eventually(committed)


async def test_a_transaction_has_one_deadline_for_all_that_is_sent_in_it(kafka, seen):
    hasty = await kafka.transactional("lane-0", seconds=0.3)
    await hasty.start()

    with pytest.raises(LogUnavailable):  # noqa: PT012  the block is what is tested
        async with hasty.transaction():
            for _ in range(100):
                await hasty.send(NOTIFICATIONS, "17", b"never")
                await asyncio.sleep(0.02)

    lane = await kafka.transactional("lane-0")
    await lane.start()
    async with lane.transaction():
        await lane.send(NOTIFICATIONS, "17", b"tell")
    await eventually(lambda: seen(NOTIFICATIONS))
    assert await seen(NOTIFICATIONS) == [b"tell"]


async def test_a_transaction_that_cannot_begin_fails_at_its_deadline(kafka):
    never_started = await kafka.transactional("lane-1", seconds=0.1)

    with pytest.raises(LogUnavailable):
        async with never_started.transaction():
            raise AssertionError
