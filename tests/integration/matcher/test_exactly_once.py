"""Each event is matched once, whatever happens to the matchers, and what they remember is the fold of the log."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable

import pytest

from argus_schemas.configuration import Filter, NamedFilter
from argus_schemas.words import EventType
from tests.builders import a_profile
from tests.eventually import eventually
from tests.integration.matcher.load import Load
from tests.integration.matcher.world import SESSION_SECONDS, World, by_incident
from tests.stack import Member

OPEN = NamedFilter(pk=2, name="Open", filter=Filter(open=True))
SEVERE = NamedFilter(pk=3, name="Severe", filter=Filter(maxlevel=2, event_types=tuple(EventType)))
RULES = (
    a_profile(pk=11, filters=(OPEN,), destinations=(4, 5)),
    a_profile(pk=12, filters=(SEVERE,), destinations=(5, 6)),
)
Harm = Callable[[Member], Awaitable[None]]


async def terminate(matcher: Member) -> None:
    matcher.signal(15)


async def kill(matcher: Member) -> None:
    matcher.kill()


async def put_to_sleep(matcher: Member) -> None:
    """Sleep long enough for others to take over, and wake up with a transaction begun."""
    matcher.pause()
    await asyncio.sleep(SESSION_SECONDS * 1.5)
    matcher.resume()


async def under_harm(world: World, harms: list[Harm], *, rate: int, pause: float) -> None:
    await world.publish(*RULES)
    first, second = world.start("first"), world.start("second")
    await eventually(first.ready, within=30)
    await eventually(second.ready, within=30)
    load = Load(world, rate)
    loading = asyncio.create_task(load.run())
    for number, harm in enumerate(harms):
        await asyncio.sleep(pause)
        await harm((first, second)[number % 2])
    await asyncio.sleep(pause)
    load.ended.set()
    await loading

    await world.all_matched(within=60)

    expected, found = await world.expected(), await world.notifications()
    assert len(expected.notifications) > load.appended / 4
    assert Counter(each.id for each in found) == Counter(each.id for each in expected.notifications)
    assert by_incident(found) == by_incident(expected.notifications)
    assert await world.states() == expected.states


async def test_two_matchers_match_each_event_once_though_they_are_stopped_killed_and_paused(world: World) -> None:
    await under_harm(world, [terminate, kill, put_to_sleep], rate=300, pause=1.5)


@pytest.mark.long
@pytest.mark.timeout(600)
@pytest.mark.parametrize("harm", [terminate, kill, put_to_sleep])
async def test_two_matchers_match_each_event_once_for_minutes(world: World, harm: Harm) -> None:
    await under_harm(world, [harm] * 12, rate=400, pause=6)
