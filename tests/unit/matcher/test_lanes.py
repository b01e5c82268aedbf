"""Lanes open once nobody else can move their positions, close before others may, and know whose turn it is."""

import asyncio

import pytest

from argus_matcher.effects import Decided
from argus_matcher.lanes import Lanes
from argus_runtime.errors import Fenced, PositionLost
from argus_runtime.health import Check, Health
from argus_runtime.kafka import Partition
from argus_runtime.openings import Opening
from tests.unit.matcher.fakes import SOURCE, FakeLog, a_record, no_seek

OTHER = Partition(SOURCE.topic, 4)


@pytest.fixture
def log() -> FakeLog:
    return FakeLog()


@pytest.fixture
def check() -> Check:
    return Health().check("lanes")


def unexpected(error: BaseException) -> None:
    raise AssertionError(error)


@pytest.fixture
def lanes(log: FakeLog, check: Check) -> Lanes:
    return Lanes(log, failed=unexpected, check=check)


class Seeks:
    """Remembers where it was asked to go."""

    def __init__(self) -> None:
        self.to: list[tuple[Partition, int]] = []

    async def __call__(self, partition: Partition, offset: int) -> None:
        self.to.append((partition, offset))


async def test_a_lane_fences_its_earlier_owner_before_it_asks_where_it_ended(lanes: Lanes, log: FakeLog, check: Check):
    await lanes.open({SOURCE, OTHER}, log.positions)

    assert log.asked == ["positions", "states", "states"]
    assert {lane.source for lane in lanes} == {SOURCE, OTHER}
    assert check.state.ok
    await lanes.close("stopping")


async def test_lanes_that_are_open_have_left_word(lanes: Lanes, log: FakeLog, caplog: pytest.LogCaptureFixture):
    log.text = str(Opening(1, 100))

    await lanes.open({SOURCE, OTHER}, log.positions)

    assert {one.committed[0].texts[place] for place, one in log.producers.items()} == {str(Opening(2, 100))}
    assert caplog.text.count("2 owners crashed here") == 2
    await lanes.close("stopping")


async def test_lanes_that_cannot_open_leave_no_word(lanes: Lanes, log: FakeLog):
    log.end = 9

    with pytest.raises(PositionLost):
        await lanes.open({SOURCE}, log.positions)

    assert log.producers[SOURCE].committed == []


async def test_lanes_that_are_ready_when_another_cannot_open_leave_the_word_that_they_found(lanes: Lanes, log: FakeLog):
    log.text = str(Opening(2, 100, alone=True))
    log.fenced = {OTHER}

    with pytest.raises(Fenced):
        await lanes.open({SOURCE, OTHER}, log.positions)

    assert [each.word for each in log.producers[SOURCE].committed] == [
        (10, str(Opening(3, 100, alone=True))),
        (10, log.text),
    ]
    assert log.producers[OTHER].committed == []


async def test_open_lanes_stay_as_they_are(lanes: Lanes, log: FakeLog):
    await lanes.open({SOURCE}, log.positions)
    [first] = lanes

    await lanes.open({SOURCE, OTHER}, log.positions)

    assert first in tuple(lanes)
    assert len(lanes) == 2
    await lanes.close("stopping")


async def test_closed_lanes_are_gone_and_not_ready(lanes: Lanes, log: FakeLog, check: Check):
    await lanes.open({SOURCE}, log.positions)

    await lanes.close("partitions change hands")

    assert len(lanes) == 0
    assert log.producers[SOURCE].closed
    assert check.state == type(check.state)(ok=False, detail="partitions change hands")


async def test_lanes_that_cannot_open_are_closed_again(lanes: Lanes, log: FakeLog, check: Check):
    log.end = 9

    with pytest.raises(PositionLost):
        await lanes.open({SOURCE}, log.positions)

    assert log.producers[SOURCE].closed
    assert len(lanes) == 0
    assert not check.state.ok


async def test_lanes_that_take_too_long_to_open_are_an_error(log: FakeLog, check: Check):
    lanes = Lanes(log, failed=unexpected, check=check, seconds_to_open=0.02)

    async def never(_: list[Partition]) -> dict[Partition, int | None]:
        await asyncio.Event().wait()
        return {}

    with pytest.raises(TimeoutError):
        await lanes.open({SOURCE}, never)

    assert log.producers[SOURCE].closed


async def test_a_member_without_partitions_is_well(lanes: Lanes, check: Check):
    lanes.nothing_assigned()

    assert check.state.ok


async def test_a_record_in_its_turn_has_its_lane(lanes: Lanes, log: FakeLog):
    await lanes.open({SOURCE}, log.positions)

    lane = await lanes.lane_for(a_record(b"", 10), no_seek)

    assert lane is not None
    assert lane.source == SOURCE
    await lanes.close("stopping")


async def test_a_record_of_a_partition_that_is_not_ours_is_skipped(lanes: Lanes):
    assert await lanes.lane_for(a_record(b"", 10), no_seek) is None


async def test_records_that_were_dropped_are_sought_once(lanes: Lanes, log: FakeLog):
    seeks = Seeks()
    await lanes.open({SOURCE}, log.positions)

    skipped = [await lanes.lane_for(a_record(b"", offset), seeks) for offset in (12, 13, 9)]

    assert skipped == [None] * 3
    assert seeks.to == [(SOURCE, 10)]
    await lanes.close("stopping")


async def test_after_a_decision_it_is_the_next_records_turn(lanes: Lanes, log: FakeLog):
    await lanes.open({SOURCE}, log.positions)
    lane = await lanes.lane_for(a_record(b"", 10), no_seek)
    assert lane is not None

    await lane.add(Decided(10))

    assert await lanes.lane_for(a_record(b"", 10), no_seek) is None
    assert await lanes.lane_for(a_record(b"", 11), no_seek) is lane
    await lanes.close("stopping")
