"""What dispatch does when partitions become its own; over a group made by hand."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from argus_dispatch.intake import Intake
from argus_dispatch.journal import Journal
from argus_dispatch.lease import Lease
from argus_dispatch.settings import Settings
from argus_runtime.errors import LogUnavailable, PartitionTaken
from argus_runtime.health import Check
from argus_runtime.kafka import Record
from tests.eventually import eventually
from tests.unit.dispatch.fakes import PARTITION, FakeClock, FakeDeadLetters, FakeProducer


class FakeGroup:
    """A `Kafka` with an empty log and a group of one, which accepts commits once it may."""

    def __init__(self):
        self.accepts = False
        self.placed = asyncio.Event()
        self.placed.set()
        self.asked = False
        self.commits = []
        self.partitions = {PARTITION}
        self.records: list[Record] = []
        self.unreadable: list[Exception] = []
        """What the next tries to read raise."""

    async def consumer(self, *_topics, on_assigned, **_options):
        self.assign = on_assigned
        return self

    async def reader(self, *_topics, **_options):
        return self

    async def batches(self, timeout, most):  # noqa: ASYNC109  as the consumer's
        await asyncio.sleep(0.001)
        if self.unreadable:
            raise self.unreadable.pop(0)
        return {}

    async def commit(self, positions):
        self.commits.append(dict(positions))
        if not self.accepts:
            raise PartitionTaken("somebody else has it")

    async def committed(self, _partition):
        return 7

    async def position(self, _partition):
        self.asked = True
        await self.placed.wait()
        return 7

    async def beginning(self):
        return {PARTITION: 0}

    async def end(self):
        return {PARTITION: 7}

    async def seek(self, _partition, _offset):
        pass

    async def offset_at(self, _partition, _ms):
        return None

    async def to_end(self):
        for one in self.records:
            yield one

    def name(self, topic):
        return topic.name

    def lag(self):
        return {}

    async def close(self):
        pass


@asynccontextmanager
async def dispatching(group: FakeGroup, lease: Lease, check: Check | None = None, **pace: Any) -> AsyncIterator[None]:
    """Run an intake for the length of a block."""
    stop = asyncio.Event()
    fakes: dict[str, Any] = {"kafka": group, "attempt": None, "journal": Journal(FakeProducer(), FakeDeadLetters())}
    check = Check("memories", required=True) if check is None else check
    intake = Intake(lease=lease, check=check, settings=Settings(), now=FakeClock(), **fakes, **pace)
    running = asyncio.create_task(intake.run(stop))
    await eventually(lambda: hasattr(group, "assign"), within=2, pause=0.001)
    try:
        yield
    finally:
        stop.set()
        await running


async def test_an_assignment_alone_lets_nothing_begin(caplog: pytest.LogCaptureFixture):
    group, lease = FakeGroup(), Lease(5)
    async with dispatching(group, lease):
        await group.assign({PARTITION})
        assert not lease.holds

        await eventually(lambda: "positions are not committed" in caplog.text, within=2, pause=0.001)
        assert not lease.holds


async def test_the_first_commit_follows_at_once():
    group, lease = FakeGroup(), Lease(5)
    group.accepts = True
    async with dispatching(group, lease, seconds_between_commits=60):
        await group.assign({PARTITION})

        await eventually(lambda: lease.holds, within=2, pause=0.001)
        assert group.commits == [{PARTITION: 7}]


async def test_a_partition_that_kafka_does_not_place_keeps_nobody_from_stopping():
    group, lease = FakeGroup(), Lease(5)
    group.placed.clear()
    async with asyncio.timeout(3), dispatching(group, lease):
        await group.assign({PARTITION})
        await eventually(lambda: group.asked, within=2, pause=0.001)


async def test_what_cannot_be_read_for_now_is_told_and_waited_out():
    group, check = FakeGroup(), Check("memories", required=True)
    group.accepts, group.unreadable = True, [LogUnavailable("no leader")] * 100_000
    async with dispatching(group, Lease(5), check, seconds_between_tries=0.01):
        await eventually(lambda: "no leader" in check.state.detail, within=2, pause=0.001)
        assert not check

        group.unreadable.clear()
        await eventually(lambda: check, within=2, pause=0.001)
