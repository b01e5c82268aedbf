"""A partition: what arrives, what is remembered, and how far it is done."""

import asyncio
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

import pytest

from argus_dispatch.memory import Memory
from argus_dispatch.share import MOST_UNREADABLE_IN_A_ROW, Share
from argus_runtime.errors import TooManyDeadLetters
from argus_schemas.notification import Delivery
from tests.builders import NOON, a_notification, an_incident
from tests.eventually import eventually
from tests.unit.dispatch.fakes import PARTITION, FakeClock, a_record


def told(number, *, destination=4, incident=49, **changes):
    return a_notification(
        id=UUID(int=number), destination=destination, incident=an_incident(pk=incident), **changes
    )  # fmt: skip


def past(number, state, attempt=1, **changes):
    return Delivery(
        notification=UUID(int=number), destination=4, owner=7, incident=49, event=50, event_id=UUID(int=1), state=state,
        attempt=attempt, at=NOON, **changes,
    )  # fmt: skip


class World:
    """A share whose attempts the test ends."""

    def __init__(self, **changes):
        self.clock, self.buried = FakeClock(), []
        self.flying: dict[int, asyncio.Future[datetime | None]] = {}
        self.attempts: list[tuple[int, int]] = []
        self.crashes: list[int] = []
        self.abandoned: list[int] = []
        self.begins = True
        options = {"at_once": 2, "most_bytes": 1e6} | changes
        self.share = Share(
            PARTITION, attempt=self.attempt, bury=self.bury, spawn=asyncio.create_task, now=self.clock, **options
        )

    async def attempt(self, partition, waiting):
        assert partition == PARTITION.partition
        self.attempts.append((waiting.id.int, waiting.attempts + 1))
        self.crashes.append(waiting.crashes)
        waiting.begun = self.begins
        future = self.flying[waiting.id.int] = asyncio.get_running_loop().create_future()
        try:
            again_at = await future
        except asyncio.CancelledError:
            self.abandoned.append(waiting.id.int)
            raise
        waiting.attempts += 1
        return again_at

    async def bury(self, record, reason):
        self.buried.append((record.offset, reason))

    def end(self, number, again_at=None):
        self.flying.pop(number).set_result(again_at)

    def begin(self, *pasts, position=0, end=0):
        memory = Memory()
        for one in pasts:
            memory.hear(one)
        self.share.begin(position, memory, end)

    async def flies(self, *numbers):
        await eventually(lambda: set(self.flying) == set(numbers), within=2, pause=0.001)


async def test_nothing_goes_before_the_share_remembers():
    world = World()
    world.share.arrive([a_record(0, told(1))])
    assert (world.share.ready, world.share.position, world.attempts) == (False, None, [])

    world.begin()
    await world.flies(1)
    world.end(1)


async def test_the_position_follows_the_effects():
    world = World()
    world.begin(position=5)
    world.share.arrive([a_record(5, told(1, incident=1)), a_record(6, told(2, incident=2))])
    await world.flies(1, 2)
    assert (world.share.position, world.share.unfinished) == (5, 2)

    world.end(2)
    await world.flies(1)
    assert world.share.position == 5
    world.end(1)
    await eventually(lambda: world.share.position == 7, within=2, pause=0.001)


async def test_what_an_earlier_owner_finished_is_not_attempted_again():
    world = World()
    world.begin(past(1, "begun"), past(1, "sent"), past(2, "dead"), past(3, "begun", 4), end=3)
    world.share.arrive([a_record(n - 1, told(n, incident=n)) for n in (1, 2, 3)])

    await world.flies(3)
    assert (world.attempts, world.share.position) == ([(3, 5)], 2)
    world.end(3)


async def test_a_replay_goes_through_though_the_first_was_sent():
    world = World()
    world.begin(past(1, "sent"), end=2)
    world.share.arrive([a_record(0, told(1)), a_record(1, told(1, replay=1))])

    await world.flies(1)
    world.end(1)


async def test_a_record_that_is_read_again_or_appended_again_is_attempted_once():
    world = World()
    world.begin()
    world.share.arrive([a_record(0, told(1))])
    await world.flies(1)
    world.end(1)
    await eventually(lambda: world.share.position == 1, within=2, pause=0.001)

    world.share.arrive([a_record(0, told(1)), a_record(1, told(1))])
    assert (len(world.attempts), world.share.position) == (1, 2)


async def test_what_is_appended_again_while_the_first_is_on_its_way_is_sent_once():
    world = World()
    world.begin()
    world.share.arrive([a_record(0, told(1)), a_record(1, told(1)), a_record(2, told(2))])
    await world.flies(1)
    world.end(1)

    await world.flies(2)
    assert (world.attempts, world.share.position) == ([(1, 1), (2, 1)], 2)
    world.end(2)


