import asyncio
import time
from typing import Any

import pytest

from argus_runtime.consumer import Loop
from argus_runtime.dead_letters import DeadLetters
from argus_runtime.errors import InvalidRecord, PartitionTaken, PositionLost
from argus_runtime.kafka import Kafka, Partition, Record
from argus_runtime.limits import Limits
from argus_schemas.topics import DEAD_LETTERS, IDS, NOTIFICATIONS, RULES, reports_topic
from tests.eventually import eventually
from tests.integration.runtime.snappy import send_compressed
from tests.integration.runtime.strange import Bytes, send_with_headers

LOOK = 0.2


async def send(kafka, topic, values, key="key"):
    producer = await kafka.producer()
    await asyncio.gather(*[await producer.send(topic, key, str(value).encode()) for value in values])


async def drained(consumer, count, within=10):
    found = []

    async def enough():
        for records in (await consumer.batches(LOOK, 100)).values():
            found.extend(records)
        return len(found) >= count

    await eventually(enough, within=within, pause=0)
    return [record.value.decode() for record in found]


async def test_a_new_group_begins_at_the_earliest_record(kafka):
    await send(kafka, IDS, range(5))

    consumer = await kafka.consumer(IDS, group="g")

    assert await drained(consumer, 5) == list("01234")


async def test_a_source_may_compress_its_reports_in_a_way_that_we_cannot_read(kafka, settings):
    topic = reports_topic("squeezed")
    await (await kafka.admin()).create([topic])
    report = b"x" * 500
    await send_compressed(settings.bootstrap_servers, kafka.name(topic), report)

    consumer = await kafka.consumer(pattern=r"reports\..+", group="g")

    assert await drained(consumer, 1) == [report.decode()]


async def test_a_header_whose_name_is_no_text_stops_nobody(kafka, settings):
    topic = reports_topic("strange")
    await (await kafka.admin()).create([topic])
    headers: list[list[tuple[Any, bytes | None]]] = [[("good", b"1")], [("none", None), (Bytes(b"na\xffme"), b"2")], []]
    await send_with_headers(settings.bootstrap_servers, kafka.name(topic), headers)
    consumer = await kafka.consumer(pattern=r"reports\..+", group="g")
    found: list[Record] = []

    async def all_read():
        found.extend(record for some in (await consumer.batches(LOOK, 100)).values() for record in some)
        return len(found) == 3

    await eventually(all_read, pause=0)

    assert [record.headers for record in found] == [(("good", b"1"),), (("none", None), ("na\\xffme", b"2")), ()]
    assert [(record.offset, record.value) for record in found] == [(0, b"0"), (1, b"1"), (2, b"2")]


async def test_a_group_goes_on_at_its_position_and_keeps_its_mark(kafka):
    await send(kafka, IDS, range(5))
    first = await kafka.consumer(IDS, group="g")
    await drained(first, 5)
    [partition] = first.assignment()
    await first.commit({partition: 3}, {partition: "1:5"})
    await first.close()

    second = await kafka.consumer(IDS, group="g")

    assert await drained(second, 2) == ["3", "4"]
    assert await second.committed(partition) == 3
    assert await second.committed_marks([partition]) == {partition: (3, "1:5")}


async def test_a_partition_begins_where_its_new_owner_seeks_and_nothing_comes_before(kafka):
    await send(kafka, IDS, range(5))
    slow = asyncio.Event()

    async def on_assigned(partitions):
        await slow.wait()
        for partition in partitions:
            await consumer.seek(partition, 3)

    consumer = await kafka.consumer(IDS, group="g", on_assigned=on_assigned)
    await eventually(consumer.assignment)
    assert await consumer.batches(LOOK, 100) == {}
    slow.set()

    assert await drained(consumer, 2) == ["3", "4"]


async def test_preparing_longer_than_the_session_costs_no_membership(kafka, settings):
    await send(kafka, IDS, range(2))
    calls = []

    async def on_assigned(_partitions):
        calls.append(1)
        await asyncio.sleep(settings.session_timeout * 1.5)  # the preparation itself, not a wait of the test

    consumer = await kafka.consumer(IDS, group="g", on_assigned=on_assigned)

    assert await drained(consumer, 2) == ["0", "1"]
    assert len(calls) == 1


async def test_what_preparing_raises_comes_out_of_the_next_batches(kafka):
    async def on_assigned(_partitions):
        raise RuntimeError("no rows")

    consumer = await kafka.consumer(IDS, group="g", on_assigned=on_assigned)

    with pytest.raises(RuntimeError, match="no rows"):
        await drained(consumer, 1)


