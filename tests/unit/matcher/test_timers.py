"""What is due fires once its log is read up to where it ended after that: once, for whoever owns the partition."""

import asyncio
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

import pytest

from argus_matcher.agents import Matching
from argus_matcher.deadlines import Deadlines, Horizon
from argus_matcher.index import SiftedIndex
from argus_matcher.lane import Lane
from argus_matcher.patience import MOST_BYTES
from argus_matcher.standing import Standing
from argus_matcher.timers import Timers
from argus_runtime.kafka import Partition
from argus_schemas.configuration import EscalationStep, Maintenance, Profile, document_key
from argus_schemas.memory import MatcherState, Telling
from argus_schemas.records import IncidentRecord
from argus_schemas.topics import DELIVERIES, INCIDENT_STATES, NOTIFICATIONS
from tests.builders import EVERYTHING, KEY, NOON, a_draft, a_profile, a_start, a_task, an_ack, at
from tests.eventually import eventually
from tests.unit.matcher.fakes import SOURCE, FakeLog, a_record

TOO_OLD = timedelta(hours=24)
PATIENT = a_profile(filters=(EVERYTHING,), escalation=(EscalationStep(after_minutes=15, destinations=(5,)),))


def unexpected(error: BaseException) -> None:
    raise AssertionError(error)


class Worker:
    """A matcher with one lane, whose clock and log a test moves."""

    def __init__(self, *rules: Profile | Maintenance, states: Mapping[bytes, bytes] | None = None) -> None:
        self.index = SiftedIndex()
        self.now = NOON
        self.end = 10
        self.asked = 0
        self.lanes: list[Lane] = []
        self.log = FakeLog()
        self.log.states = dict(states or {})
        self.timers = Timers(self.lanes, self.index, too_old_after=TOO_OLD, clock=lambda: self.now)
        self.matching = Matching(self.index, too_old_after=TOO_OLD, clock=lambda: self.now)
        self.put(*rules)

    async def opens(self) -> "Worker":
        """Open the lane at the end of the log."""
        self.lanes.append(await self.log.new_lane(SOURCE))
        await self.lane.load(Standing(10, 0, 10), self.log.committed_states(SOURCE))
        self.lane.open(unexpected)
        return self

    @property
    def lane(self) -> Lane:
        """Its one lane, once it is open."""
        return self.lanes[0]

    def put(self, *rules: Profile | Maintenance) -> None:
        """Publish rules."""
        for rule in rules:
            key = document_key(rule.kind, rule.pk)
            self.index.put(key, rule)
            self.timers.rule_changed(key, rule)

    async def ends(self, partitions: Iterable[Partition]) -> Mapping[Partition, int]:
        self.asked += 1
        return dict.fromkeys(partitions, self.end)

    async def reads(self, *records: IncidentRecord) -> None:
        """Match the next records."""
        for record in records:
            offset = self.lane.order.next
            self.end = max(self.end, offset + 1)
            for decided in self.matching.decided(a_record(record, offset), self.lane):
                await self.lane.add(decided)

    async def looks(self, minute: float) -> None:
        """Look at what is due at a minute."""
        self.now = at(minute)
        await self.timers.look(self.ends)

    async def told(self) -> list[tuple[str, int]]:
        """Return what is committed, once all is: purpose and destination."""
        await self.lane.settled()
        producer = self.log.producers[SOURCE]
        sent = [record for one in producer.committed for record in one.on(NOTIFICATIONS)]
        read = [NOTIFICATIONS.decode(record.value or b"") for record in sent]
        return [(each.purpose, each.destination) for each in read]


FIRST, STEP = ("event", 4), ("escalation 1", 5)


async def test_what_is_due_is_told_with_the_state_after_it_in_one_transaction_that_moves_no_position():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())
    await worker.told()

    await worker.looks(15.1)

    assert await worker.told() == [FIRST, STEP]
    transaction = worker.log.producers[SOURCE].committed[-1]
    [state] = transaction.on(INCIDENT_STATES)
    assert MatcherState.read(state.value or b"").escalations == ()
    assert transaction.positions == {}
    assert worker.lane.order.next == 11


async def test_nothing_fires_before_its_time_and_nobody_asks_where_the_log_ends():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())

    await worker.looks(15)

    assert await worker.told() == [FIRST]
    assert worker.asked == 0


async def test_what_fired_does_not_fire_again():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())

    await worker.looks(16)
    await worker.looks(17)

    assert await worker.told() == [FIRST, STEP]


async def test_it_waits_until_the_log_is_read_up_to_its_end_after_the_due_time():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())
    worker.end = 13

    await worker.looks(16)
    assert await worker.told() == [FIRST]
    await worker.reads(a_start(15, key="2:b"), a_start(15, key="2:c"))
    await worker.looks(17)

    assert await worker.told() == [FIRST, FIRST, FIRST, STEP]


