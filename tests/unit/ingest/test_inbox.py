"""The inbox, while Kafka answers but gives no records."""

import asyncio
from typing import Any, cast

from argus_ingest import background
from argus_ingest.inbox.inbox import Inbox, consume
from argus_runtime.consumer import Loop
from argus_runtime.dead_letters import DeadLetters
from argus_runtime.errors import LogUnavailable
from argus_runtime.health import Health
from argus_runtime.kafka import Kafka, Record
from argus_runtime.limits import Limits
from tests.eventually import eventually
from tests.fakes import FakeConsumer, FakeProducer, a_record


class FakeKafka:
    """Gives one consumer."""

    def __init__(self, consumer: FakeConsumer) -> None:
        self._consumer = consumer

    async def consumer(self, **_wanted: Any) -> FakeConsumer:
        return self._consumer


class FakeInbox(Inbox):
    """Knows all sources, and remembers what it is given."""

    def __init__(self) -> None:
        self.handled: list[Record] = []

    def knows(self, topic: str) -> bool:
        return True

    async def handle(self, record: Record) -> "asyncio.Future[Any]":
        self.handled.append(record)
        done: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        done.set_result(None)
        return done


class Selective(FakeConsumer):
    """A consumer that one can ask for some partitions."""

    async def batches(self, timeout: float, most: int, *, of: Any = ()) -> Any:  # noqa: ASYNC109
        return await super().batches(timeout, most)


async def test_an_error_of_reading_ends_neither_the_inbox_nor_what_runs_beside_it():
    health, stop, inbox = Health(), asyncio.Event(), FakeInbox()
    checks = {name: health.check(name, required=False) for name in ("inbox", "positions")}
    consumer = Selective([a_record(offset=0)], unreadable=[LogUnavailable("no leader")] * 100)
    kafka = cast("Kafka", FakeKafka(consumer))
    loop = Loop(inbox.handle, DeadLetters(FakeProducer(), "ingest"), Limits("pause"), check=checks["inbox"])
    serving = asyncio.Event()

    async def serve() -> None:
        await stop.wait()
        serving.set()

    running = asyncio.ensure_future(
        background.together(stop, main=(serve(), consume(kafka, inbox, loop, stop, checks["positions"])))
    )
    await eventually(lambda: "no leader" in checks["inbox"].state.detail, within=5, pause=0.001)
    assert not stop.is_set()
    consumer.unreadable.clear()
    await eventually(lambda: inbox.handled and checks["inbox"], within=10)

    stop.set()
    await running
    assert serving.is_set()