@pytest.mark.parametrize("position", [6, 1000])
async def test_a_position_beyond_the_log_is_lost(kafka, position):
    await send(kafka, IDS, range(5))
    consumer = await kafka.consumer(IDS, group="g")
    await drained(consumer, 5)
    [partition] = consumer.assignment()
    await consumer.commit({partition: position})
    await consumer.close()

    successor = await kafka.consumer(IDS, group="g")

    with pytest.raises(PositionLost, match=rf"@{position} lies outside the log \(the log has 0 to 5\)"):
        await drained(successor, 1)


async def test_a_lost_position_holds_up_no_other_partition_where_somebody_hears_of_it(kafka):
    await send(kafka, IDS, range(5))
    await send(kafka, RULES, ["a", "b"])
    place = Partition(kafka.name(IDS), 0)
    await kafka.move("g", {place: 17})
    lost: dict[Partition, PositionLost] = {}
    consumer = await kafka.consumer(IDS, RULES, group="g", on_lost=lost.update)

    assert await drained(consumer, 2) == ["a", "b"]
    assert "`argus positions set`" in str(lost[place])
    consumer.resume(place)
    assert await consumer.batches(0.5, 100) == {}


async def test_a_seek_beyond_the_log_is_lost_too(kafka):
    await send(kafka, IDS, range(5))

    async def on_assigned(partitions):
        for partition in partitions:
            await consumer.seek(partition, 17)

    consumer = await kafka.consumer(IDS, group="g", on_assigned=on_assigned)

    with pytest.raises(PositionLost, match="@17"):
        await drained(consumer, 1)


async def test_the_end_of_the_log_is_a_good_position(kafka):
    await send(kafka, IDS, range(2))
    consumer = await kafka.consumer(IDS, group="g")
    await drained(consumer, 2)
    [partition] = consumer.assignment()
    await consumer.commit({partition: 2})
    await consumer.close()

    successor = await kafka.consumer(IDS, group="g")
    await eventually(successor.assignment)
    await send(kafka, IDS, ["new"])

    assert await drained(successor, 1) == ["new"]


async def test_a_paused_partition_delivers_nothing_until_resumed(kafka):
    consumer = await kafka.consumer(IDS, group="g")
    await eventually(lambda: _settled(consumer))
    [partition] = consumer.assignment()
    consumer.pause(partition)
    await send(kafka, IDS, range(2))

    assert await consumer.batches(1.0, 100) == {}
    consumer.resume(partition)

    assert await drained(consumer, 2) == ["0", "1"]


async def test_records_are_divided_and_a_leaver_hands_over_after_its_revocation(kafka, settings):
    order = []

    async def revoked(partitions):
        order.append(("revoked", len(partitions)))

    async def assigned(partitions):
        order.append(("assigned", len(partitions)))

    first = await kafka.consumer(NOTIFICATIONS, group="g", on_revoked=revoked)
    await eventually(lambda: len(first.assignment()) == 6 and _settled(first))
    async with Kafka(settings) as other:
        second = await other.consumer(NOTIFICATIONS, group="g", on_assigned=assigned)
        await eventually(lambda: len(second.assignment()) == 3 and len(first.assignment()) == 3)
        assert first.assignment().isdisjoint(second.assignment())
        assert order == [("revoked", 6), ("assigned", 3)]

    await eventually(lambda: len(first.assignment()) == 6)


async def test_a_commit_for_a_partition_that_moved_is_refused(kafka, settings):
    first = await kafka.consumer(IDS, group="g")
    await eventually(lambda: _settled(first))
    [partition] = first.assignment()
    async with Kafka(settings) as other:
        second = await other.consumer(IDS, group="g")
        await eventually(lambda: len(first.assignment()) + len(second.assignment()) == 1)
        loser = first if second.assignment() else second

        with pytest.raises(PartitionTaken):
            await loser.commit({partition: 0})


async def test_the_last_commit_may_come_with_the_revocation(kafka, settings):
    await send(kafka, IDS, range(5))

    async def revoked(partitions):
        await first.commit(dict.fromkeys(partitions, 3))

    first = await kafka.consumer(IDS, group="g", on_revoked=revoked)
    await drained(first, 5)
    [partition] = first.assignment()
    async with Kafka(settings) as other:
        second = await other.consumer(IDS, group="g")
        await eventually(lambda: len(first.assignment()) + len(second.assignment()) == 1 and _both(first, second))

        assert await second.committed(partition) == 3