async def test_records_that_keep_coming_do_not_put_it_off():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())
    worker.end = 12

    await worker.looks(16)
    worker.end = 1000
    await worker.reads(a_start(key="2:b"))
    await worker.looks(16.1)

    assert STEP in await worker.told()


async def test_an_ack_that_waits_in_the_log_stops_it():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())
    worker.end = 12

    await worker.looks(16)
    await worker.reads(an_ack(14))
    await worker.looks(17)

    assert STEP not in await worker.told()


async def test_an_ack_that_comes_after_it_was_due_and_before_it_is_told_stops_it_too():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())
    worker.end = 12
    await worker.looks(16)

    await worker.reads(an_ack(16.1))
    await worker.looks(16.2)

    assert STEP not in await worker.told()


async def test_what_was_due_later_waits_until_the_log_is_read_further():
    steps = (*PATIENT.escalation, EscalationStep(after_minutes=30, destinations=(6,)))
    worker = await Worker(PATIENT.but(escalation=steps)).opens()
    await worker.reads(a_start())
    worker.end = 12
    await worker.looks(16)

    await worker.reads(a_start(20, key="2:b"))
    worker.end = 13
    await worker.looks(40)
    assert await worker.told() == [FIRST, FIRST, STEP]
    await worker.looks(40.1)
    await worker.reads(an_ack(25, may_notify=False))
    await worker.looks(40.2)

    assert ("escalation 2", 6) not in await worker.told()


async def test_whoever_takes_the_partition_over_tells_what_is_due():
    before = await Worker(PATIENT).opens()
    await before.reads(a_start())

    after = await Worker(PATIENT, states=before.lane.states).opens()
    await after.looks(60)

    assert await after.told() == [STEP]


async def test_a_task_that_ends_while_nobody_is_there_releases_when_the_lane_opens():
    before = await Worker(PATIENT, a_task(ends_at=None)).opens()
    await before.reads(a_start())

    after = await Worker(PATIENT, a_task(ends_at=at(-1), version=2), states=before.lane.states).opens()
    await after.looks(1)

    assert await after.told() == [("maintenance over", 4)]


async def test_a_task_that_is_changed_releases_at_once():
    worker = await Worker(PATIENT, a_task(ends_at=None)).opens()
    await worker.reads(a_start())
    await worker.looks(1)
    assert await worker.told() == []

    worker.put(a_task(ends_at=at(1), version=2))
    await worker.looks(2)

    assert await worker.told() == [("maintenance over", 4)]


async def test_an_event_between_the_change_of_a_task_and_the_look_at_it_hides_nothing():
    worker = await Worker(PATIENT, a_task(ends_at=None)).opens()
    await worker.reads(a_start())

    worker.put(a_task(ends_at=at(1), version=2))
    await worker.reads(an_ack(2, may_notify=False))
    await worker.looks(3)

    assert await worker.told() == [("maintenance over", 4)]


async def test_a_look_that_changes_nothing_writes_nothing_and_comes_again():
    before = await Worker(PATIENT, a_task()).opens()
    await before.reads(a_start())

    after = await Worker(PATIENT, a_task(), states=before.lane.states).opens()
    await after.looks(1)
    assert await after.told() == []
    assert after.log.producers[SOURCE].committed == []
    await after.looks(61)

    assert ("maintenance over", 4) in await after.told()


async def test_a_change_of_another_task_or_profile_makes_nobody_look():
    worker = await Worker(PATIENT, a_task(ends_at=None)).opens()
    await worker.looks(0)
    await worker.reads(a_start())

    worker.put(a_task(pk=22, starts_at=at(500), ends_at=at(600)), PATIENT.but(version=2))
    await worker.looks(2)

    assert worker.asked == 0


async def test_what_is_withheld_when_due_stands_on_deliveries():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())

    worker.put(PATIENT.but(version=2, quiet_until=at(100)))
    await worker.looks(16)
    await worker.lane.settled()

    [sent] = worker.log.producers[SOURCE].committed[-1].on(DELIVERIES)
    delivery = DELIVERIES.decode(sent.value or b"")
    assert (delivery.purpose, delivery.state, delivery.destination) == ("escalation 1", "suppressed", 5)
    assert delivery.reason == f"quiet until {at(100)}"


