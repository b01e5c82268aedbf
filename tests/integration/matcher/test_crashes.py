"""A record that is present at three crashes is a dead letter; nothing else is, whatever ends a matcher."""

from datetime import UTC, datetime
from typing import Any

import pytest

from argus_runtime.kafka import Partition
from argus_runtime.openings import CLOSED
from argus_schemas.records import IncidentRecord
from argus_schemas.topics import DEAD_LETTERS, INCIDENT_EVENTS
from argus_schemas.words import EventType
from tests.builders import EVERYTHING, a_draft, a_happening, a_profile, a_start
from tests.eventually import eventually
from tests.integration.matcher.fragile import DEADLY, HUGE
from tests.integration.matcher.world import World

FRAGILE = "tests.integration.matcher.fragile"


def a_life(number: int, *between: str) -> list[IncidentRecord]:
    """The start of an incident, events with these descriptions, and its end, numbered in their order."""
    name, now = f"box-{number}", datetime.now(UTC)
    common: dict[str, Any] = {"key": f"2:{name}", "occurred_at": now, "received_at": now}
    first = number * 100
    draft = a_draft(source_incident_id=name, start_time=now)
    others = [
        a_happening(EventType.OTHER, event_pk=first + 1 + n, description=text, **common)
        for n, text in enumerate(between)
    ]
    end = a_happening(EventType.END, event_pk=first + 1 + len(between), **common)
    return [a_start(incident_pk=number, event_pk=first, draft=draft, **common), *others, end]


async def texts(world: World) -> set[str]:
    """Return what stands beside the group's positions."""
    name = world.kafka.name(INCIDENT_EVENTS)
    async with world.kafka.outsider("matcher") as outsider:
        marks = await outsider.committed_marks(
            [Partition(name, number) for number in range(INCIDENT_EVENTS.partitions)]
        )
    return {text for _position, text in marks.values()}


async def told(world: World) -> list[int]:
    return sorted(each.event.pk for each in await world.notifications())


async def test_a_record_that_kills_three_matchers_is_a_dead_letter_and_others_are_matched_once(
    world: World,
) -> None:
    await world.publish(a_profile(filters=(EVERYTHING,)))
    records = a_life(1, "before", DEADLY, "after")
    others = [record for number in range(2, 12) for record in a_life(number)]
    for record in records:
        await world.append(record)
    await world.append(*others)

    matcher = world.start(module=FRAGILE)
    await world.all_matched(within=90)

    [letter] = await world.read(DEAD_LETTERS)
    headers = dict(letter.headers)
    assert letter.value == records[2].to_bytes()
    assert (headers["reason"], headers["attempts"]) == (b"the process crashed 3 times while handling it", b"3")
    assert await told(world) == [100, 101, 103, 104, *(pk for n in range(2, 12) for pk in (n * 100, n * 100 + 1))]
    assert matcher.child.restarts == 3


@pytest.mark.long
async def test_a_record_that_causes_too_much_for_kafka_is_a_dead_letter_too(world: World) -> None:
    await world.publish(a_profile(filters=(EVERYTHING,)))
    records = a_life(1, "before", HUGE, "after")
    for record in records:
        await world.append(record)

    matcher = world.start(module=FRAGILE)
    await world.all_matched(within=90)

    [letter] = await world.read(DEAD_LETTERS)
    assert letter.value == records[2].to_bytes()
    assert await told(world) == [100, 101, 103, 104]
    assert matcher.child.restarts == 3


async def test_a_matcher_that_is_killed_while_idle_gives_nothing_up(world: World) -> None:
    await world.publish(a_profile(filters=(EVERYTHING,)))
    matcher = world.start()
    for _ in range(3):
        await world.matchers.is_ready(matcher)
        matcher.kill()
        await eventually(lambda: not matcher.child.pid)
    await world.append(*a_life(1, "one", "two"))
    await world.all_matched(within=60)

    assert await told(world) == [100, 101, 102, 103]
    assert await world.read(DEAD_LETTERS) == []
    assert "owners crashed here" not in matcher.log.read_text()


async def test_a_matcher_that_stops_in_order_leaves_no_suspicion(world: World) -> None:
    await world.publish(a_profile(filters=(EVERYTHING,)))
    matcher = world.start()
    await world.matchers.is_ready(matcher)
    assert await texts(world) == {"open:0:0:0"}
    await world.append(*a_life(1))
    await world.all_matched()

    await world.matchers.stop("matcher")

    assert await texts(world) == {CLOSED}
