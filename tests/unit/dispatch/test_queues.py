"""In which order the notifications of one destination go."""

from datetime import timedelta
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from argus_dispatch.queues import DestinationQueue, Waiting
from tests.builders import NOON, at
from tests.unit.dispatch.fakes import a_record


def waiting(offset, incident=49, due=NOON):
    return Waiting(
        record=a_record(offset, None), destination=4, incident=incident, id=UUID(int=offset), replay=0, read_at=0.0,
        arrived_at=NOON, due=due,
    )  # fmt: skip


def a_queue(*entries, at_once=10):
    queue = DestinationQueue(at_once)
    for entry in entries:
        queue.add(entry)
    return queue


def taken(queue, now=NOON):
    found = []
    while entry := queue.take(now):
        found.append(entry.record.offset)
    return found


def test_one_incident_goes_strictly_one_after_the_other():
    start, end = waiting(1), waiting(2)
    queue = a_queue(start, end)

    assert taken(queue) == [1]
    queue.finish(start)
    assert taken(queue) == [2]


def test_other_incidents_go_beside_it():
    assert taken(a_queue(waiting(1, 49), waiting(2, 49), waiting(3, 50), waiting(4, 51))) == [1, 3, 4]


def test_what_failed_stays_first_of_its_incident_and_holds_up_no_other():
    start, end = waiting(1), waiting(2)
    queue = a_queue(start, end)
    queue.take(NOON)
    queue.put_back(start, at(2))
    queue.add(waiting(3, 50))

    assert taken(queue, at(1)) == [3]
    assert queue.next_due() == at(2)
    assert taken(queue, at(2)) == [1]


def test_no_more_go_at_once_than_allowed():
    first = waiting(1, 1)
    queue = a_queue(first, waiting(2, 2), waiting(3, 3), at_once=2)

    assert taken(queue) == [1, 2]
    assert queue.next_due() is None
    queue.finish(first)
    assert taken(queue) == [3]


def test_a_retry_is_not_starved_by_what_keeps_arriving():
    failed = waiting(1, 1)
    queue = a_queue(failed, at_once=1)
    queue.take(NOON)
    queue.put_back(failed, at(1))
    queue.add(waiting(2, 2, due=at(2)))

    assert taken(queue, at(3)) == [1]


def test_a_held_destination_lets_nothing_go():
    queue = a_queue(waiting(1))
    queue.hold(at(5))

    assert taken(queue, at(4)) == []
    assert queue.next_due() == at(5)
    assert taken(queue, at(5)) == [1]


def test_an_empty_queue_says_so():
    entry = waiting(1)
    queue = a_queue(entry)
    queue.take(NOON)
    assert queue
    queue.finish(entry)

    assert not queue
    assert queue.next_due() is None


@given(
    st.lists(st.integers(1, 4), max_size=30),
    st.integers(1, 3),
    st.lists(st.booleans(), min_size=200, max_size=200),
)
def test_whatever_fails_each_incident_keeps_its_order_and_all_is_told(incidents, at_once, failures):
    queue = a_queue(*(waiting(offset, incident) for offset, incident in enumerate(incidents)), at_once=at_once)
    told: dict[int, list[int]] = {}
    now, fate = NOON, iter(failures)
    while queue:
        flying = []
        while entry := queue.take(now):
            flying.append(entry)
        assert len(flying) <= at_once
        assert len({entry.incident for entry in flying}) == len(flying)
        for entry in flying:
            if next(fate, False):
                queue.put_back(entry, now + timedelta(seconds=2))
            else:
                queue.finish(entry)
                told.setdefault(entry.incident, []).append(entry.record.offset)
        now += timedelta(seconds=1)

    assert sum(map(len, told.values())) == len(incidents)
    assert all(offsets == sorted(offsets) for offsets in told.values())
