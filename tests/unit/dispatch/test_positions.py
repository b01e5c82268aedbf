"""How far a partition is done."""

from argus_dispatch.positions import Positions


def arrived(*offsets, start=0):
    positions = Positions(start)
    for offset in offsets:
        positions.arrived(offset, 1000 + offset)
    return positions


def test_the_position_is_the_oldest_unfinished_offset():
    positions = arrived(5, 6, 7, start=5)

    positions.finished(6)
    assert (positions.position, positions.oldest_ms, len(positions)) == (5, 1005, 2)
    positions.finished(5)
    assert (positions.position, positions.oldest_ms, len(positions)) == (7, 1007, 1)


def test_when_all_is_finished_the_position_is_after_the_last():
    positions = arrived(5, 9)
    positions.finished(9)
    positions.finished(5)

    assert (positions.position, positions.oldest_ms) == (10, None)


def test_before_anything_arrives_the_position_is_the_start():
    assert Positions(17).position == 17


def test_a_record_that_arrives_again_is_not_counted_again():
    positions = arrived(5, 6, start=5)
    positions.finished(5)

    assert not positions.arrived(5, 1)
    assert positions.position == 6


def test_a_hundred_thousand_are_done_in_a_moment():
    positions = arrived(*range(100_000))
    for offset in range(100_000):
        positions.finished(offset)
        assert positions.position == offset + 1


def test_what_stands_between_records_is_passed_and_waits_for_nobody():
    positions = arrived(5, start=5)
    positions.passed(8)
    assert positions.position == 5
    positions.finished(5)
    assert positions.position == 8
    positions.passed(3)
    assert positions.position == 8
