"""While PostgreSQL writes a large batch, the next one is made of other partitions (ADR 13)."""

import asyncio
import json
from collections import defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

import pytest

from argus_runtime.health import Health
from argus_runtime.kafka import Consumer, Partition, Record
from argus_schemas.topics import INCIDENT_EVENTS
from argus_store import hands
from argus_store.entries import Entry
from argus_store.handler import Handler, Held
from argus_store.intake import Intake, Pace
from argus_store.link import Link
from argus_store.statements import CLOSE_POSITIONS
from tests.builders import a_create
from tests.eventually import eventually
from tests.unit.store.test_intake import FakeSource

ONE, OTHER = (Partition("argus.incident-events", number) for number in range(2))
LARGE = hands.RECORDS_WORTH_COMPANY
VALUE = a_create().to_bytes()


def records(partition: Partition, many: int, first: int = 0) -> list[Record]:
    return [Record(partition, offset, b"2:17", VALUE, (), 0) for offset in range(first, first + many)]


@dataclass
class Rows:
    """PostgreSQL, and a handler that has stored a partition's batch once that is allowed."""

    positions: dict[Partition, int] = field(default_factory=lambda: {ONE: 0, OTHER: 0})
    left: dict[Partition, str] = field(default_factory=dict)
    allowed: dict[Partition, asyncio.Event] = field(default_factory=lambda: defaultdict(asyncio.Event))
    fails: dict[Partition, BaseException] = field(default_factory=dict)
    in_hand: list[Partition] = field(default_factory=list)
    stored: list[tuple[Partition, int]] = field(default_factory=list)
    asked: set[Partition] = field(default_factory=set)
    closed: bool = False

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Rows"]:
        yield self

    async def execute(self, statement: str, values: Sequence[Any]) -> "Rows":
        self.closed = self.closed or statement == CLOSE_POSITIONS
        self.asked = {Partition(row["topic"], row["partition"]) for row in json.loads(values[0])}
        return self

    async def sync(self) -> None:
        pass

    async def fetchall(self) -> list[tuple[str, int, int, str]]:
        return [(*name, self.positions[name], self.left.get(name, "")) for name in self.asked]

    async def ping(self) -> None:
        pass

    async def store(self, entries: Sequence[Entry], held: Held) -> None:
        partitions = {entry.record.partition for entry in entries}
        assert not partitions & set(self.in_hand), "a partition is in two batches"
        self.in_hand += partitions
        try:
            for partition in partitions:
                await self.allowed[partition].wait()
                if error := self.fails.pop(partition, None):
                    raise error
        finally:
            self.in_hand = [partition for partition in self.in_hand if partition not in partitions]
        for record in (entry.record for entry in entries):
            self.stored.append((record.partition, record.offset))
            self.positions[record.partition] = record.offset + 1
            held[record.partition] = held[record.partition].moved(record.offset + 1)

    async def mark(self, partition: Partition, held: Held) -> None:
        held[partition] = held[partition].with_one()

    async def pass_over(self, reached: Mapping[Partition, int], _held: Held) -> None:
        assert not reached, "there is nothing to pass over"

    def allow(self, *partitions: Partition) -> None:
        for partition in partitions:
            self.allowed[partition].set()


Running = tuple[Intake, "asyncio.Task[None]", asyncio.Event]


def begun(rows: Rows, source: FakeSource, most: int = LARGE) -> Running:
    health, stop = Health(), asyncio.Event()
    working = Intake(
        cast("Handler", rows), cast("Link", rows), {ONE.topic: INCIDENT_EVENTS},
        database=health.check("database"), positions=health.check("positions"),
        pace=Pace(a_look=0.02, between_passes=0.0),
    )  # fmt: skip
    return working, asyncio.create_task(working.run(cast("Consumer", source), stop, most)), stop


@asynccontextmanager
async def at_work(rows: Rows, source: FakeSource, most: int = LARGE) -> AsyncIterator[Intake]:
    working, running, stop = begun(rows, source, most)
    yield working
    stop.set()
    await running


