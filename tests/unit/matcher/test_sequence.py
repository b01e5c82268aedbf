import pytest

from argus_matcher.sequence import Sequence, Turn
from argus_runtime.errors import PositionLost


def taken(sequence: Sequence, *offsets: int) -> list[Turn]:
    """Offer offsets as a lane does: what is next is handled, and the next one comes after it."""
    turns = []
    for offset in offsets:
        turns.append(turn := sequence.turn_of(offset))
        if turn is Turn.NEXT:
            sequence.next = offset + 1
    return turns


def test_records_in_their_order_are_handled():
    assert taken(Sequence("events[0]", 7), 7, 8, 9) == [Turn.NEXT] * 3


def test_a_record_that_comes_again_is_skipped():
    assert taken(Sequence("events[0]", 7), 7, 7, 6, 8) == [Turn.NEXT, Turn.REPEAT, Turn.REPEAT, Turn.NEXT]


def test_after_a_hole_one_seek_back_brings_what_was_dropped():
    turns = taken(Sequence("events[0]", 7), 9, 10, 12, 7, 8, 9)

    assert turns == [Turn.HOLE, Turn.WAITING, Turn.WAITING, Turn.NEXT, Turn.NEXT, Turn.NEXT]


def test_repeats_after_a_seek_back_are_skipped():
    assert taken(Sequence("events[0]", 7), 9, 5, 6, 7) == [Turn.HOLE, Turn.REPEAT, Turn.REPEAT, Turn.NEXT]


def test_each_hole_has_its_own_seek_back():
    turns = taken(Sequence("events[0]", 7), 9, 7, 8, 9, 11, 10)

    assert [turn for turn in turns if turn is not Turn.NEXT] == [Turn.HOLE, Turn.HOLE]


@pytest.mark.parametrize("after_the_seek", [9, 8])
def test_a_hole_that_a_seek_back_does_not_close_is_a_loss(after_the_seek: int):
    sequence = Sequence("events[0]", 7)
    taken(sequence, 9)

    with pytest.raises(PositionLost, match=r"events\[0\]@7"):
        sequence.turn_of(after_the_seek)
