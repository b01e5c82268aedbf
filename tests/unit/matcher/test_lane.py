"""A lane commits what its events cause all together, in their order, or not at all."""

import asyncio

import pytest

from argus_matcher.effects import Decided, Output
from argus_matcher.lane import Lane
from argus_matcher.patience import Patience
from argus_matcher.standing import Standing
from argus_runtime.errors import Fenced, LogUnavailable, PositionLost, RecordTooLarge
from argus_runtime.openings import CLOSED, Opening
from argus_schemas.topics import INCIDENT_STATES, NOTIFICATIONS
from tests.eventually import eventually
from tests.unit.matcher.fakes import SOURCE, FakeLog, FakeProducer

States = dict[bytes, bytes | None]
A, B = b"2:a", b"2:b"


def unexpected(error: BaseException) -> None:
    raise AssertionError(error)


async def a_lane(
    *, position: int | None = 10, first: int = 0, end: int = 100, states=None, text: str = CLOSED,
    patience: Patience = Patience(),  # noqa: B008  it is frozen
) -> tuple[Lane, FakeProducer]:  # fmt: skip
    log = FakeLog(patience)
    log.states = states or {}
    lane = await log.new_lane(SOURCE)
    await lane.fence()
    await lane.load(Standing(position, first, end, text), log.committed_states(SOURCE))
    await lane.sign_on()
    producer = log.producers[SOURCE]
    producer.opened, producer.committed = producer.committed, []
    producer.begun.clear()
    return lane, producer


def notified(offset: int | None, **states: bytes | None) -> Decided:
    keys = {"a": A, "b": B}
    output = Output(NOTIFICATIONS, b"4", b"told of %d" % (offset or 0))
    return Decided(offset, [output], {keys[name]: state for name, state in states.items()})


async def test_notifications_states_and_position_are_one_transaction():
    lane, producer = await a_lane()
    lane.open(unexpected)

    await lane.add(notified(10, a=b"one"))
    await eventually(lambda: producer.committed)
    await lane.close()

    [transaction] = producer.work
    assert [sent.value for sent in transaction.on(NOTIFICATIONS)] == [b"told of 10"]
    assert [(sent.key, sent.value, sent.partition) for sent in transaction.on(INCIDENT_STATES)] == [(A, b"one", 3)]
    assert transaction.positions == {SOURCE: 11}
    assert producer.closed


async def test_what_is_decided_together_is_committed_together_with_the_last_state_of_each_incident():
    lane, producer = await a_lane()
    await lane.add(notified(10, a=b"one"))
    await lane.add(notified(11, a=b"two", b=b"one"))
    await lane.add(notified(12, b=None))

    lane.open(unexpected)
    await eventually(lambda: producer.committed)
    await lane.close()

    [transaction] = producer.work
    assert len(transaction.on(NOTIFICATIONS)) == 3
    assert {sent.key: sent.value for sent in transaction.on(INCIDENT_STATES)} == {A: b"two", B: None}
    assert transaction.positions == {SOURCE: 13}


async def test_the_next_event_meets_a_state_that_is_decided_and_not_yet_committed():
    lane, producer = await a_lane(states={A: b"zero", B: b"zero"})

    await lane.add(notified(10, a=b"one", b=None))

    assert lane.states == {A: b"one"}
    assert lane.order.next == 11
    assert producer.committed == []


async def test_a_timer_moves_no_position():
    lane, producer = await a_lane(states={A: b"one"})
    lane.open(unexpected)

    await lane.add(Decided(None, states={A: None}))
    await eventually(lambda: producer.committed)
    await lane.close()

    assert producer.committed[0].positions == {}
    assert lane.order.next == 10


async def test_a_lane_that_closes_aborts_what_it_has_not_committed():
    lane, producer = await a_lane()
    producer.may_commit.clear()
    lane.open(unexpected)
    await lane.add(notified(10))
    await producer.begun.wait()

    await lane.close()

    assert producer.committed == []
    assert producer.aborted == 1
    assert producer.closed


async def test_a_lane_that_is_closed_takes_nothing_and_holds_up_nobody():
    lane, producer = await a_lane(states={A: b"one"}, patience=Patience(most_events=2))
    lane.open(unexpected)
    await lane.close()

    async with asyncio.timeout(2):
        for _ in range(3):
            await lane.add(notified(None, a=None))

    assert (producer.work, lane.states) == ([], {A: b"one"})