async def test_who_slept_past_its_session_commits_nothing_and_joins_again(kafka, settings):
    await send(kafka, IDS, range(5))
    consumer = await kafka.consumer(IDS, group="g")
    await drained(consumer, 5)
    [partition] = consumer.assignment()
    await consumer.commit({partition: 2})
    time.sleep(settings.session_timeout * 1.7)  # noqa: ASYNC251  the whole process sleeps

    with pytest.raises(PartitionTaken):
        await consumer.commit({partition: 5})

    assert await drained(consumer, 3) == ["2", "3", "4"]


async def test_a_topic_that_appears_is_read_within_a_second_or_two(kafka):
    consumer = await kafka.consumer(pattern=r"reports\.[a-z0-9-]+", group="inbox")
    assert await consumer.batches(1.0, 10) == {}
    admin = await kafka.admin()

    for slug in ("nav", "zabbix"):
        await admin.create([reports_topic(slug)])
        await send(kafka, reports_topic(slug), [slug])

        assert await drained(consumer, 1, within=3) == [slug]
        await consumer.commit({Partition(kafka.name(reports_topic(slug)), 0): 1})


async def test_a_pattern_does_not_match_the_topics_of_another_prefix(kafka, settings):
    admin = await kafka.admin()
    await admin.create([reports_topic("nav")])
    async with Kafka(settings.model_copy(update={"prefix": settings.prefix[:-2] + "."})) as other:
        consumer = await other.consumer(pattern=r"reports\..+", group="inbox")
        await consumer.batches(1.0, 10)

        assert consumer.assignment() == set()


async def test_a_consumer_knows_how_far_it_is_behind(kafka):
    await send(kafka, IDS, range(10))
    consumer = await kafka.consumer(IDS, group="g")
    assert consumer.lag() == {}

    await eventually(lambda: consumer.batches(LOOK, 4))

    assert consumer.lag() == {Partition(kafka.name(IDS), 0): 6}


async def test_questions_about_the_log(kafka):
    producer = await kafka.producer()
    places = [await (await producer.send(IDS, "k", b"x")) for _ in range(3)]
    consumer = await kafka.consumer(IDS, group="g")
    [record] = (await _first(consumer))[:1]
    partition = places[0].partition

    assert await consumer.beginning([partition]) == {partition: 0}
    assert await consumer.end([partition]) == {partition: 3}
    assert await consumer.offset_at(partition, record.appended_at_ms) == 0
    assert await consumer.offset_at(partition, record.appended_at_ms + 3_600_000) is None


async def test_the_loop_works_on_a_real_group(kafka, prefix):
    admin = await kafka.admin()
    await admin.create([reports_topic("nav")])
    await send(kafka, reports_topic("nav"), ["1", "bad", "2"])
    producer, stop, handled = await kafka.producer(), asyncio.Event(), []

    async def handle(record):
        if record.value == b"bad":
            raise InvalidRecord("not a number")
        handled.append(record.value)
        return await producer.send(NOTIFICATIONS, "1", record.value)

    loop = Loop(handle, DeadLetters(producer, "ingest", prefix), Limits("pause"), prefix=prefix)
    consumer = await kafka.consumer(
        pattern=r"reports\..+", group="inbox", on_assigned=loop.on_assigned, on_revoked=loop.on_revoked
    )
    running = asyncio.ensure_future(loop.run(consumer, stop))
    partition = Partition(f"{prefix}reports.nav", 0)
    await eventually(lambda: _committed(admin, partition, 3))
    stop.set()
    await running

    assert handled == [b"1", b"2"]
    letters = await kafka.reader(DEAD_LETTERS)
    [letter] = [record async for record in letters.to_end()]
    assert letter.value == b"bad"
    assert dict(letter.headers)["origin"].decode() == f"{partition}@1"


async def _both(first, second):
    return [await one.batches(0.05, 1) for one in (first, second)] and not (
        first.membership.settling or second.membership.settling
    )


async def _committed(admin, partition, position):
    return (await admin.positions("inbox")).get(partition) == position


async def _first(consumer):
    found = []

    async def some():
        for records in (await consumer.batches(LOOK, 100)).values():
            found.extend(records)
        return found

    return await eventually(some)


async def _settled(consumer):
    await consumer.batches(0.05, 1)
    return bool(consumer.assignment()) and consumer.membership.settling is None