async def test_an_incident_whose_record_is_being_told_is_left_alone_until_it_is():
    worker = await Worker(PATIENT).opens()
    start = a_start()
    await worker.reads(start)
    state = MatcherState.read(worker.lane.states[KEY.encode()])
    between = state.but(telling=Telling(event_id=start.event_id, number=0, destination=4))
    worker = await Worker(PATIENT, states={KEY.encode(): between.to_bytes()}).opens()

    await worker.looks(16)
    assert await worker.told() == []
    await worker.reads(an_ack(17, may_notify=False))
    await worker.looks(18)

    assert await worker.told() == []
    assert not worker.lane.deadlines.is_due(at(1000))


async def test_a_state_that_cannot_be_read_keeps_no_other_from_firing():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start(), a_start(key="2:b"))
    worker.lane.states[KEY.encode()] = b"not a state"

    await worker.looks(16)

    assert (await worker.told()).count(STEP) == 1


async def test_a_large_incident_is_told_in_several_transactions():
    many = tuple(range(100, 140))
    worker = await Worker(a_profile(filters=(EVERYTHING,), destinations=many), a_task(ends_at=at(1))).opens()
    await worker.reads(a_start(draft=a_draft(metadata={"blob": "x" * 1_000_000})))

    for minute in range(2, 20):
        await worker.looks(minute)

    assert [destination for _, destination in await worker.told()] == list(many)
    sizes = [sum(len(sent.value or b"") for sent in one.records) for one in worker.log.producers[SOURCE].committed]
    assert max(sizes) < 2 * MOST_BYTES


MANY = tuple(range(100, 140))
LARGE = {"blob": "x" * 1_000_000}


async def escalating_to_many() -> Worker:
    step = EscalationStep(after_minutes=15, destinations=MANY)
    worker = await Worker(a_profile(filters=(EVERYTHING,), escalation=(step,))).opens()
    await worker.reads(a_start(draft=a_draft(metadata=LARGE)))
    return worker


async def test_one_step_for_very_many_of_a_large_incident_is_told_in_several_transactions():
    worker = await escalating_to_many()

    await worker.looks(16)

    assert await worker.told() == [FIRST, *(("escalation 1", each) for each in MANY)]
    sizes = [sum(len(sent.value or b"") for sent in one.records) for one in worker.log.producers[SOURCE].committed]
    assert max(sizes) < 2 * MOST_BYTES
    assert not INCIDENT_STATES.decode(worker.lane.states[KEY.encode()]).escalations


async def test_an_ack_between_two_parts_of_a_step_is_not_forgotten_and_stops_the_rest():
    worker = await escalating_to_many()
    looking = asyncio.create_task(worker.looks(16))
    await eventually(lambda: len(worker.log.producers[SOURCE].committed) > 1)

    await worker.reads(an_ack())
    await looking
    await worker.looks(17)

    assert INCIDENT_STATES.decode(worker.lane.states[KEY.encode()]).incident.acks
    assert len(await worker.told()) < 1 + len(MANY)


@pytest.mark.parametrize("states", [100_000])
async def test_a_hundred_thousand_states_of_which_something_is_due_load_in_seconds(states: int):
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())
    state = worker.lane.states[KEY.encode()]
    deadlines, begun = Deadlines(), asyncio.get_running_loop().time()

    for number in range(states):
        deadlines.note(b"2:%d" % number, state)

    assert asyncio.get_running_loop().time() - begun < 10
    assert len(deadlines) == states
    deadlines.ends(Horizon(at(16), 5))
    assert deadlines.reached(4) is None
    assert deadlines.reached(5) == at(16)
    assert len(deadlines.taken(at(16), states - 1)) == states - 1
    assert len(deadlines.taken(at(16), states)) == 1


def test_moments_that_no_longer_count_are_not_kept_for_ever():
    deadlines = Deadlines()
    for minute in range(10_000):
        deadlines.note(b"2:a", b'{"news": {}, "due_at": "%s"}' % at(minute).isoformat().encode())

    assert len(deadlines) == 1
    assert len(deadlines._heap) < 2000


async def test_an_incident_that_is_gone_has_no_deadline():
    deadlines = Deadlines()
    deadlines.note(
        b"2:a", b'{"news": {}, "due_at": "2026-11-25T12:00:00Z", "withheld": [{"task": 3}], "flapping": [{}]}'
    )
    assert (len(deadlines), deadlines.flapping) == (1, 1)

    deadlines.note(b"2:a", None)
    deadlines.task_changed(3)

    assert (len(deadlines), deadlines.flapping) == (0, 0)
    assert not deadlines.is_due(datetime.max.replace(tzinfo=NOON.tzinfo))


async def test_nothing_is_asked_of_kafka_while_a_lane_has_yet_to_read_that_far():
    worker = await Worker(PATIENT).opens()
    await worker.reads(a_start())
    worker.end = 12

    for tick in range(5):
        await worker.looks(16 + tick)

    assert worker.asked == 1
