"""What waits for one partition: batches in the order of their calls, and what becomes of them when a client fails."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

import pytest
from aiokafka.errors import KafkaError, MessageSizeTooLargeError
from aiokafka.producer.message_accumulator import BatchBuilder

from argus_runtime.errors import LogUnavailable, RecordTooLarge
from argus_runtime.kafka.connection import BATCH_BYTES, Connection
from argus_runtime.kafka.outgoing import Outgoing, Waiting
from argus_runtime.kafka.records import Partition, Place
from argus_runtime.kafka.translation import translated

AT = Partition("argus.incident-events", 3)


class FakeClient:
    """A client library that confirms batches when it is told to."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, asyncio.Future[Any]]] = []
        """How many records each batch has, and what becomes the place of its first."""

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(BATCH_BYTES, 0)

    async def send_batch(self, batch: BatchBuilder, _topic: str, *, partition: int) -> "asyncio.Future[Any]":
        assert partition == AT.partition
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        self.sent.append((batch.record_count(), answer))
        return answer


class FakeConnection:
    """Gives the client of the moment."""

    def __init__(self, client: FakeClient) -> None:
        self.current = client

    async def client(self) -> FakeClient:
        return self.current

    def answered(self) -> None:
        """Take no note."""


def outgoing(connection: FakeConnection, patience: float = 5.0) -> Outgoing:
    return Outgoing(AT, cast("Connection", connection), lambda _, error: translated(error), patience)


def added(to: Outgoing, value: bytes = b"1", after: "asyncio.Future[Place] | None" = None) -> "asyncio.Future[Place]":
    confirmed: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
    to.add(Waiting(b"k", value, [], confirmed, after))
    return confirmed


async def turns() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_what_comes_in_one_turn_leaves_as_one_batch_and_what_comes_meanwhile_as_the_next():
    client = FakeClient()
    way = outgoing(FakeConnection(client))
    first = [added(way) for _ in range(3)]
    await turns()
    second = [added(way) for _ in range(2)]
    await turns()

    assert [count for count, _ in client.sent] == [3]
    client.sent[0][1].set_result(SimpleNamespace(offset=10))
    await turns()
    client.sent[1][1].set_result(SimpleNamespace(offset=20))

    assert await asyncio.gather(*first, *second) == [Place(AT, offset) for offset in (10, 11, 12, 20, 21)]


async def test_who_gave_up_before_the_record_left_has_it_no_more():
    client = FakeClient()
    way = outgoing(FakeConnection(client))
    added(way)
    await turns()
    given_up, kept = added(way), added(way)
    given_up.cancel()
    client.sent[0][1].set_result(SimpleNamespace(offset=1))
    await turns()
    client.sent[1][1].set_result(SimpleNamespace(offset=2))

    assert (await kept, client.sent[1][0]) == (Place(AT, 2), 1)


async def test_a_client_that_was_closed_with_a_batch_in_hand_holds_up_its_partition_for_seconds_only():
    closed, fresh = FakeClient(), FakeClient()
    connection = FakeConnection(closed)
    way = outgoing(connection, patience=0.05)
    lost = added(way)
    await turns()
    connection.current = fresh

    with pytest.raises(LogUnavailable):
        await asyncio.wait_for(lost, 5)
    kept = added(way)
    await turns()
    fresh.sent[0][1].set_result(SimpleNamespace(offset=7))

    assert await kept == Place(AT, 7)


async def test_a_record_after_another_leaves_with_it_and_waits_for_nothing():
    client = FakeClient()
    way = outgoing(FakeConnection(client))
    first = added(way)
    second = added(way, after=first)
    await turns()

    assert [count for count, _ in client.sent] == [2]
    client.sent[0][1].set_result(SimpleNamespace(offset=10))
    assert [await first, await second] == [Place(AT, 10), Place(AT, 11)]


async def test_a_record_after_one_whose_batch_failed_is_not_sent_and_others_are():
    client = FakeClient()
    way = outgoing(FakeConnection(client))
    first = added(way)
    await turns()
    second, other = added(way, after=first), added(way)
    third = added(way, after=second)
    client.sent[0][1].set_exception(KafkaError("no leader"))
    await turns()

    assert [count for count, _ in client.sent] == [1, 1]
    client.sent[1][1].set_result(SimpleNamespace(offset=5))
    assert await other == Place(AT, 5)
    for lost in (first, second, third):
        with pytest.raises(LogUnavailable):
            await lost


async def test_a_record_after_one_that_was_given_up_in_the_queue_is_not_sent():
    client = FakeClient()
    way = outgoing(FakeConnection(client))
    added(way)
    await turns()
    given_up = added(way)
    second = added(way, after=given_up)
    given_up.cancel()
    client.sent[0][1].set_result(SimpleNamespace(offset=1))
    await turns()

    assert len(client.sent) == 1
    with pytest.raises(LogUnavailable):
        await second


async def test_a_record_after_one_that_is_too_large_goes_without_it():
    client = FakeClient()
    way = outgoing(FakeConnection(client))
    first = added(way)
    await turns()
    second = added(way, after=first)
    client.sent[0][1].set_exception(MessageSizeTooLargeError())
    await turns()
    client.sent[1][1].set_result(SimpleNamespace(offset=3))

    assert await second == Place(AT, 3)
    with pytest.raises(RecordTooLarge):
        await first
