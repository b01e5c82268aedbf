"""What the loop does when partitions change hands in the middle of a batch; see also tests/integration/store."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

import pytest

from argus_runtime.health import Health
from argus_runtime.kafka import Consumer, Partition, Record
from argus_schemas.topics import INCIDENT_EVENTS
from argus_store.entries import Entry
from argus_store.handler import Handler, Held
from argus_store.intake import Intake, Pace
from argus_store.link import Link
from argus_store.statements import CLOSE_POSITIONS, OPEN_POSITIONS
from tests.builders import a_create
from tests.eventually import eventually
from tests.fakes import FakeConsumer

PLACE = Partition("argus.incident-events", 0)


def record(offset: int) -> Record:
    return Record(PLACE, offset, b"2:17", a_create().to_bytes(), (), 0)


class FakeSource(FakeConsumer):
    """A consumer whose log has a beginning and an end."""

    def append(self, one: Record) -> None:
        self._logs[one.partition].append(one)

    async def beginning(self, partitions: set[Partition]) -> dict[Partition, int]:
        return dict.fromkeys(partitions, 0)

    async def end(self, partitions: set[Partition]) -> dict[Partition, int]:
        return {partition: len(self._logs[partition]) for partition in partitions}

    async def position(self, partition: Partition) -> int:
        return self._next[partition]

    def highwater(self, partition: Partition) -> int:
        return len(self._logs[partition])


class SlowHandler:
    """Has stored a batch when it is told to go on; the rows then know the position."""

    def __init__(self) -> None:
        self.position = 0
        self.begun, self.go_on = asyncio.Event(), asyncio.Event()

    async def store(self, entries: Sequence[Entry], held: Held) -> None:
        self.begun.set()
        await self.go_on.wait()
        self.position = entries[-1].record.offset + 1
        held[PLACE] = held[PLACE].moved(self.position)

    async def pass_over(self, reached: Mapping[Partition, int], held: Held) -> None:
        assert not reached, "there is nothing to pass over"


class FakeLink:
    """PostgreSQL, as far as it knows the position and whether somebody is at work there."""

    def __init__(self, handler: SlowHandler) -> None:
        self._handler = handler
        self.left = ""
        self.said: list[str] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["FakeLink"]:
        yield self

    async def execute(self, statement: str, _values: Sequence[Any]) -> "FakeLink":
        if word := {OPEN_POSITIONS: "open", CLOSE_POSITIONS: "closed"}.get(statement):
            self.said.append(word)
        return self

    async def sync(self) -> None:
        pass

    async def fetchall(self) -> list[tuple[str, int, int, str]]:
        return [(*PLACE, self._handler.position, self.left)]

    async def ping(self) -> None:
        pass


def an_intake(handler: SlowHandler, health: Health, link: FakeLink | None = None, *, to_finish: float = 5.0) -> Intake:
    return Intake(
        cast("Handler", handler), cast("Link", link or FakeLink(handler)), {PLACE.topic: INCIDENT_EVENTS},
        database=health.check("database"), positions=health.check("positions"),
        pace=Pace(a_look=0.02, to_finish=to_finish),
    )  # fmt: skip


class CarefulHandler(SlowHandler):
    """Takes its time for each suspect."""

    async def mark(self, partition: Partition, held: Held) -> None:
        held[partition] = held[partition].with_one()

    async def store(self, entries: Sequence[Entry], held: Held) -> None:
        self.go_on.set()
        await asyncio.sleep(0.005)
        await super().store(entries, held)


class WeakHandler(SlowHandler):
    """Stands for a server that is too slow for more than two records in one transaction."""

    async def store(self, entries: Sequence[Entry], held: Held) -> None:
        if len(entries) > 2:
            raise TimeoutError
        self.position = entries[-1].record.offset + 1
        held[PLACE] = held[PLACE].moved(self.position)


async def test_a_batch_that_is_too_much_is_tried_in_smaller_ones():
    handler, health, stop = WeakHandler(), Health(), asyncio.Event()
    intake = an_intake(handler, health)
    source = FakeSource([record(offset) for offset in range(20)])
    running = asyncio.create_task(intake.run(cast("Consumer", source), stop, 16))

    await eventually(lambda: handler.position == 20)
    stop.set()
    await running


async def test_a_partition_that_went_and_came_back_during_a_slow_batch_is_read_on():
    handler, health, stop = SlowHandler(), Health(), asyncio.Event()
    intake = an_intake(handler, health, to_finish=0.01)
    source = FakeSource([record(0)])
    running = asyncio.create_task(intake.run(cast("Consumer", source), stop, 100))
    await handler.begun.wait()

    await intake.on_revoked({PLACE})
    await intake.on_assigned({PLACE})
    handler.go_on.set()
    source.append(record(1))

    await eventually(lambda: handler.position == 2)
    stop.set()
    await running


async def test_a_partition_is_left_in_order_once_the_batch_in_hand_is_done():
    handler, stop = SlowHandler(), asyncio.Event()
    link = FakeLink(handler)
    intake = an_intake(handler, Health(), link)
    running = asyncio.create_task(intake.run(cast("Consumer", FakeSource([record(0)])), stop, 100))
    await handler.begun.wait()

    revoked = asyncio.create_task(intake.on_revoked({PLACE}))
    await asyncio.sleep(0)
    assert link.said == ["open"]
    handler.go_on.set()
    await revoked

    assert handler.position == 1
    assert link.said[:2] == ["open", "closed"]
    stop.set()
    await running


@pytest.mark.parametrize("why", ["partitions move", "the process ends"])
async def test_a_batch_that_does_not_end_is_broken_off_and_is_no_crash(why):
    handler, stop = SlowHandler(), asyncio.Event()
    link = FakeLink(handler)
    intake = an_intake(handler, Health(), link, to_finish=0.01)
    running = asyncio.create_task(intake.run(cast("Consumer", FakeSource([record(0)])), stop, 100))
    await handler.begun.wait()

    if why == "partitions move":
        await asyncio.wait_for(intake.on_revoked({PLACE}), 2)
        assert link.said[:2] == ["open", "closed"]
    stop.set()
    await asyncio.wait_for(running, 2)

    assert handler.position == 0
    assert link.said[-1] == "closed"


async def test_a_store_that_ends_among_many_suspects_leaves_none_of_them_alone_in_hand():
    handler, stop = CarefulHandler(), asyncio.Event()
    link = FakeLink(handler)
    link.left = "open:1:1000:0 gone"
    source = FakeSource([record(offset) for offset in range(1000)])
    intake = an_intake(handler, Health(), link, to_finish=0.05)
    running = asyncio.create_task(intake.run(cast("Consumer", source), stop, 1000))
    await handler.begun.wait()

    stop.set()
    await asyncio.wait_for(running, 2)

    assert 0 < handler.position < 1000
    assert link.said == ["open", "closed"]
