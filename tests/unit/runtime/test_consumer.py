"""The loop of services whose positions are Kafka's, on a fake consumer."""

import asyncio

import pytest

from argus_runtime.consumer import Loop
from argus_runtime.dead_letters import DeadLetters
from argus_runtime.errors import InvalidRecord, LogUnavailable, PartitionTaken, TooManyDeadLetters
from argus_runtime.health import Health
from argus_runtime.kafka import Partition
from argus_runtime.limits import Limits
from argus_schemas.topics import DEAD_LETTERS
from tests.eventually import eventually
from tests.fakes import FakeConsumer, FakeGroup, FakeProducer, a_record

NAV, ZABBIX = Partition("argus.reports.nav", 0), Partition("argus.reports.zabbix", 0)


class Crash(Exception):
    """A fault of the process."""


def records(count, topic=NAV.topic):
    return [a_record(str(number).encode(), topic=topic, offset=number) for number in range(count)]


class World:
    """A group, its dead letters and what was handled, over several lives of a process."""

    def __init__(self, *given, limits=None):
        self.records = [record for batch in given for record in batch]
        self.group = FakeGroup()
        self.producer = FakeProducer()
        self.limits = limits or Limits("pause")
        self.health = Health()
        self.handled = []
        self.faults = {}
        """What handling a value raises, and how often still."""
        self.unreadable = []
        """What reading raises, before anything is read."""

    async def handle(self, record):
        left = self.faults.get(record.value, [])
        if left:
            raise left.pop(0)
        self.handled.append(record.value)

    async def life(self, until):
        """Run a process until the condition holds; raise what it crashes of."""
        stop = asyncio.Event()
        loop = Loop(
            self.handle, DeadLetters(self.producer, "ingest"), self.limits, check=self.health.check("inbox"),
            between_tries=0.01,
        )  # fmt: skip
        self.consumer = FakeConsumer(self.records, self.group, self.unreadable)
        running = asyncio.ensure_future(loop.run(self.consumer, stop))
        await asyncio.sleep(0)
        await loop.on_assigned(self.consumer.assignment())
        waiting = asyncio.ensure_future(eventually(until, within=5))
        await asyncio.wait({running, waiting}, return_when=asyncio.FIRST_COMPLETED)
        stop.set()
        waiting.cancel()
        await running
        if waiting.done() and not waiting.cancelled():
            waiting.result()  # an error where the condition never held

    @property
    def buried(self):
        return [record.value for record in self.producer.on(DEAD_LETTERS)]

    def position(self, partition=NAV):
        return self.group.committed.get(partition)


async def test_records_are_handled_in_order_and_then_committed():
    world = World(records(5))

    await world.life(lambda: world.position() == (5, ""))

    assert world.handled == [b"0", b"1", b"2", b"3", b"4"]


async def test_a_record_that_can_never_work_is_dead_lettered_and_the_next_one_handled():
    world = World(records(3))
    world.faults[b"1"] = [InvalidRecord("not JSON")]

    await world.life(lambda: world.position() == (3, ""))

    assert world.handled == [b"0", b"2"]
    [letter] = world.producer.on(DEAD_LETTERS)
    headers = dict(letter.headers)
    assert (letter.key, letter.value) == (b"key", b"1")
    assert (headers["origin"], headers["reason"]) == (b"argus.reports.nav[0]@1", b"not JSON")
    assert (headers["service"], headers["attempts"]) == (b"ingest", b"1")


async def test_what_a_handler_leaves_under_way_is_awaited_before_the_commit():
    world = World(records(3))
    confirmations = []

    async def handle(_record):
        confirmations.append(asyncio.get_running_loop().create_future())
        return confirmations[-1]

    world.handle = handle  # type: ignore[method-assign]
    life = asyncio.ensure_future(world.life(lambda: world.position() == (3, "")))
    await eventually(lambda: len(confirmations) == 3)
    assert world.position() == (0, "1:3")

    confirmations[0].set_result(None)
    confirmations[1].set_exception(InvalidRecord("too large"))
    confirmations[2].set_result(None)
    await life

    assert world.buried == [b"1"]


async def test_a_crash_leaves_the_position_before_the_batch():
    world = World(records(3))
    world.faults[b"1"] = [Crash()]

    with pytest.raises(Crash):
        await world.life(lambda: False)

    assert world.position()[0] == 0


async def test_a_record_present_at_three_crashes_is_dead_lettered_and_only_that_one():
    world = World(records(6))
    world.faults[b"3"] = [Crash() for _ in range(9)]

    for _ in range(3):
        with pytest.raises(Crash):
            await world.life(lambda: False)
    await world.life(lambda: world.position() == (6, ""))

    assert world.buried == [b"3"]
    assert dict(world.producer.on(DEAD_LETTERS)[0].headers)["attempts"] == b"3"
    assert set(world.handled) == {b"0", b"1", b"2", b"4", b"5"}


async def test_two_poisonous_records_are_both_found():
    world = World(records(6))
    world.faults[b"1"] = [Crash() for _ in range(9)]
    world.faults[b"4"] = [Crash() for _ in range(9)]

    crashes = 0
    while world.position() != (6, ""):
        try:
            await world.life(lambda: world.position() == (6, ""))
        except Crash:
            crashes += 1

    assert world.buried == [b"1", b"4"]
    assert crashes == 5  # the batch once, then each twice alone


