"""What a matcher makes of records and rules as they stand in Kafka."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from argus_matcher.agents import MAX_DEAD_LETTERS_IN_A_ROW
from argus_runtime.kafka import Partition
from argus_schemas.configuration import Filter, Maintenance, NamedFilter
from argus_schemas.records import IncidentRecord
from argus_schemas.topics import DEAD_LETTERS, INCIDENT_EVENTS, NOTIFICATIONS, RULES
from argus_schemas.words import EventType
from tests.builders import EVERYTHING, a_draft, a_happening, a_profile, a_start
from tests.eventually import eventually
from tests.integration.matcher.world import World, by_incident

BURST = 40
OPEN = NamedFilter(pk=2, name="Open", filter=Filter(open=True))


def a_pair(number: int) -> list[IncidentRecord]:
    """A start and an end of an incident of its own, now, back to back."""
    name, now = f"box-{number}", datetime.now(UTC)
    common: dict[str, Any] = {"key": f"2:{name}", "occurred_at": now, "received_at": now}
    draft = a_draft(source_incident_id=name, start_time=now)
    return [
        a_start(incident_pk=number, event_pk=number * 10 + 1, draft=draft, **common),
        a_happening(EventType.END, event_pk=number * 10 + 2, **common),
    ]


def a_burst(number: int) -> list[IncidentRecord]:
    """Starts and ends of many incidents."""
    return [record for incident in range(BURST) for record in a_pair(1 + number * BURST + incident)]


@pytest.mark.parametrize("kills", [2, pytest.param(10, marks=pytest.mark.long)])
async def test_who_was_told_of_a_start_is_told_of_its_end_though_the_matcher_is_killed_while_it_commits(
    world: World, kills: int
) -> None:
    await world.publish(a_profile(filters=(OPEN,)))
    matcher = world.start()
    watching = await world.kafka.reader(NOTIFICATIONS)
    for burst in range(kills):
        await eventually(matcher.ready, within=30)
        before = await watching.end()
        await world.append(*a_burst(burst))
        while await watching.end() == before:
            """A transaction has begun, and is not yet committed."""
        matcher.kill()
    await world.append(*a_burst(kills))
    await world.all_matched()

    told = by_incident(await world.notifications())
    assert len(told) == BURST * (kills + 1)
    assert {tuple(line.split()[0] for line in lines) for lines in told.values()} == {("STA", "END")}
    assert matcher.child.restarts == kills


async def test_what_cannot_be_read_is_kept_and_the_records_after_it_are_matched(world: World) -> None:
    await world.publish(a_profile(filters=(EVERYTHING,)))
    matcher = world.start()
    start, end = a_pair(1)
    bad = b'{"kind": "start", "level": "\xff'

    await world.append(start)
    for value in (bad, b"[]", None):
        await (await world.producer.send(INCIDENT_EVENTS, start.key, value, headers=[("from", b"test")]))
    await world.append(end)
    await world.all_matched()

    letters = await world.read(DEAD_LETTERS)
    assert [letter.value for letter in letters] == [bad, b"[]", None]
    headers = dict(letters[0].headers)
    partition, offset = headers["origin"].decode().split("@")
    assert partition.startswith(world.kafka.name(INCIDENT_EVENTS))
    assert int(offset) == 1
    assert headers["reason"]
    assert headers["service"] == b"matcher"
    assert headers["original-from"] == b"test"
    assert [each.event.type for each in await world.notifications()] == ["STA", "END"]
    assert matcher.child.restarts == 0


async def test_a_document_that_cannot_be_read_holds_up_no_other(world: World) -> None:
    await world.publish(a_profile(pk=11, filters=(EVERYTHING,)))
    await (await world.producer.send(RULES, "profile:12", b"\xff not JSON"))
    await (await world.producer.send(RULES, "profile:13", b'{"kind": "profile", "pk": 13, "version": 3, "owner": "x"}'))
    matcher = world.start()
    await eventually(matcher.ready, within=30)

    await world.append(*a_pair(1))
    await world.all_matched()

    assert [each.event.type for each in await world.notifications()] == ["STA", "END"]
    assert 'argus_broadcast_unreadable_total{topic="rules"} 2.0' in await matcher.metrics()


async def test_a_rule_counts_from_when_it_is_published_until_it_is_deleted(world: World) -> None:
    matcher = world.start()
    await eventually(matcher.ready, within=30)

    async def version(wanted: int) -> None:
        await eventually(lambda: _shows(matcher, f"argus_matcher_index_version {wanted}.0"))

    await world.append(*a_pair(1))
    await world.all_matched()
    await world.publish(a_profile(pk=11, version=2, filters=(EVERYTHING,)))
    await version(2)
    await world.append(*a_pair(2))
    await world.all_matched()
    await (await world.producer.send(RULES, "profile:11", None))
    await eventually(lambda: _shows(matcher, 'argus_broadcast_documents{topic="rules"} 0.0'))
    await world.append(*a_pair(3))
    await world.all_matched()

    assert {each.incident.pk for each in await world.notifications()} == {2}


async def test_what_maintenance_withholds_stands_on_deliveries(world: World) -> None:
    now = datetime.now(UTC)
    task = Maintenance(
        pk=21, version=2, description="new firmware", starts_at=now - timedelta(1), ends_at=now + timedelta(1),
        filters=(EVERYTHING,),
    )  # fmt: skip
    await world.publish(a_profile(pk=11, filters=(EVERYTHING,), destinations=(4, 5)), task)
    world.start()

    await world.append(*a_pair(1))
    await world.all_matched()

    withheld = await world.deliveries()
    assert await world.notifications() == []
    assert [(each.destination, each.event, each.state, each.attempt) for each in sorted(withheld, key=_order)] == [
        (4, 11, "suppressed", 0), (4, 12, "suppressed", 0), (5, 11, "suppressed", 0), (5, 12, "suppressed", 0),
    ]  # fmt: skip
    assert {each.reason for each in withheld} == {"planned maintenance 21: new firmware"}


@pytest.mark.long
async def test_a_matcher_more_than_there_are_partitions_is_ready_too(world: World) -> None:
    await world.publish(a_profile())
    matchers = [world.start(f"matcher-{number}") for number in range(INCIDENT_EVENTS.partitions + 1)]

    for matcher in matchers:
        await eventually(matcher.ready, within=90)
    await world.append(*a_pair(1))
    await world.all_matched()

    assert len(await world.notifications()) == 2
    details = [(await matcher.report())["checks"]["lanes"]["detail"] for matcher in matchers]
    assert sorted(details) == ["1 open"] * INCIDENT_EVENTS.partitions + ["no partition is ours"]


async def test_a_matcher_whose_position_left_the_log_works_no_more_and_is_not_ready(world: World) -> None:
    await world.publish(a_profile())
    matcher = world.start()
    await eventually(matcher.ready, within=30)
    await world.append(*a_pair(1))
    await world.all_matched()
    await world.matchers.stop("matcher")
    await _move(world, a_pair(1)[0].key, to=1000)

    matcher = world.start()

    await eventually(lambda: _fails(matcher, "lies outside the log"), within=20)
    assert matcher.child.restarts == 0


async def test_a_matcher_that_can_read_nothing_stays_unready_and_buries_no_second_hundred(world: World) -> None:
    await world.publish(a_profile())
    matcher = world.start()
    await eventually(matcher.ready, within=30)
    key = a_pair(1)[0].key

    for _ in range(2 * MAX_DEAD_LETTERS_IN_A_ROW):
        await world.producer.send(INCIDENT_EVENTS, key, b"not json")

    await eventually(lambda: _fails(matcher, "101 dead letters in a row"), within=20)
    assert len(await world.read(DEAD_LETTERS)) <= MAX_DEAD_LETTERS_IN_A_ROW
    assert matcher.child.restarts == 0


async def _fails(matcher, words: str) -> bool:
    checks = (await matcher.report()).get("checks", {})
    return any(words in check["detail"] for check in checks.values() if not check["ok"])


async def _shows(matcher, line: str) -> bool:
    return line in await matcher.metrics()


def _order(delivery) -> tuple[int, int]:
    return delivery.destination, delivery.event


async def _move(world: World, key: str, *, to: int) -> None:
    """Move the group's position of the partition that holds the key's records."""
    [partition] = {record.partition for record in await world.read(INCIDENT_EVENTS)}
    producer = await world.kafka.transactional("test")
    await producer.start()
    async with producer.transaction():
        producer.send_offsets({Partition(*partition): to}, "matcher")
