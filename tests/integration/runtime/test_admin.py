import asyncio
from dataclasses import replace

import pytest

from argus_runtime.errors import CatalogueMismatch, PartitionTaken
from argus_runtime.health import Health
from argus_runtime.kafka import Kafka, Partition
from argus_schemas.topics import CATALOGUE, DEAD_LETTERS, IDS, NOTIFICATIONS, RULES, WEEK, reports_topic
from tests.eventually import eventually


async def test_topics_are_created_from_the_catalogue_once(kafka):
    admin = await kafka.admin()

    assert await admin.create(CATALOGUE) == []
    assert await admin.differences() == []
    assert await admin.topics() == {kafka.name(topic) for topic in CATALOGUE}


async def test_the_broker_has_what_the_catalogue_says(kafka):
    described = await (await kafka.admin()).describe([RULES, DEAD_LETTERS])

    assert described["rules"].partitions == 1
    assert described["rules"].configuration["cleanup.policy"] == "compact"
    assert described["dead-letters"].configuration["message.timestamp.type"] == "LogAppendTime"


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"partitions": 7}, "has 6 partitions, the catalogue 7"),
        ({"cleanup": "compact"}, "has cleanup.policy=delete, the catalogue compact"),
        ({"keep": 2 * WEEK}, "has retention.ms=604800000, the catalogue 1209600000"),
        ({"largest": 2**23}, "has max.message.bytes=4194304, the catalogue 8388608"),
    ],
)
async def test_what_the_broker_has_otherwise_is_a_difference(kafka, changes, says):
    [line] = await (await kafka.admin()).differences([replace(NOTIFICATIONS, **changes)])

    assert line == f"{kafka.name(NOTIFICATIONS)} {says}"


async def test_an_operator_may_keep_records_longer(kafka):
    shorter = replace(NOTIFICATIONS, keep=WEEK / 2, largest=2**19)

    assert await (await kafka.admin()).differences([shorter]) == []


async def test_a_missing_topic_is_a_difference(kafka):
    [line] = await (await kafka.admin()).differences([reports_topic("nav")])

    assert line == f"{kafka.name('reports.nav')} is missing"


async def test_lag_is_what_stands_after_a_groups_position(kafka):
    producer = await kafka.producer()
    for _ in range(5):
        await (await producer.send(IDS, "k", b"x"))
    consumer = await kafka.consumer(IDS, group="g")
    await eventually(lambda: consumer.batches(0.2, 100))
    partition = Partition(kafka.name(IDS), 0)
    await consumer.commit({partition: 2})
    admin = await kafka.admin()

    assert await admin.positions("g") == {partition: 2}
    assert await admin.lag("g") == {partition: 3}
    assert await admin.ends([IDS]) == {partition: 5}
    assert await admin.lag("nobody") == {}


async def test_a_group_is_moved_from_outside_only_while_it_has_no_members(kafka):
    producer = await kafka.producer()
    for _ in range(5):
        await (await producer.send(IDS, "k", b"x"))
    admin = await kafka.admin()
    partition = Partition(kafka.name(IDS), 0)
    assert await admin.members("g") == 0
    assert await admin.bounds({partition}) == {partition: (0, 5)}

    await kafka.move("g", {partition: 2})

    assert await admin.positions("g") == {partition: 2}
    consumer = await kafka.consumer(IDS, group="g")
    await eventually(lambda: consumer.batches(0.2, 100))
    assert await admin.members("g") == 1
    with pytest.raises(PartitionTaken):
        await kafka.move("g", {partition: 3})
    assert await admin.positions("g") == {partition: 2}


async def test_a_service_waits_for_its_topics_and_is_ready_when_they_are_there(settings):
    health, stop = Health(), asyncio.Event()
    async with Kafka(settings) as kafka:
        waiting = asyncio.ensure_future(kafka.verify_catalogue([IDS], stop=stop, check=health.check("kafka")))
        await eventually(lambda: "ids is missing" in health.report()["checks"]["kafka"]["detail"])
        admin = await kafka.admin()
        await admin.create([IDS])

        assert await waiting
        assert health.ready
        await admin.delete(await admin.topics())


async def test_a_service_that_is_stopped_while_it_waits_does_not_start(settings):
    stop = asyncio.Event()
    async with Kafka(settings) as kafka:
        waiting = asyncio.ensure_future(kafka.verify_catalogue([IDS], stop=stop))
        stop.set()

        assert not await waiting


async def test_a_service_whose_catalogue_disagrees_does_not_start(kafka):
    with pytest.raises(CatalogueMismatch, match="6 partitions"):
        await kafka.verify_catalogue([replace(NOTIFICATIONS, partitions=12)], stop=asyncio.Event())