async def test_one_who_is_fenced_says_so():
    lane, producer = await a_lane()
    producer.fenced = True
    failures: list[BaseException] = []
    lane.open(failures.append)

    await lane.add(notified(10))
    await eventually(lambda: failures)
    await lane.close()

    assert isinstance(failures[0], Fenced)


async def test_a_transaction_that_never_ends_is_a_failure():
    lane, producer = await a_lane(patience=Patience(transaction=0.05))
    producer.may_commit.clear()
    failures: list[BaseException] = []
    lane.open(failures.append)

    await lane.add(notified(10))
    await eventually(lambda: failures)
    await lane.close()

    assert isinstance(failures[0], LogUnavailable)


async def test_too_many_that_wait_hold_up_the_next_until_a_transaction_takes_them():
    lane, _ = await a_lane(patience=Patience(most_events=2))
    await lane.add(notified(10))

    second = asyncio.create_task(lane.add(notified(11)))
    done, _ = await asyncio.wait({second}, timeout=0.05)
    assert not done

    lane.open(unexpected)
    await asyncio.wait_for(second, 5)
    await lane.close()


async def test_a_lane_begins_at_the_committed_position():
    lane, _ = await a_lane(position=17, states={A: b"one"})

    assert lane.order.next == 17
    assert lane.states == {A: b"one"}


async def test_a_deleted_state_is_not_remembered():
    lane, _ = await a_lane(states={A: None})

    assert lane.states == {}


async def test_without_position_and_states_it_begins_where_the_log_does():
    lane, _ = await a_lane(position=None, first=5)

    assert lane.order.next == 5


@pytest.mark.parametrize(("position", "states"), [(4, {}), (101, {}), (None, {A: b"one"})])
async def test_a_position_that_is_not_in_the_log_or_lost_is_not_guessed(position: int | None, states: States):
    with pytest.raises(PositionLost, match="the log has 5 to 100"):
        await a_lane(position=position, first=5, end=100, states=states)


@pytest.mark.parametrize("position", [5, 100])
async def test_both_ends_of_the_log_are_positions(position: int):
    lane, _ = await a_lane(position=position, first=5, end=100)

    assert lane.order.next == position


async def test_what_tells_somebody_is_committed_at_once_and_takes_along_what_waited():
    lane, producer = await a_lane(patience=Patience(quiet=60.0))
    lane.open(unexpected)

    await lane.add(Decided(10, [], {A: b"one"}))
    await lane.add(notified(11, b=b"two"))
    await eventually(lambda: producer.committed)
    await lane.close()

    [transaction] = producer.work
    assert [sent.key for sent in transaction.on(INCIDENT_STATES)] == [A, B]


async def test_after_a_crash_what_tells_somebody_waits_for_company_too():
    lane, producer = await a_lane(text=str(Opening()), patience=Patience(quiet=60.0, enough_events=2))
    lane.open(unexpected)

    await lane.add(notified(10))
    done, _ = await asyncio.wait({asyncio.create_task(producer.begun.wait())}, timeout=0.05)
    assert not done
    await lane.add(notified(11))
    await eventually(lambda: producer.committed)
    await lane.add(notified(12))
    await lane.settled()
    await lane.close()

    assert [each.positions[SOURCE] for each in producer.work] == [12, 13]


async def test_a_state_that_tells_nobody_waits_for_company_but_not_for_ever():
    lane, producer = await a_lane()
    lane.open(unexpected)

    await lane.add(Decided(10, [], {A: b"one"}))
    await eventually(lambda: producer.committed)
    await lane.close()

    assert producer.committed[0].positions == {SOURCE: 11}


async def test_an_owner_leaves_word_before_it_handles_anything():
    _, producer = await a_lane(text=str(Opening()))

    assert [transaction.word for transaction in producer.opened] == [(10, str(Opening(1, 100)))]


async def test_without_a_position_word_is_left_where_the_log_begins():
    _, producer = await a_lane(position=None, first=5, text="of an earlier version")

    assert [transaction.word for transaction in producer.opened] == [(5, str(Opening()))]


async def test_only_what_an_owner_may_have_had_in_hand_is_suspected():
    _, producer = await a_lane(end=1_000_000, text=str(Opening()))

    assert producer.opened[0].word == (10, str(Opening(1, 10 + Patience().most_in_hand)))


