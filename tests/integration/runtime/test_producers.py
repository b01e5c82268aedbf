"""One suite over the fake producer and the real one."""

import asyncio

import pytest

from argus_runtime import tracing
from argus_runtime.errors import LogUnavailable, RecordTooLarge
from argus_runtime.kafka import Kafka, partition_of
from argus_runtime.settings import KafkaSettings
from argus_schemas.topics import CATALOGUE, DEAD_LETTERS, IDS, NOTIFICATIONS
from tests.fakes import FakeProducer


class Fake:
    """The fake, and what it stored."""

    def __init__(self):
        self.producer = FakeProducer("t.")

    async def stored(self, topic):
        return self.producer.on(topic)


class Real:
    """The real one, and what the broker stored."""

    def __init__(self, kafka, producer):
        self.kafka = kafka
        self.producer = producer

    async def stored(self, topic):
        reader = await self.kafka.reader(topic)
        return [record async for record in reader.to_end()]


@pytest.fixture(params=["fake", "real"])
async def log(request):
    if request.param == "fake":
        yield Fake()
        return
    server, prefix = request.getfixturevalue("kafka_server"), request.getfixturevalue("prefix")
    async with Kafka(KafkaSettings(bootstrap_servers=server, prefix=prefix)) as kafka:
        await (await kafka.admin()).create(CATALOGUE)
        yield Real(kafka, await kafka.producer())


async def test_a_confirmed_record_stands_at_its_place(log):
    place = await (await log.producer.send(DEAD_LETTERS, "key", b"value", headers=[("origin", b"here")]))

    [record] = await log.stored(DEAD_LETTERS)
    assert record.place == str(place)
    assert (record.key, record.value) == (b"key", b"value")
    assert ("origin", b"here") in record.headers


async def test_records_of_one_key_keep_the_order_of_their_calls(log):
    sent = [await log.producer.send(NOTIFICATIONS, "17", str(number).encode()) for number in range(50)]
    await asyncio.gather(*sent)

    assert [record.value for record in await log.stored(NOTIFICATIONS)] == [str(n).encode() for n in range(50)]


async def test_a_key_goes_to_the_partition_that_all_agree_on(log):
    places = [await (await log.producer.send(NOTIFICATIONS, str(number), b"{}")) for number in range(20)]

    assert [place.partition.partition for place in places] == [
        partition_of(str(number), NOTIFICATIONS.partitions) for number in range(20)
    ]


async def test_a_chosen_partition_is_respected(log):
    place = await (await log.producer.send(NOTIFICATIONS, "17", b"{}", partition=5))

    assert place.partition.partition == 5


async def test_offsets_count_from_nought(log):
    places = [await (await log.producer.send(IDS, "ingest", b"{}")) for _ in range(3)]

    assert [place.offset for place in places] == [0, 1, 2]


async def test_a_record_as_large_as_its_topic_takes_is_stored(log):
    largest = DEAD_LETTERS.largest - 1000  # the broker counts key, headers and its own bookkeeping too

    await (await log.producer.send(DEAD_LETTERS, "key", b"x" * largest))

    assert len((await log.stored(DEAD_LETTERS))[0].value) == largest


async def test_a_record_larger_than_its_topic_takes_is_refused(log):
    with pytest.raises(RecordTooLarge):
        await (await log.producer.send(NOTIFICATIONS, "key", b"x" * (NOTIFICATIONS.largest + 1)))


async def test_a_tombstone_has_a_key_and_no_value(log):
    await (await log.producer.send(NOTIFICATIONS, "17", None))

    assert [(record.key, record.value) for record in await log.stored(NOTIFICATIONS)] == [(b"17", None)]


async def test_what_has_neither_key_nor_value_is_stored_as_empty(log):
    await (await log.producer.send(DEAD_LETTERS, None, None))

    assert [record.value for record in await log.stored(DEAD_LETTERS)] == [b""]


async def test_every_record_carries_a_trace(log):
    given = tracing.new()
    await (await log.producer.send(IDS, "ingest", b"1"))
    await (await log.producer.send(IDS, "ingest", b"2", headers=[("traceparent", given.encode())]))

    made, kept = [tracing.of(record.headers) for record in await log.stored(IDS)]
    assert made is not None
    assert kept == given


async def test_a_record_is_stored_after_the_one_before_it_and_never_without_it(log):
    first = await log.producer.send(NOTIFICATIONS, "17", b"1")
    second = await log.producer.send(NOTIFICATIONS, "17", b"2", after=first)
    lost = asyncio.get_running_loop().create_future()
    lost.set_exception(LogUnavailable("lost"))
    third = await log.producer.send(NOTIFICATIONS, "17", b"3", after=lost)

    places = await asyncio.gather(first, second)
    with pytest.raises(LogUnavailable):
        await third

    assert places[0].offset < places[1].offset
    assert [record.value for record in await log.stored(NOTIFICATIONS)] == [b"1", b"2"]
