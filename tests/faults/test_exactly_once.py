"""Each event is matched once, whatever happens to the matchers, and what they remember is the fold of the log."""

import asyncio
import logging
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import islice
from pathlib import Path
from uuid import UUID

import pytest

from argus_domain.outcome import State, What
from argus_local.server import Running
from argus_runtime.errors import LogUnavailable
from argus_schemas.configuration import Filter, NamedFilter
from argus_schemas.memory import MatcherState
from argus_schemas.records import IncidentRecord
from argus_schemas.topics import DEAD_LETTERS, DELIVERIES, INCIDENT_EVENTS, INCIDENT_STATES, NOTIFICATIONS
from argus_schemas.words import EventType
from tests.builders import NAV, a_profile
from tests.faults.crew import PATIENCE_SECONDS, Crew
from tests.faults.harms import Harm, harmed, kill, kill_broker, put_to_sleep, terminate
from tests.faults.lives import Lives
from tests.faults.reckoning import Pairs, Reckoning
from tests.faults.standstills import standstills
from tests.integration.matcher.world import World, world_of
from tests.one_loop import of_each_test

BEATS_A_SECOND = 20
AT_ONCE = 2000
FROM_NAV = (NAV.pk,)
OPEN = Filter(open=True, acked=False, sourceSystemIds=FROM_NAV)
SEVERE = Filter(maxlevel=2, event_types=tuple(EventType), sourceSystemIds=FROM_NAV)
RULES = (
    a_profile(pk=11, filters=(NamedFilter(pk=2, name="Open", filter=OPEN),), destinations=(4, 5)),
    a_profile(pk=12, filters=(NamedFilter(pk=3, name="Severe", filter=SEVERE),), destinations=(5, 6)),
    a_profile(pk=13, active=False, destinations=(7,)),
)

log = logging.getLogger(__name__)


@of_each_test
async def crew(broker: Running, prefix: str, tmp_path: Path) -> AsyncIterator[Crew]:
    """Three matchers, not yet started, on a broker that may be killed."""
    async with world_of(f"127.0.0.1:{broker.server.port}", prefix, tmp_path) as world:
        await world.publish(*RULES)
        yield Crew(world, broker, await world.kafka.admin())


async def test_three_matchers_match_each_event_once_though_they_and_kafka_are_stopped_killed_and_paused(
    crew: Crew,
) -> None:
    crew.start()
    await live(crew, Lives(100), 20, [terminate, kill, put_to_sleep, kill_broker], rate=300)
    await each_was_matched_once(crew)


@pytest.mark.long
@pytest.mark.timeout(900)
@pytest.mark.parametrize("harm", [terminate, kill, put_to_sleep, kill_broker])
async def test_three_matchers_match_each_event_of_a_backlog_once(crew: Crew, harm: Harm) -> None:
    lives = Lives(500)
    crew.start()
    appended = await live(crew, lives, 20, [harm] * 3, rate=500)
    await crew.stop()
    backlog = list(lives.happen(400))
    await append(crew.world, backlog)
    crew.start()
    await harmed(crew, [harm] * 5, after=appended, of=len(backlog))
    assert crew.harms[-1].matched < appended + len(backlog)
    await each_was_matched_once(crew)


async def live(crew: Crew, lives: Lives, times: int, harms: Sequence[Harm], *, rate: int) -> int:
    """Append so many records of each incident at a rate, and more until all harms are done; return how many."""
    doing = asyncio.create_task(harmed(crew, harms, after=0, of=len(lives) * times))
    begun, appended = asyncio.get_running_loop().time(), 0
    records = lives.happen(times)
    while batch := list(islice(records, rate // BEATS_A_SECOND)):
        await append(crew.world, batch)
        appended += len(batch)
        if appended >= len(lives) * times and not doing.done():
            records = lives.happen(1)
        await asyncio.sleep(begun + appended / rate - asyncio.get_running_loop().time())
    await doing
    return appended


async def append(world: World, records: Sequence[IncidentRecord]) -> None:
    """Append records, again those that Kafka has not confirmed."""
    for first in range(0, len(records), AT_ONCE):
        missing: Sequence[IncidentRecord] = records[first : first + AT_ONCE]
        while missing:
            confirmed = await asyncio.gather(*map(world.append, missing), return_exceptions=True)
            missing = [record for record, error in zip(missing, confirmed, strict=True) if error is not None]
            for error in filter(None, confirmed):
                assert isinstance(error, LogUnavailable), error


async def each_was_matched_once(crew: Crew) -> None:
    """Compare what the matchers left behind with what the log comes to."""
    world = crew.world
    await world.all_matched(within=PATIENCE_SECONDS)
    expected = Reckoning(RULES)
    async for record in world.each(INCIDENT_EVENTS):
        expected.take(INCIDENT_EVENTS.decode(record.value or b""))
    assert expected.meant.keys() == set(What)
    assert sum(map(len, expected.told.values())) > expected.meant.total() / 4

    told = defaultdict(list)
    async for record in world.each(NOTIFICATIONS):
        notification = NOTIFICATIONS.decode(record.value or b"")
        told[notification.incident.pk, notification.destination].append(notification.event.event_id)
    assert differing(told, expected.told) == []
    assert await world.read(DEAD_LETTERS) == await world.read(DELIVERIES) == []

    states, moments = {}, defaultdict(list)
    async for record in world.each(INCIDENT_STATES):
        states[(record.key or b"").decode()] = record.value
        moments[record.partition].append(record.appended_at_ms)
    remembered = {key: INCIDENT_STATES.decode(value) for key, value in states.items() if value is not None}
    assert {key: State(each.incident, each.recent) for key, each in remembered.items()} == expected.states
    assert {key: promised(each) for key, each in remembered.items()} == expected.promised
    for name, silences in standstills(crew.harms, crew.phases, moments.values()):
        log.info("%s: partitions stood still for %s ms", name, silences)


def promised(state: MatcherState) -> Pairs:
    return {(profile, told.destination) for told in state.told for profile in told.profiles}


def differing(found: Mapping[tuple[int, int], list[UUID]], expected: Mapping[tuple[int, int], list[UUID]]) -> list[str]:
    """Return in words what is missing, twice, or out of order, for the first incidents and destinations."""
    lines = []
    for place in sorted(expected.keys() | found.keys()):
        wanted, got = expected.get(place, []), found.get(place, [])
        if wanted == got:
            continue
        missing, beyond = Counter(wanted) - Counter(got), Counter(got) - Counter(wanted)
        what = f"missing {[*missing.elements()]}, too many {[*beyond.elements()]}" if missing or beyond else "order"
        lines.append(f"incident {place[0]}, destination {place[1]}: {what}")
    return lines[:10]
