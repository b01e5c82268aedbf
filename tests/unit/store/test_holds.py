"""What a store takes from the text beside a position: another's crash counts, its own trouble does not."""

from argus_runtime.openings import Opening
from argus_store.holds import Hold

END = 110
MOST = 3
"""Records in a batch."""


def taken(hold: Hold, owner: str) -> Hold:
    return Hold.found(hold.position, hold.text, END, owner, MOST)


def after_two_crashes() -> Hold:
    return taken(taken(Hold(100, Opening(), "a"), "b"), "c")


def test_an_opening_of_another_store_is_a_crash() -> None:
    assert taken(Hold(100, Opening(), "a"), "b") == Hold(100, Opening(1, END), "b", MOST)


def test_an_opening_of_our_own_is_no_crash() -> None:
    assert taken(Hold(100, Opening(1, 105), "a"), "a") == Hold(100, Opening(1, 105), "a", MOST)


def test_a_position_without_an_opening_is_taken_without_suspicion() -> None:
    assert Hold.found(100, "", END, "a", MOST) == Hold(100, Opening(), "a", MOST)


def test_two_crashes_make_the_records_suspects_that_were_there_then() -> None:
    hold = after_two_crashes()

    assert hold.suspects(END - 1)
    assert not hold.suspects(END)


def test_a_record_that_failed_alone_without_a_crash_is_not_given_up() -> None:
    hold = taken(after_two_crashes().with_one(), "c")

    assert not hold.opening.alone
    assert not hold.opening.gives_up


def test_a_third_crash_with_one_in_hand_gives_it_up_and_stays_so_until_its_letter_is_written() -> None:
    hold = taken(after_two_crashes().with_one(), "d")

    assert hold.opening.gives_up
    assert taken(hold, "d").opening.gives_up


def test_a_crash_among_others_is_not_held_against_the_one_that_is_alone_next() -> None:
    third_among_others = taken(after_two_crashes(), "d")

    assert not taken(third_among_others.with_one(), "d").opening.gives_up
    assert taken(third_among_others.with_one(), "e").opening.gives_up


def test_a_move_behind_the_suspects_ends_the_count() -> None:
    assert after_two_crashes().moved(END).opening == Opening()


def test_as_many_records_as_a_batch_has_are_suspected_however_far_they_lie_apart() -> None:
    hold = after_two_crashes()

    assert hold.moved(104).moved(107).suspects(108)
    assert hold.moved(104).moved(107).moved(109).opening == Opening()


def test_what_only_marks_transactions_clears_no_suspicion() -> None:
    hold = after_two_crashes()

    for position in range(101, END):
        hold = hold.passed(position)
        assert hold.suspects(END - 1)