async def test_a_waiting_retry_keeps_its_time_and_holds_up_only_its_incident():
    world = World()
    later = NOON + timedelta(minutes=2)
    world.begin(past(1, "retrying", next_at=later), end=1)
    world.share.arrive([a_record(0, told(1)), a_record(1, told(2)), a_record(2, told(3, incident=50))])
    await world.flies(3)
    assert world.share.retrying == 1
    world.end(3)

    world.clock.now = later
    world.share.arrive([a_record(3, told(4, incident=51))])
    await world.flies(1, 4)
    assert world.share.retrying == 0
    world.end(4)
    world.end(1)
    await world.flies(2)
    world.end(2)


async def test_a_retry_goes_when_it_is_due():
    world = World()
    world.begin()
    world.share.arrive([a_record(0, told(1))])
    await world.flies(1)
    world.end(1, again_at=world.clock.now + timedelta(milliseconds=30))
    await eventually(lambda: world.share.retrying == 1, within=2, pause=0.001)
    world.clock.move(1)

    await world.flies(1)
    assert world.attempts == [(1, 1), (1, 2)]
    world.end(1)


async def test_a_destination_in_trouble_delays_no_other():
    world = World()
    world.begin()
    world.share.arrive([a_record(n, told(n, incident=n)) for n in range(1, 6)])
    world.share.arrive([a_record(9, told(9, destination=5))])

    await world.flies(1, 2, 9)
    for number in (1, 2, 9):
        world.end(number)
    await world.flies(3, 4)


async def test_what_cannot_be_read_is_buried_and_finished():
    world = World()
    world.begin()
    world.share.arrive([a_record(0, b"not json"), a_record(1, None), a_record(2, b"{}")])

    await eventually(lambda: world.share.position == 3, within=2, pause=0.001)
    assert [offset for offset, _ in world.buried] == [0, 1, 2]
    assert world.buried[1][1] == "a notification without a value"
    assert world.buried[2][1].endswith("`id`")


async def test_no_fault_of_reading_a_record_ends_the_process(caplog):
    world = World()
    world.begin()
    no_moment = replace(a_record(0, told(1)), appended_at_ms=10**30)
    world.share.arrive([no_moment, a_record(1, told(2))])

    await world.flies(2)
    assert world.buried == [(0, "unexpected error: OverflowError")]
    assert "cannot be read" in caplog.text
    world.end(2)


async def test_crashes_of_earlier_owners_are_known_to_the_attempt():
    world = World()
    world.begin(past(1, "begun"), past(1, "begun", 2), end=1)
    world.share.arrive([a_record(0, told(1)), a_record(1, told(1, replay=1))])

    await world.flies(1)
    assert world.crashes == [2]
    world.end(1)
    await eventually(lambda: world.crashes == [2, 0], within=2, pause=0.001)
    world.end(1)


async def test_too_many_unreadable_in_a_row_are_our_own_fault():
    world = World()
    world.begin()
    world.share.arrive([a_record(n, b"?") for n in range(MOST_UNREADABLE_IN_A_ROW)])

    with pytest.raises(TooManyDeadLetters):
        world.share.arrive([a_record(1000, b"?")])


async def test_a_share_is_full_when_much_waits_and_roomy_when_half_of_it_is_done():
    size = len(told(1).to_bytes())
    world = World(most_bytes=4 * size, at_once=10)
    world.share.arrive([a_record(n, told(n, incident=10 + n)) for n in range(1, 5)])
    assert world.share.full
    world.begin()
    assert world.share.full
    await world.flies(1, 2, 3, 4)

    for number in (1, 2):
        world.end(number)
    await world.flies(3, 4)
    await eventually(lambda: not world.share.full, within=2, pause=0.001)
    assert not world.share.roomy
    world.end(3)
    await eventually(lambda: world.share.roomy, within=2, pause=0.001)


async def test_at_its_end_nothing_begins_and_what_is_on_its_way_may_end():
    world = World()
    world.begin()
    world.share.arrive([a_record(0, told(1)), a_record(1, told(2))])
    await world.flies(1)
    closing = asyncio.create_task(world.share.close(grace=5))
    await asyncio.sleep(0)
    world.end(1)
    await closing

    assert (world.share.position, world.attempts, world.abandoned) == (1, [(1, 1)], [])


@pytest.mark.parametrize("begins", [True, False])
async def test_what_does_not_end_in_time_or_did_not_begin_is_abandoned(begins):
    world = World()
    world.begins = begins
    world.begin()
    world.share.arrive([a_record(0, told(1))])
    await world.flies(1)

    async with asyncio.timeout(2):
        await world.share.close(grace=0.01 if begins else 60)

    assert (world.share.position, world.abandoned) == (0, [1])
