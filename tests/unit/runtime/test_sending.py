"""The order in which a producer sends what many send at once, over a client made by hand."""

import asyncio
from types import SimpleNamespace
from typing import Any, cast

from aiokafka.producer.message_accumulator import BatchBuilder

from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka.connection import BATCH_BYTES, Connection
from argus_runtime.kafka.names import Names
from argus_runtime.kafka.outgoing import MOST_WAITING
from argus_runtime.kafka.producer import Producer
from tests.eventually import eventually

LARGE = b"x" * (BATCH_BYTES // 2)
ENOUGH = 2 * MOST_WAITING // BATCH_BYTES + 1


class FakeClient:
    """A client of one partition that answers when it may, and gives offsets in the order of the batches."""

    def __init__(self) -> None:
        self.answers, self.known = asyncio.Event(), asyncio.Event()
        self.stored = 0

    async def client(self) -> "FakeClient":
        return self

    def answered(self) -> None:
        """Take no note."""

    def failed(self) -> None:
        """Take no note."""

    async def partitions_for(self, _name: str) -> set[int]:
        await self.known.wait()
        return {0}

    def create_batch(self) -> BatchBuilder:
        return BatchBuilder(BATCH_BYTES, 0)

    async def send_batch(self, batch: BatchBuilder, _topic: str, *, partition: int) -> "asyncio.Future[Any]":
        await self.answers.wait()
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        answer.set_result(SimpleNamespace(offset=self.stored))
        self.stored += batch.record_count()
        return answer


class Senders:
    """Senders in the order in which they began."""

    def __init__(self, client: FakeClient, seconds: float = 60) -> None:
        self.producer = Producer(cast("Connection", client), Names("argus."), seconds=seconds)
        self.tasks: list[asyncio.Task[int]] = []

    async def begin(self, value: bytes = LARGE) -> asyncio.Task[int]:
        """Begin to send; return when the sender waits or has sent."""
        self.tasks.append(asyncio.ensure_future(self._send(value)))
        await asyncio.sleep(0)
        return self.tasks[-1]

    async def _send(self, value: bytes) -> int:
        return (await (await self.producer.send("t", b"k", value))).offset

    async def offsets(self) -> list[int]:
        return list(await asyncio.gather(*self.tasks))


async def test_who_waits_for_room_is_not_overtaken_by_who_comes_when_there_is_some():
    client = FakeClient()
    client.known.set()
    senders = Senders(client)
    for _ in range(ENOUGH + 20):
        await senders.begin()
    client.answers.set()

    while not all(task.done() for task in senders.tasks):  # one more in each turn of the loop
        if len(senders.tasks) < 200:
            await senders.begin(b"small")
        else:
            await asyncio.wait(senders.tasks)

    assert await senders.offsets() == list(range(200))


async def test_who_comes_before_the_partitions_are_known_is_sent_before_who_comes_after():
    client = FakeClient()
    client.answers.set()
    senders = Senders(client)
    for _ in range(5):
        await senders.begin(b"early")
    client.known.set()
    for _ in range(20):
        await senders.begin(b"late")

    assert await senders.offsets() == list(range(25))


async def test_who_gives_up_waiting_for_room_leaves_it_to_the_next():
    client = FakeClient()
    client.known.set()
    senders = Senders(client)
    for _ in range(ENOUGH):
        await senders.begin()
    gone, kept = [await senders.begin() for _ in range(2)]
    gone.cancel()
    senders.tasks.remove(gone)

    client.answers.set()

    assert await senders.offsets() == list(range(ENOUGH + 1))
    assert kept.done()


async def test_who_finds_no_room_hears_of_it_in_time():
    client = FakeClient()
    client.known.set()
    senders = Senders(client, seconds=0.05)
    for _ in range(ENOUGH + 3):
        await senders.begin()

    await eventually(lambda: all(task.done() for task in senders.tasks), within=5)

    assert {type(task.exception()) for task in senders.tasks} == {LogUnavailable}
