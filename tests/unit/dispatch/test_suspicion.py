"""What was on its way at crashes: alone the next time, and given up after the third."""

import asyncio
from datetime import timedelta

from argus_dispatch.suspicion import Suspicion
from tests.builders import NOON
from tests.eventually import eventually
from tests.unit.dispatch.fakes import FakeClock, a_waiting


class World:
    """A suspicion over attempts that the test ends."""

    def __init__(self):
        self.flying, self.given_up = {}, []
        self.suspicion = Suspicion(attempt=self.attempt, give_up=self.give_up, now=FakeClock())

    async def attempt(self, _partition, waiting):
        future = self.flying[id(waiting)] = asyncio.get_running_loop().create_future()
        return await future

    async def give_up(self, _partition, waiting):
        self.given_up.append(waiting)

    async def begin(self, waiting, partition=0):
        """Let one go, and return once it flies."""
        task = asyncio.create_task(self.suspicion.attempt(partition, waiting))
        await eventually(lambda: id(waiting) in self.flying, within=2, pause=0.001)
        return task

    async def end(self, waiting, task, again_at=None):
        self.flying.pop(id(waiting)).set_result(again_at)
        return await task


async def test_what_is_above_suspicion_goes_beside_all_others():
    world = World()
    for crashes in (0, 1, 2, 1, 0):
        await world.begin(a_waiting(crashes=crashes))

    assert len(world.flying) == 5


async def test_suspects_go_one_at_a_time_whichever_their_partition():
    world = World()
    first, second = a_waiting(crashes=2), a_waiting(crashes=2)
    task = await world.begin(first, partition=0)

    assert await world.suspicion.attempt(1, second) == NOON + timedelta(seconds=0.1)
    assert len(world.flying) == 1

    assert await world.end(first, task, again_at=NOON) == NOON
    assert await world.end(second, await world.begin(second, partition=1)) is None


async def test_a_suspect_that_fails_or_is_stopped_lets_the_next_go():
    world = World()
    first = a_waiting(crashes=2)
    (await world.begin(first)).cancel()

    await asyncio.sleep(0)
    await world.begin(a_waiting(crashes=2))


async def test_what_was_on_its_way_at_three_crashes_is_given_up_and_not_attempted():
    world = World()
    guilty = a_waiting(crashes=3)
    await world.begin(a_waiting(crashes=2))

    assert await world.suspicion.attempt(0, guilty) is None
    assert world.given_up == [guilty]
    assert len(world.flying) == 1
