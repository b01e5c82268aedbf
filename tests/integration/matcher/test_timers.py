"""What is due is told once, whoever owns its partition then, and after what stands before it in the log."""

from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from argus_schemas.configuration import Damping, EscalationStep, Filter, Maintenance, NamedFilter
from argus_schemas.records import IncidentRecord
from argus_schemas.words import EventType
from tests.builders import EVERYTHING, a_draft, a_happening, a_profile, a_start, a_task, an_ack
from tests.eventually import eventually
from tests.integration.matcher.world import World

OPEN = NamedFilter(pk=2, name="Open", filter=Filter(open=True))
STEPS = (EscalationStep(after_minutes=1, destinations=(5,)),)
SECONDS = timedelta(seconds=1)


def now() -> datetime:
    return datetime.now(UTC)


def of(number: int, received_at: datetime) -> dict[str, Any]:
    """What all records of an incident have in common."""
    return {"key": f"2:box-{number}", "occurred_at": received_at, "received_at": received_at}


def started(number: int, received_at: datetime, **changes: Any) -> IncidentRecord:
    draft = a_draft(source_incident_id=f"box-{number}", start_time=received_at)
    pks: dict[str, Any] = {"incident_pk": number, "event_pk": number * 100, "draft": draft, "said": ()}
    return a_start(**(pks | of(number, received_at) | changes))


async def counted(world: World, *purposes: str) -> Counter[tuple[str, int]]:
    """Return how often each incident was told of, by purpose."""
    found = [each for each in await world.notifications() if each.purpose in purposes]
    return Counter((each.purpose, each.incident.pk) for each in found)


async def test_what_is_due_while_no_matcher_is_there_is_told_once_and_not_before_an_ack_that_waits_in_the_log(
    world: World,
) -> None:
    await world.publish(a_profile(filters=(OPEN,), escalation=STEPS))
    matcher = world.start("one")
    await eventually(matcher.ready, within=30)
    at = now() - 50 * SECONDS
    incidents = range(1, 21)
    await world.append(*(started(number, at) for number in incidents))
    await world.all_matched()
    await world.matchers.stop("one")

    acked = range(11, 21)
    for number in acked:
        common = of(number, now())
        others = [a_happening(EventType.OTHER, event_pk=number * 100 + n, **common) for n in range(1, 50)]
        await world.append(*others, an_ack(event_pk=number * 100 + 50, **common))
    await eventually(lambda: now() > at + 61 * SECONDS, within=30)
    second = world.start("two")
    await eventually(lambda: _told(world, "escalation 1", 10), within=60, pause=0.5)
    second.kill()
    await eventually(lambda: second.child.restarts == 1)
    await world.all_matched()
    await eventually(second.ready, within=30)
    await world.append(started(99, now()))
    await world.all_matched()

    assert await counted(world, "escalation 1") == {("escalation 1", number): 1 for number in range(1, 11)}


async def _told(world: World, purpose: str, many: int) -> bool:
    return len(await counted(world, purpose)) >= many


@pytest.mark.parametrize("incidents", [300, pytest.param(3000, marks=pytest.mark.long)])
async def test_maintenance_that_is_ended_early_releases_each_incident_once_though_the_matcher_is_killed(
    world: World, incidents: int
) -> None:
    task = a_task(starts_at=now() - 60 * SECONDS, ends_at=None)
    await world.publish(a_profile(filters=(OPEN,)), task)
    matcher = world.start()
    await eventually(matcher.ready, within=30)
    await world.append(*(started(number, now()) for number in range(1, incidents + 1)))
    await world.all_matched()
    assert await world.notifications() == []

    await world.publish(_ended(task))
    await eventually(lambda: _told(world, "maintenance over", 1), within=30, pause=0)
    matcher.kill()
    await eventually(lambda: _told(world, "maintenance over", incidents), within=60, pause=0.5)
    await world.append(a_happening(EventType.END, event_pk=199, **of(1, now())))
    await world.all_matched()

    told = await counted(world, "maintenance over", "event")
    assert told == Counter({("maintenance over", number): 1 for number in range(1, incidents + 1)} | {("event", 1): 1})
    assert matcher.child.restarts == 1


def _ended(task: Maintenance) -> Maintenance:
    return task.but(version=2, ends_at=now() - SECONDS)


async def test_an_incident_that_flaps_is_told_so_once_and_settles_once_though_another_matcher_takes_it_over(
    world: World,
) -> None:
    await world.publish(a_profile(filters=(EVERYTHING,), damping=Damping(changes=2, minutes=1)))
    matcher, other = world.start("one"), world.start("two")
    await eventually(matcher.ready, within=30)
    await eventually(other.ready, within=30)
    incidents, first = range(1, 21), now() - 50 * SECONDS
    for number in incidents:
        await world.append(*_flapping(number, first))
    await eventually(lambda: _told(world, "flapping", len(incidents)), within=30, pause=0.5)
    matcher.pause()
    await eventually(lambda: now() > first + 60 * SECONDS, within=60)
    await eventually(lambda: _told(world, "settled", len(incidents)), within=60, pause=0.5)
    matcher.resume()
    await eventually(lambda: matcher.child.restarts == 1, within=30)
    await world.append(started(99, now()))
    await world.all_matched()

    told = await counted(world, "event", "flapping", "settled")
    expected = {("event", number): 2 for number in incidents} | {("event", 99): 1}
    expected |= {(purpose, number): 1 for purpose in ("flapping", "settled") for number in incidents}
    assert told == Counter(expected)
    withheld = Counter((each.reason.partition(":")[0], each.incident) for each in await world.deliveries())
    assert withheld == {("flapping", number): 1 for number in incidents}


def _flapping(number: int, first: datetime) -> list[IncidentRecord]:
    """A start, an end, a restart and an end, all at one moment."""
    common = of(number, first)
    return [
        started(number, first),
        a_happening(EventType.END, event_pk=number * 100 + 1, **common),
        started(number, first, event_pk=number * 100 + 2),
        a_happening(EventType.END, event_pk=number * 100 + 3, **common),
    ]