async def test_while_a_large_batch_is_written_the_next_one_is_begun_with_other_partitions() -> None:
    rows, source = Rows(), FakeSource([*records(ONE, 2 * LARGE), *records(OTHER, 2 * LARGE)])
    async with at_work(rows, source):
        await eventually(lambda: sorted(rows.in_hand) == [ONE, OTHER])
        rows.allow(ONE, OTHER)
        await eventually(lambda: rows.positions == {ONE: 2 * LARGE, OTHER: 2 * LARGE})

    for partition in (ONE, OTHER):
        assert [offset for name, offset in rows.stored if name == partition] == [*range(2 * LARGE)]


async def test_a_partition_with_much_to_store_does_not_hold_up_what_is_there_of_others() -> None:
    rows, source = Rows(), FakeSource([*records(ONE, LARGE), *records(OTHER, 3)])
    rows.allow(OTHER)
    async with at_work(rows, source):
        await eventually(lambda: rows.positions == {ONE: 0, OTHER: 3})
        assert rows.in_hand == [ONE]
        rows.allow(ONE)
        await eventually(lambda: rows.positions[ONE] == LARGE)


async def test_what_comes_while_a_small_batch_is_written_is_one_batch_later() -> None:
    rows, source = Rows(), FakeSource([*records(ONE, 1), *records(OTHER, 1)])
    async with at_work(rows, source, most=1):
        await eventually(lambda: len(rows.in_hand) == 1)
        (first,) = rows.in_hand
        await asyncio.sleep(0.05)
        assert rows.in_hand == [first]
        rows.allow(ONE, OTHER)
        await eventually(lambda: rows.positions == {ONE: 1, OTHER: 1})


async def test_a_batch_that_fails_leaves_the_one_beside_it_alone() -> None:
    rows = Rows(fails={ONE: TimeoutError()})
    source = FakeSource([*records(ONE, LARGE), *records(OTHER, LARGE)])
    async with at_work(rows, source):
        await eventually(lambda: sorted(rows.in_hand) == [ONE, OTHER])
        rows.allow(ONE)
        await eventually(lambda: rows.in_hand == [OTHER])
        rows.allow(OTHER)
        await eventually(lambda: rows.positions == {ONE: LARGE, OTHER: LARGE})

    assert len(rows.stored) == 2 * LARGE


async def test_an_error_that_nobody_knows_ends_the_store_though_another_batch_is_in_hand() -> None:
    rows = Rows(fails={ONE: ZeroDivisionError()})
    source = FakeSource([*records(ONE, LARGE), *records(OTHER, LARGE)])
    _, running, _ = begun(rows, source)
    await eventually(lambda: sorted(rows.in_hand) == [ONE, OTHER])
    rows.allow(ONE)
    with pytest.raises(ZeroDivisionError):
        await asyncio.wait_for(running, 5)

    assert rows.in_hand == []
    assert rows.stored == []


async def test_partitions_are_left_once_both_batches_in_hand_are_done() -> None:
    rows, source = Rows(), FakeSource([*records(ONE, LARGE), *records(OTHER, LARGE)])
    async with at_work(rows, source) as working:
        await eventually(lambda: sorted(rows.in_hand) == [ONE, OTHER])
        revoked = asyncio.create_task(working.on_revoked({ONE, OTHER}))
        rows.allow(ONE)
        await eventually(lambda: rows.positions[ONE] == LARGE)
        assert not rows.closed
        rows.allow(OTHER)
        await revoked
        assert rows.closed
        assert rows.positions == {ONE: LARGE, OTHER: LARGE}


async def test_a_suspect_is_alone_also_beside_a_large_batch() -> None:
    rows = Rows(left={OTHER: f"open:1:{LARGE}:0 gone"})
    source = FakeSource([*records(ONE, LARGE), *records(OTHER, 1)])
    rows.allow(OTHER)
    async with at_work(rows, source):
        await eventually(lambda: rows.in_hand == [ONE])
        await asyncio.sleep(0.05)
        assert rows.positions[OTHER] == 0
        rows.allow(ONE)
        await eventually(lambda: rows.positions == {ONE: LARGE, OTHER: 1})