async def test_a_move_ends_the_count_in_its_own_transaction():
    lane, producer = await a_lane(text=str(Opening(1, 100)))
    assert lane.opening.suspects
    lane, producer = await a_lane(text=str(Opening()))
    lane.open(unexpected)

    await lane.add(notified(10))
    await lane.settled()
    await lane.close()

    assert [transaction.word for transaction in producer.committed] == [(11, str(Opening())), (11, CLOSED)]


async def test_one_who_works_alone_says_so_before_and_is_committed_at_once():
    lane, producer = await a_lane(text=str(Opening(1, 12)), patience=Patience(quiet=60.0))
    lane.open(unexpected)

    for offset in (10, 11):
        assert await lane.only_one()
        await lane.add(Decided(offset))
        assert await lane.settled()

    assert [transaction.word for transaction in producer.committed] == [
        (10, str(Opening(2, 12, alone=True))),
        (10, str(Opening(2, 12))),
        (11, str(Opening(2, 12))),
        (11, str(Opening(2, 12, alone=True))),
        (11, str(Opening(2, 12))),
        (12, str(Opening())),
    ]
    assert not lane.opening.suspects
    await lane.close()


async def failing_alone(producer: FakeProducer, lane: Lane, refusal: Exception) -> BaseException:
    """Return the error that ends a lane whose one record in hand is decided, and then not taken by Kafka."""
    failures: list[BaseException] = []
    lane.open(failures.append)
    assert await lane.only_one()
    producer.refusal = refusal
    await lane.add(notified(10))
    await eventually(lambda: failures)
    await lane.close()
    return failures[0]


@pytest.mark.parametrize("refusal", [LogUnavailable("Kafka restarts"), Fenced("a successor writes")])
async def test_who_is_decided_alone_is_not_held_responsible_for_what_happens_to_kafka(refusal: Exception):
    lane, producer = await a_lane(text=str(Opening(1, 12)))

    assert await failing_alone(producer, lane, refusal) is refusal

    assert producer.committed[-1].word == (10, str(Opening(2, 12)))


@pytest.mark.parametrize("refusal", [RecordTooLarge("two megabytes"), UnicodeError("half a character")])
async def test_who_is_decided_alone_is_held_responsible_for_what_it_causes(refusal: Exception):
    lane, producer = await a_lane(text=str(Opening(1, 12)))

    assert await failing_alone(producer, lane, refusal) is refusal

    assert producer.committed[-1].word == (10, str(Opening(2, 12, alone=True)))


async def test_who_is_given_up_stays_so_until_its_letter_is_written():
    given_up = Opening(2, 12, alone=True)
    lane, producer = await a_lane(text=str(given_up))
    failures: list[BaseException] = []
    lane.open(failures.append)
    producer.refusal = LogUnavailable("Kafka restarts")

    await lane.add(notified(10))
    await eventually(lambda: failures)
    await lane.close()

    assert producer.committed == []
    assert lane.opening.gives_up


async def test_a_timer_leaves_the_word_as_it_is():
    lane, producer = await a_lane(states={A: b"one"}, text=str(Opening(1, 12)))
    lane.open(unexpected)
    await lane.only_one()

    await lane.add(Decided(None, states={A: None}))
    await lane.settled()

    assert lane.opening == Opening(2, 12, alone=True)
    assert producer.committed[-1].positions == {}
    await lane.close()


async def test_a_lane_with_decisions_that_wait_is_left_in_order_where_it_stands():
    lane, producer = await a_lane(patience=Patience(quiet=60.0))
    lane.open(unexpected)
    await lane.add(Decided(10))

    await lane.close()

    assert [transaction.word for transaction in producer.committed] == [(10, CLOSED)]


async def test_a_transaction_that_ends_in_time_is_not_broken_off_by_the_end_of_its_lane():
    lane, producer = await a_lane()
    producer.may_commit.clear()
    lane.open(unexpected)
    await lane.add(notified(10))
    await producer.begun.wait()

    closing = asyncio.create_task(lane.close())
    await asyncio.sleep(0)
    producer.may_commit.set()
    await closing

    assert [transaction.word for transaction in producer.committed] == [(11, str(Opening())), (11, CLOSED)]
    assert producer.aborted == 0


