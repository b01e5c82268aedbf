"""The agent's body over records in memory: what it hands to the lanes, and what ends the process."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from typing import Any, NoReturn

import pytest
from prometheus_client import REGISTRY

from argus_matcher.agents import MAX_DEAD_LETTERS_IN_A_ROW, Matching
from argus_matcher.index import SiftedIndex
from argus_matcher.lane import Lane
from argus_matcher.lanes import Lanes
from argus_matcher.standing import Standing
from argus_runtime import tracing
from argus_runtime.errors import TooManyDeadLetters
from argus_runtime.health import Health
from argus_runtime.kafka import Record
from argus_runtime.openings import Opening
from argus_schemas.memory import MOST_TOLD, MatcherState
from argus_schemas.records import Record as IncidentRecord
from argus_schemas.schedules import Recurrence, Timeslot
from argus_schemas.topics import DEAD_LETTERS, DELIVERIES, NOTIFICATIONS
from argus_schemas.words import EventType
from tests.builders import EVERYTHING, KEY, NOON, a_deletion, a_happening, a_profile, a_start
from tests.eventually import eventually
from tests.unit.matcher.fakes import SOURCE, FakeLog, FakeProducer, a_record, no_seek

TRACE = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def unexpected(error: BaseException) -> None:
    raise AssertionError(error)


def a_matching(**changes: Any) -> Matching:
    index = SiftedIndex()
    index.put("profile:11", a_profile(filters=(EVERYTHING,), **changes))
    return Matching(index, too_old_after=timedelta(hours=24), clock=lambda: NOON)


async def a_lane() -> Lane:
    log = FakeLog()
    lane = await log.new_lane(SOURCE)
    await lane.load(Standing(10, 0, 100), log.committed_states(SOURCE))
    return lane


async def each(*records: IncidentRecord | bytes | None) -> AsyncIterator[Record]:
    for offset, record in enumerate(records, 10):
        yield a_record(record, offset)


async def test_records_are_matched_in_order_each_after_the_state_of_the_one_before():
    log = FakeLog()
    lanes = Lanes(log, failed=unexpected, check=Health().check("lanes"))
    await lanes.open({SOURCE}, log.positions)

    await a_matching().run(each(a_start(), a_happening(EventType.END)), lanes, no_seek)
    producer = log.producers[SOURCE]
    await eventually(lambda: any(one.positions == {SOURCE: 12} for one in producer.committed))
    await lanes.close("stopping")

    sent = [record for one in producer.committed for record in one.on(NOTIFICATIONS)]
    assert [NOTIFICATIONS.decode(record.value or b"").event.type for record in sent] == ["STA", "END"]
    assert {record.key for record in sent} == {b"4"}


async def test_an_event_leaves_its_notifications_and_its_state():
    lane = await a_lane()
    record = a_start()

    [decided] = a_matching().decided(a_record(record, headers=((tracing.HEADER, TRACE.encode()),)), lane)

    [output] = decided.outputs
    assert decided.offset == 10
    assert (output.topic, type(output.value)) == (NOTIFICATIONS, bytes)
    assert dict(output.headers)[tracing.HEADER].decode().split("-")[1] == TRACE.split("-")[1]
    [(key, state)] = decided.states.items()
    assert key == KEY.encode()
    assert MatcherState.read(state or b"").recent == (record.event_id,)


async def test_what_is_withheld_stands_on_deliveries():
    lane = await a_lane()

    [decided] = a_matching().decided(a_record(a_start(minutes=-2000)), lane)

    assert [(output.topic, output.key) for output in decided.outputs] == [(DELIVERIES, b"4")]


@pytest.mark.parametrize("moment", [datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)])
@pytest.mark.parametrize("zone", ["UTC", "America/New_York", "Pacific/Auckland"])
async def test_no_moment_that_a_source_may_name_stops_the_matcher(moment: datetime, zone: str):
    night = Recurrence(days=(1, 2, 3, 4, 5, 6, 7), start=time(22), end=time(21, 59))
    timeslot = Timeslot(pk=1, name="But a minute", zone=zone, recurrences=(night,))
    record = a_start(occurred_at=moment)
    record = record.but(draft=record.draft.but(start_time=moment))

    [decided] = a_matching(timeslots=(timeslot,)).decided(a_record(record), await a_lane())

    assert [output.topic for output in decided.outputs] == [NOTIFICATIONS]


async def test_a_deleted_incident_leaves_a_tombstone():
    lane = await a_lane()
    await lane.add(*a_matching().decided(a_record(a_start()), lane))

    [decided] = a_matching().decided(a_record(a_deletion(), 11), lane)

    assert decided.states == {KEY.encode(): None}


async def test_a_repeat_moves_the_position_and_nothing_else():
    lane, record = await a_lane(), a_start()
    await lane.add(*a_matching().decided(a_record(record), lane))

    [decided] = a_matching().decided(a_record(record, 11), lane)

    assert (decided.offset, list(decided.outputs), dict(decided.states)) == (11, [], {})


@pytest.mark.parametrize("value", [None, b"", b"[]", b"\xff", b'{"kind":"start"}', b'{"kind":"unheard-of"}'])
async def test_what_cannot_be_read_is_a_dead_letter_with_its_bytes_and_where_it_stood(value: bytes | None):
    lane = await a_lane()

    [decided] = a_matching().decided(a_record(value, headers=(("from", b"test"),)), lane)

    [letter] = decided.outputs
    assert (letter.topic, letter.key, letter.value) == (DEAD_LETTERS, b"2:nav-17", value)
    headers = dict(letter.headers)
    assert headers["origin"] == b"argus.incident-events[3]@10"
    assert headers["reason"]
    assert headers["original-from"] == b"test"
    assert (decided.offset, dict(decided.states)) == (10, {})


async def test_an_event_whose_state_cannot_be_read_is_a_dead_letter_too():
    lane = await a_lane()
    lane.states[KEY.encode()] = b"not a state"

    [decided] = a_matching().decided(a_record(a_start()), lane)

    assert [output.topic for output in decided.outputs] == [DEAD_LETTERS]


async def test_too_many_dead_letters_in_a_row_end_the_process():
    lane, matching = await a_lane(), a_matching()
    for _ in range(MAX_DEAD_LETTERS_IN_A_ROW):
        list(matching.decided(a_record(b"bad"), lane))

    with pytest.raises(TooManyDeadLetters):
        list(matching.decided(a_record(b"bad"), lane))


async def test_dead_letters_with_good_records_between_them_go_on():
    lane, matching = await a_lane(), a_matching()

    for number in range(2 * MAX_DEAD_LETTERS_IN_A_ROW):
        list(matching.decided(a_record(b"bad" if number % 2 else a_start()), lane))


SUSPECTED = str(Opening(1, 12))


class Crashing(SiftedIndex):
    """An index in which a lookup of one incident is the end."""

    def wanting(self, *_: Any) -> NoReturn:
        raise ZeroDivisionError


async def opened(text: str, matching: Matching, *records: IncidentRecord | bytes | None) -> FakeProducer:
    """Return what a matcher commits that finds `text`."""
    log = FakeLog()
    log.text = text
    lanes = Lanes(log, failed=unexpected, check=Health().check("lanes"))
    await lanes.open({SOURCE}, log.positions)
    try:
        await matching.run(each(*records), lanes, no_seek)
        for lane in lanes:
            await lane.settled()
    finally:
        await lanes.close("stopping")
    return log.producers[SOURCE]


async def test_suspected_records_are_decided_and_committed_one_at_a_time():
    producer = await opened(SUSPECTED, a_matching(), a_start(), a_happening(EventType.END), b"behind", b"these")

    assert [(each.word, len(each.on(NOTIFICATIONS))) for each in producer.committed[:8]] == [
        ((10, str(Opening(2, 12))), 0),
        ((10, str(Opening(2, 12, alone=True))), 0),
        ((10, str(Opening(2, 12))), 0),
        ((11, str(Opening(2, 12))), 1),
        ((11, str(Opening(2, 12, alone=True))), 0),
        ((11, str(Opening(2, 12))), 0),
        ((12, str(Opening())), 1),
        ((14, str(Opening())), 0),
    ]


async def test_the_record_that_was_alone_at_the_third_crash_is_a_dead_letter_that_nobody_decides():
    start, end = a_start(), a_happening(EventType.END)

    producer = await opened(str(Opening(2, 11, alone=True)), a_matching(), start, end)

    [letter] = [letter for each in producer.committed for letter in each.on(DEAD_LETTERS)]
    headers = dict(letter.headers)
    assert (letter.value, headers["attempts"]) == (start.to_bytes(), b"3")
    assert headers["reason"] == b"the process crashed 3 times while handling it"
    assert [each.word for each in producer.committed[:3]] == [
        (10, str(Opening(3, 11, alone=True))), (11, str(Opening())), (12, str(Opening())),
    ]  # fmt: skip


async def test_an_error_in_a_decision_counts_as_a_crash():
    matching = Matching(Crashing(), too_old_after=timedelta(hours=24), clock=lambda: NOON)
    log = FakeLog()
    lanes = Lanes(log, failed=unexpected, check=Health().check("lanes"))
    await lanes.open({SOURCE}, log.positions)

    with pytest.raises(ZeroDivisionError):
        await matching.run(each(a_start()), lanes, no_seek)
    await lanes.close("stopping")

    assert [each.word for each in log.producers[SOURCE].committed] == [(10, str(Opening()))]


async def test_destinations_beyond_what_is_remembered_are_told_and_counted(caplog: pytest.LogCaptureFixture):
    before = REGISTRY.get_sample_value("argus_matcher_forgotten_destinations_total") or 0
    matching = a_matching(destinations=tuple(range(1, MOST_TOLD + 11)))

    decided = list(matching.decided(a_record(a_start()), await a_lane()))

    told = [output for part in decided for output in part.outputs]
    state = MatcherState.read(decided[-1].states[KEY.encode()] or b"")
    assert (len(told), len(state.told)) == (MOST_TOLD + 10, MOST_TOLD)
    assert REGISTRY.get_sample_value("argus_matcher_forgotten_destinations_total") == before + 10
    assert "10 destinations too many to remember" in caplog.text
