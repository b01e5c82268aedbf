import asyncio
from dataclasses import dataclass

import pytest

from argus_database.announcements import Announcement
from argus_ingest.readmodel.positions import Positions, Word
from argus_runtime.kafka import Partition, Place

EVENTS = Partition("argus.incident-events", 0)
OTHERS = Partition("argus.incident-events", 1)


@dataclass
class Clock:
    now: float = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def positions(clock: Clock) -> Positions:
    positions = Positions(clock)
    positions.reachable = True
    return positions


async def waiting(positions: Positions, *places: Place) -> list["asyncio.Task[Word]"]:
    tasks = [asyncio.create_task(positions.passed(place, 5)) for place in places]
    await asyncio.sleep(0)
    return tasks


async def test_who_waits_goes_on_when_the_position_has_passed_the_record(positions):
    first, second, elsewhere = await waiting(positions, Place(EVENTS, 6), Place(EVENTS, 7), Place(OTHERS, 6))

    positions.moved(EVENTS, 7)

    assert await first
    assert (second.done(), elsewhere.done()) == (False, False)
    positions.moved(EVENTS, 8)
    assert await second
    positions.release()
    assert not await elsewhere


async def test_who_waits_hears_whether_the_record_did_what_it_says(positions):
    did, otherwise, unsaid = await waiting(positions, Place(EVENTS, 6), Place(EVENTS, 7), Place(OTHERS, 6))

    positions.moved(EVENTS, 8, Announcement(*EVENTS, 8, 6, frozenset({7})))
    positions.moved(OTHERS, 7)

    assert [await did, await otherwise, await unsaid] == [Word.DID, Word.PASSED, Word.PASSED]


async def test_what_has_been_passed_is_not_waited_for(positions):
    positions.moved(EVENTS, 8)
    positions.moved(EVENTS, 3)  # announcements may come late

    assert await positions.passed(Place(EVENTS, 7), 0)
    assert positions.waiting == 0


async def test_nobody_waits_longer_than_told(positions):
    assert not await positions.passed(Place(EVENTS, 7), 0.001)
    assert positions.waiting == 0


async def test_while_the_store_stands_still_for_a_second_nobody_waits(positions, clock):
    (waiter,) = await waiting(positions, Place(EVENTS, 7))

    clock.now = 1.0
    positions.check()
    assert not positions.stalled
    clock.now = 1.1
    positions.check()

    assert not await waiter
    assert not await positions.passed(Place(EVENTS, 7), 5)
    positions.moved(EVENTS, 1)
    (waiter,) = await waiting(positions, Place(EVENTS, 7))
    assert not waiter.done()
    positions.release()


async def test_a_store_that_had_nothing_to_do_does_not_stand_still(positions, clock):
    clock.now = 100.0
    (waiter,) = await waiting(positions, Place(EVENTS, 7))

    clock.now = 100.9
    positions.check()

    assert not positions.stalled
    positions.release()
    assert not await waiter


async def test_while_positions_cannot_be_learned_nobody_waits(positions):
    (waiter,) = await waiting(positions, Place(EVENTS, 7))

    positions.lost()

    assert not await waiter
    assert not await positions.passed(Place(EVENTS, 7), 5)


async def test_the_log_is_passed_when_each_of_its_partitions_is(positions):
    ends = [Place(EVENTS, 3), Place(OTHERS, 0)]
    waiter = asyncio.create_task(positions.all_passed(ends, 5))
    await asyncio.sleep(0.01)

    positions.moved(EVENTS, 2)
    await asyncio.sleep(0)
    assert not waiter.done()
    positions.moved(EVENTS, 3)

    assert await waiter