async def test_a_lane_whose_decision_crashed_leaves_its_word():
    lane, producer = await a_lane()
    lane.open(unexpected)
    lane.crashed = True

    await lane.close()

    assert producer.committed == []


async def test_one_who_is_fenced_closes_without_a_word():
    lane, producer = await a_lane()
    lane.open(unexpected)
    producer.fenced = True

    await lane.close()

    assert producer.committed == []
    assert producer.closed


async def test_a_lane_that_cannot_say_goodbye_closes_soon():
    lane, producer = await a_lane(patience=Patience(signing_off=0.02))
    lane.open(unexpected)
    producer.may_commit.clear()

    async with asyncio.timeout(2):
        await lane.close()

    assert producer.committed == []
    assert producer.closed


async def test_a_lane_with_one_alone_in_hand_takes_longer_to_say_goodbye():
    lane, producer = await a_lane(text=str(Opening(1, 12)), patience=Patience(signing_off=0.0))
    lane.open(unexpected)
    await lane.only_one()
    producer.begun.clear()
    producer.may_commit.clear()
    await lane.add(Decided(10))
    await producer.begun.wait()

    closing = asyncio.create_task(lane.close())
    await asyncio.wait({closing}, timeout=0.05)
    producer.may_commit.set()
    await closing

    assert producer.committed[-1].word == (11, CLOSED)


async def test_who_waits_for_a_lane_that_closes_is_told_so():
    lane, producer = await a_lane(text=str(Opening(1, 12)))
    lane.open(unexpected)
    producer.may_commit.clear()
    alone = asyncio.create_task(lane.only_one())
    await producer.begun.wait()

    closing = asyncio.create_task(lane.close())
    producer.may_commit.set()

    assert not await asyncio.wait_for(alone, 5)
    await closing
    assert producer.committed[-1].word == (10, CLOSED)


BYTES = Patience(most_bytes=100)


def large(offset: int, size: int = 60, *, done: bool = True) -> Decided:
    return Decided(offset, [Output(NOTIFICATIONS, b"4", b"x" * size)], done=done)


async def test_a_transaction_takes_so_many_bytes_and_the_next_what_is_left():
    lane, producer = await a_lane(patience=Patience(most_bytes=200))
    for offset in (10, 11, 12):
        await lane.add(large(offset))

    lane.open(unexpected)
    await lane.add(large(13))
    await lane.settled()
    await lane.close()

    assert [each.positions[SOURCE] for each in producer.work] == [13, 14]


async def test_a_decision_that_alone_is_larger_than_a_transaction_goes_alone():
    lane, producer = await a_lane(patience=BYTES)
    lane.open(unexpected)

    for offset in (10, 11, 12):
        await lane.add(large(offset, 500))
    await lane.settled()
    await lane.close()

    assert [each.positions[SOURCE] for each in producer.work] == [11, 12, 13]


async def test_too_many_bytes_that_wait_hold_up_the_next_until_a_transaction_takes_them():
    lane, _ = await a_lane(patience=BYTES)
    await lane.add(large(10))

    second = asyncio.create_task(lane.add(large(11)))
    done, _ = await asyncio.wait({second}, timeout=0.05)
    assert not done

    lane.open(unexpected)
    await asyncio.wait_for(second, 5)
    await lane.close()


async def test_a_part_of_a_record_moves_no_position():
    lane, producer = await a_lane(patience=BYTES)
    lane.open(unexpected)

    await lane.add(large(10, done=False))
    await lane.settled()
    assert lane.order.next == 10
    await lane.add(large(10))
    await lane.settled()
    await lane.close()

    assert [each.positions for each in producer.work] == [{}, {SOURCE: 11}]


async def test_who_adds_to_a_lane_hears_that_it_is_closed():
    lane, _ = await a_lane()
    lane.open(unexpected)
    assert await lane.add(large(10, done=False))

    await lane.close()

    assert not await lane.add(large(10))


async def test_the_first_part_of_a_record_that_is_decided_alone_clears_it_of_what_happens_to_kafka():
    lane, producer = await a_lane(text=str(Opening(1, 12)))
    lane.open(unexpected)
    await lane.only_one()

    await lane.add(large(10, done=False))
    await lane.settled()

    assert producer.committed[-2].word == (10, str(Opening(2, 12)))
    await lane.close()
