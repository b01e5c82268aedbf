"""Notifications on a real Kafka reach people, in order, and each attempt is on record."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from signal import SIGTERM
from uuid import UUID

import pytest
from aiohttp import web

from argus_runtime.kafka import Partition
from argus_schemas.notification import Notification
from argus_schemas.topics import DEAD_LETTERS, NOTIFICATIONS
from tests.builders import a_notification, an_event
from tests.eventually import eventually
from tests.integration.dispatch.installation import AT_ONCE, Installation, hangs, refuses


def comes(installation, notification, *states):
    """Return a condition: this is the way of the notification."""

    async def came() -> bool:
        way = await installation.way_of(notification)
        assert way == list(states), way
        return True

    return came


async def test_a_notification_is_posted_and_its_attempt_is_on_record(installation, sink):
    await installation.destination(4, url=sink.url())
    await installation.start()

    told = await installation.order(1)

    await eventually(lambda: sink.events() == [1])
    assert sink.posted[0].id == told.id
    await eventually(comes(installation, told, ("begun", 1), ("sent", 1)))


async def test_what_failed_is_tried_again_before_what_follows_it_in_its_incident(installation, sink):
    await installation.destination(4, url=sink.url())
    await installation.start()
    sink.answer = refuses(503)
    first = await installation.order(1)
    second = await installation.order(2)
    await eventually(lambda: sink.events().count(1) >= 2)

    async def fine(_posted):
        return web.Response(status=200)

    sink.answer = fine
    await eventually(lambda: sink.events()[-1] == 2, within=20)

    assert sink.events()[:-1] == [1] * (len(sink.events()) - 1)
    assert {posted.id for posted in sink.posted} == {first.id, second.id}
    way = await installation.way_of(first)
    assert way[:3] == [("begun", 1), ("retrying", 1), ("begun", 2)]


@pytest.mark.long  # the short form is a unit test
async def test_a_refusal_that_no_retry_can_help_is_dead_at_once(installation, sink):
    await installation.destination(4, url=sink.url())
    await installation.start()
    sink.answer = refuses(410)

    told = await installation.order(1)

    await eventually(comes(installation, told, ("begun", 1), ("dead", 1)))
    assert [one.code for one in await installation.deliveries()] == [None, 410]


async def test_a_slow_destination_delays_nobody_else(installation, sink):
    gate = asyncio.Event()
    await installation.destination(4, url=sink.url("slow"))
    await installation.destination(5, url=sink.url("quick"))
    await installation.start()
    slow = hangs(gate)

    async def answer(posted):
        return await slow(posted) if posted.path == "slow" else web.Response(status=204)

    sink.answer = answer
    for number in range(1, 2 * AT_ONCE + 1):
        await installation.order(number, incident=number, destination=4)
    await eventually(lambda: len(sink.events("slow")) == AT_ONCE)
    for number in range(100, 120):
        await installation.order(number, incident=number, destination=5)

    await eventually(lambda: len(sink.events("quick")) == 20, within=5)
    assert len(sink.events("slow")) == AT_ONCE
    gate.set()
    await eventually(lambda: len(sink.events("slow")) == 2 * AT_ONCE)


async def test_whom_nobody_is_to_tell_is_suppressed_with_the_reason(installation, sink):
    await installation.destination(4, url=sink.url())
    await installation.destination(5, url=sink.url(), owner_active=False)
    await installation.start()
    old = (await installation.order(900)).event.but(received_at=datetime.now(UTC) - timedelta(days=2))

    deleted = await installation.order(1, destination=6)
    inactive = await installation.order(2, destination=5)
    late = await installation.order(3, event=old)
    replay = await installation.order(4, event=old, replay=1)

    await eventually(comes(installation, deleted, ("suppressed", 1)))
    await eventually(comes(installation, inactive, ("suppressed", 1)))
    await eventually(comes(installation, late, ("suppressed", 1)))
    await eventually(comes(installation, replay, ("begun", 1), ("sent", 1)))
    reasons = {one.notification: one.reason for one in await installation.deliveries() if one.state == "suppressed"}
    assert reasons == {
        deleted.id: "the destination was deleted",
        inactive.id: "the owner is not active",
        late.id: "the event was received more than 1 day, 0:00:00 ago",
    }


@pytest.mark.long  # likewise
async def test_the_settings_of_the_moment_of_the_attempt_count(installation, sink):
    await installation.destination(4, url=sink.url("old"))
    await installation.start()
    sink.answer = refuses(503)
    await installation.order(1)
    await eventually(lambda: sink.events("old"))

    await installation.destination(4, url=sink.url("new"))

    await eventually(lambda: sink.events("new"))


@pytest.mark.long  # likewise
async def test_a_destination_that_is_published_with_its_first_notification_is_found(installation, sink):
    await installation.start()

    await installation.destination(4, url=sink.url())
    await installation.order(1)

    await eventually(lambda: sink.events() == [1])


async def test_what_cannot_be_read_is_a_dead_letter_and_stops_nothing(installation, sink):
    await installation.destination(4, url=sink.url())
    await installation.start()
    place = await (await installation.producer.send(NOTIFICATIONS, "4", b"not a notification"))

    await installation.order(1)

    await eventually(lambda: sink.events() == [1])
    reader = await installation.kafka.reader(DEAD_LETTERS)
    (letter,) = [record async for record in reader.to_end()]
    assert letter.value == b"not a notification"
    assert dict(letter.headers)["origin"] == str(place).encode()


async def test_only_what_a_transaction_committed_is_told_and_its_marks_are_passed(installation, sink):
    await installation.destination(4, url=sink.url())
    await installation.start()
    matcher = await installation.kafka.transactional("lane")
    await matcher.start()
    with suppress(ZeroDivisionError):
        async with matcher.transaction():
            await matcher.send(NOTIFICATIONS, "4", just_now(1))
            raise ZeroDivisionError
    async with matcher.transaction():
        await matcher.send(NOTIFICATIONS, "4", just_now(2))

    await eventually(lambda: sink.events() == [2])

    async def all_passed():
        ends = {partition: end for partition, end in (await installation_ends(installation)).items() if end}
        return (await positions(installation)).items() >= ends.items()

    await eventually(all_passed)


async def test_more_than_fits_into_memory_waits_in_the_log(installation, sink):
    gate = asyncio.Event()
    sink.answer = hangs(gate)
    await installation.destination(4, url=sink.url())
    dispatch = await installation.start(waiting_megabytes=0.05, attempt_timeout=60)
    sent = [await installation.order(number, incident=number) for number in range(1, 1501)]

    async def paused():
        return b"is read no further" in dispatch.log.read_bytes()

    await eventually(paused)
    waiting = [line for line in (await dispatch.metrics()).splitlines() if line.startswith("argus_dispatch_waiting ")]
    assert float(waiting[0].split()[1]) < 1000
    gate.set()
    await eventually(lambda: {posted.id for posted in sink.posted} == {one.id for one in sent}, within=60)
    assert len(sink.posted) == len(sent)


def just_now(number: int) -> Notification:
    return a_notification(id=UUID(int=number), event=an_event(pk=1000 + number, received_at=datetime.now(UTC)))


async def positions(installation: Installation) -> dict[Partition, int]:
    admin = await installation.kafka.admin()
    return await admin.positions("dispatch")


async def test_the_position_waits_for_the_oldest_unfinished(installation, sink):
    gate = asyncio.Event()
    sink.answer = hangs(gate)
    await installation.destination(4, url=sink.url())
    dispatch = await installation.start()
    first = await installation.order(1, incident=1)
    await eventually(lambda: sink.events() == [1])
    (partition,) = [p for p, position in (await installation_ends(installation)).items() if position]

    assert (await positions(installation)).get(partition, 0) == 0
    gate.set()
    await eventually(comes(installation, first, ("begun", 1), ("sent", 1)))
    dispatch.signal(SIGTERM)
    assert await asyncio.to_thread(dispatch.process.wait, 10) == 0
    assert (await positions(installation))[partition] == 1


async def installation_ends(installation: Installation) -> dict[Partition, int]:
    admin = await installation.kafka.admin()
    return await admin.ends([NOTIFICATIONS])