async def test_crashes_without_a_record_in_hand_count_against_nobody():
    world = World(records(1))
    for _ in range(5):
        await world.life(lambda: world.position() == (1, ""))
    world.records += [a_record(b"late", offset=1)]
    world.faults[b"late"] = [Crash(), Crash()]

    for _ in range(2):
        with pytest.raises(Crash):
            await world.life(lambda: False)
    await world.life(lambda: world.position() == (2, ""))

    assert world.buried == []
    assert world.handled == [b"0", b"late"]


async def test_an_outage_is_waited_out_and_counts_against_nobody():
    world = World(records(3))
    world.faults[b"1"] = [LogUnavailable("away") for _ in range(5)]

    await world.life(lambda: world.position() == (3, ""))

    assert world.buried == []
    assert world.handled[-3:] == [b"0", b"1", b"2"]
    assert world.health.ready


async def test_a_stop_during_an_outage_is_no_crash():
    world = World(records(3))
    world.faults[b"1"] = [LogUnavailable("away") for _ in range(10_000)]

    for _ in range(4):
        life = asyncio.ensure_future(world.life(lambda: world.handled.count(b"0") > 3))
        await life
        world.handled.clear()

    assert world.position() == (0, "")


async def test_what_cannot_be_read_now_is_waited_out_told_and_read_later():
    world = World(records(3))
    world.unreadable = [LogUnavailable("no leader")] * 100_000

    def done():
        if "records cannot be read: no leader" in world.health.report()["checks"]["inbox"]["detail"]:
            world.unreadable[:] = [PartitionTaken("moved")]
        return world.position() == (3, "")

    await world.life(done)

    assert world.handled == [b"0", b"1", b"2"]
    assert world.unreadable == []
    assert world.health.ready


async def test_a_quiet_loop_is_ready():
    world = World(records(1))
    await world.life(lambda: world.position() == (1, ""))

    await world.life(lambda: world.health.ready)

    assert world.handled == [b"0"]


async def test_reading_goes_on_while_a_batch_waits_and_does_not_hide_it():
    world = World(records(1))
    world.faults[b"0"] = [LogUnavailable("away") for _ in range(10_000)]

    await world.life(lambda: len(world.faults[b"0"]) < 9_990)

    assert not world.health.ready


async def test_a_batch_that_became_somebody_elses_is_let_go():
    world = World(records(3))
    world.faults[b"1"] = [PartitionTaken("moved")]

    await world.life(lambda: world.handled == [b"0"])

    assert world.position() == (0, "1:3")


async def test_the_batch_in_hand_ends_before_partitions_move():
    world = World(records(1))
    confirmation = asyncio.get_running_loop().create_future()

    async def handle(_record):
        return confirmation

    loop = Loop(handle, DeadLetters(world.producer, "ingest"), Limits("pause"))
    stop = asyncio.Event()
    running = asyncio.ensure_future(loop.run(FakeConsumer(world.records, world.group), stop))
    await eventually(lambda: world.position() == (0, "1:1"))
    revoking = asyncio.ensure_future(loop.on_revoked({NAV}))
    await asyncio.sleep(0)
    assert not revoking.done()

    confirmation.set_result(None)
    await revoking

    assert world.position() == (1, "")
    stop.set()
    await running


async def test_too_many_dead_letters_pause_their_topic_and_no_other():
    health = Health()
    limits = Limits("pause", most_in_a_row=10, seconds=60, check=health.check("sources", required=False))
    world = World(records(1000), records(5, ZABBIX.topic), limits=limits)
    world.faults = {record.value: [InvalidRecord("rubbish")] for record in records(1000)[5:]}

    await world.life(lambda: NAV in world.consumer.paused and world.position(ZABBIX) == (5, ""))

    assert ZABBIX not in world.consumer.paused
    assert "reports.nav" in health.report()["checks"]["sources"]["detail"]


async def test_a_paused_topic_is_read_again_after_its_pause():
    limits = Limits("pause", most_in_a_row=2, seconds=0.05)
    world = World([*records(3), a_record(b"good", offset=3)], limits=limits)
    world.faults = {str(number).encode(): [InvalidRecord("rubbish")] for number in range(3)}

    await world.life(lambda: world.position() == (4, "") and not world.consumer.paused)

    assert world.handled == [b"good"]


async def test_too_many_dead_letters_on_our_own_topic_stop_the_consumer():
    world = World(records(50), limits=Limits("stop", most_in_a_row=10))
    world.faults = {record.value: [InvalidRecord("rubbish")] for record in records(50)}

    with pytest.raises(TooManyDeadLetters):
        await world.life(lambda: False)


async def test_a_good_record_begins_the_count_anew():
    world = World(records(30), limits=Limits("stop", most_in_a_row=10))
    world.faults = {str(n).encode(): [InvalidRecord("rubbish")] for n in range(30) if n % 10}

    await world.life(lambda: world.position() == (30, ""))

    assert len(world.buried) == 27
