import asyncio

import pytest
from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, RecordsToDelete

from argus_runtime.errors import LogUnavailable, RecordsGone
from argus_runtime.kafka import Partition
from argus_schemas.topics import IDS, INCIDENT_STATES, NOTIFICATIONS
from tests.eventually import eventually


async def cut(settings, place, before):
    """Let the log begin later, as its retention does."""
    client = AIOKafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)
    await client.start()
    await client.delete_records({TopicPartition(*place): RecordsToDelete(before_offset=before)})
    await client.close()


async def all_of(reader):
    return [record.value async for record in reader.to_end()]


async def test_a_reader_yields_all_that_stands_in_a_topic_now(kafka):
    producer = await kafka.producer()
    await asyncio.gather(*[await producer.send(NOTIFICATIONS, str(n), str(n).encode()) for n in range(500)])
    reader = await kafka.reader(NOTIFICATIONS)

    found = [record async for record in reader.to_end()]

    assert {record.value for record in found} == {str(n).encode() for n in range(500)}


async def test_an_empty_topic_ends_at_once(kafka):
    reader = await kafka.reader(NOTIFICATIONS)

    assert [record async for record in reader.to_end()] == []


async def test_a_reader_of_some_partitions_reads_no_others(kafka):
    producer = await kafka.producer()
    for number in range(6):
        await (await producer.send(NOTIFICATIONS, "k", str(number).encode(), partition=number))

    reader = await kafka.reader(NOTIFICATIONS, [2, 4])

    assert {record.value async for record in reader.to_end()} == {b"2", b"4"}


async def test_a_reader_goes_where_it_is_told(kafka):
    producer = await kafka.producer()
    for number in range(5):
        await (await producer.send(IDS, "k", str(number).encode()))
    reader = await kafka.reader(IDS)
    [partition] = reader.partitions

    await reader.seek(partition, 3)
    assert [record.value async for record in reader.to_end()] == [b"3", b"4"]

    with pytest.raises(RecordsGone, match="@6"):
        await reader.seek(partition, 6)


async def test_a_reader_whose_next_records_are_gone_can_read_anew(kafka, settings):
    """It has no position that an operator could set, so that nobody is asked to."""
    producer = await kafka.producer()
    for number in range(5):
        await (await producer.send(IDS, "k", str(number).encode()))
    await cut(settings, Partition(kafka.name(IDS), 0), 3)
    reader = await kafka.reader(IDS)
    reader._client.seek(TopicPartition(kafka.name(IDS), 0), 0)  # as if it had come no further before the cut

    with pytest.raises(RecordsGone, match="@0"):
        await all_of(reader)
    await reader.start()

    assert await all_of(reader) == [b"3", b"4"]


async def test_a_reader_of_committed_records_reaches_the_end_past_aborted_ones(kafka):
    lane = await kafka.transactional("lane")
    await lane.start()
    async with lane.transaction():
        await lane.send(INCIDENT_STATES, "a", b"kept", partition=1)
    with pytest.raises(RuntimeError):  # noqa: PT012  the block is what is tested
        async with lane.transaction():
            await lane.send(INCIDENT_STATES, "a", b"aborted", partition=1)
            raise RuntimeError("decided wrongly")
    await lane.close()

    async def values():
        reader = await kafka.reader(INCIDENT_STATES, [1], committed=True)
        try:
            return [record.value async for record in reader.to_end()]
        finally:
            await reader.close()

    assert await eventually(values) == [b"kept"]


async def test_a_reader_of_a_topic_that_is_missing_says_so(kafka):
    with pytest.raises(LogUnavailable):
        await asyncio.wait_for(kafka.reader("nowhere"), 60)


async def test_a_reader_knows_when_it_last_heard_of_the_broker(kafka):
    reader = await kafka.reader(IDS)

    async def heard():
        await reader.batches(0.1)
        return reader.heard_at_ms()

    assert await eventually(heard) > 0
    assert reader.partitions == {Partition(kafka.name(IDS), 0)}
