"""What nobody suspects goes on together, and before a suspect can end the process; suspects are alone."""

from argus_runtime.kafka import Partition, Record
from argus_runtime.openings import Opening
from argus_store.holds import Hold
from argus_store.turns import Turn, turns

GOOD, BAD = Partition("argus.incident-events", 0), Partition("argus.incident-events", 1)


def records(partition: Partition, *offsets: int) -> list[Record]:
    return [Record(partition, offset, None, b"", (), 0) for offset in offsets]


def suspected(position: int, until: int, *, most: int = 100) -> Hold:
    return Hold(position, Opening(2, until), suspected=most)


def offsets(todo: list[Turn]) -> list[tuple[bool, list[tuple[int, int]]]]:
    return [(turn.alone, [(one.partition.partition, one.offset) for one in turn.records]) for turn in todo]


def test_without_a_suspect_all_partitions_are_one_turn() -> None:
    todo = turns({GOOD: records(GOOD, 0, 1), BAD: records(BAD, 5)}, {GOOD: Hold(0), BAD: Hold(5)})

    assert offsets(todo) == [(False, [(0, 0), (0, 1), (1, 5)])]


def test_suspects_are_alone_in_their_order_after_other_partitions_and_before_what_follows_them() -> None:
    todo = turns({BAD: records(BAD, 5, 6, 7), GOOD: records(GOOD, 0)}, {GOOD: Hold(0), BAD: suspected(5, until=7)})

    assert offsets(todo) == [(False, [(0, 0)]), (True, [(1, 5)]), (True, [(1, 6)]), (False, [(1, 7)])]


def test_no_more_suspects_are_alone_than_a_batch_has_records() -> None:
    todo = turns({BAD: records(BAD, 8, 12, 17)}, {BAD: suspected(5, until=20, most=2)})

    assert offsets(todo) == [(True, [(1, 8)]), (True, [(1, 12)]), (False, [(1, 17)])]


def test_a_partition_whose_suspects_are_gone_from_the_log_goes_with_the_others() -> None:
    todo = turns({BAD: records(BAD, 7), GOOD: records(GOOD, 0)}, {GOOD: Hold(0), BAD: suspected(5, until=7)})

    assert offsets(todo) == [(False, [(1, 7), (0, 0)])]


def test_what_we_do_not_hold_is_left_to_others() -> None:
    assert turns({BAD: records(BAD, 7)}, {GOOD: Hold(0)}) == []


def test_what_went_to_another_store_or_is_done_since_is_in_no_turn() -> None:
    turn = Turn([*records(GOOD, 0, 1), *records(BAD, 5)])

    assert turn.of({GOOD: Hold(1)}) == records(GOOD, 1)
