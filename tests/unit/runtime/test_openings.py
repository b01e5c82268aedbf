"""Crashes are counted at the position where they happened, and only a record that was alone in hand is given up."""

from argus_runtime.openings import CLOSED, Opening

HERE, END = 100, 110


def opened(*texts: str) -> Opening:
    return Opening.found(texts[-1], HERE, END)


def test_an_owner_that_ended_in_order_leaves_no_suspicion() -> None:
    assert opened(CLOSED) == Opening()


def test_a_text_that_is_not_ours_counts_as_none() -> None:
    assert opened("2:105") == opened("open::1:0") == opened("open:1:1:7") == Opening()


def test_an_owner_that_ended_while_nothing_waited_is_not_counted() -> None:
    assert Opening.found(str(Opening(1, END)), END, END) == Opening()


def test_after_one_crash_records_are_still_handled_together() -> None:
    assert not opened(str(Opening())).suspects


def test_after_two_crashes_at_one_position_records_are_handled_one_at_a_time() -> None:
    second = opened(str(opened(str(Opening()))))

    assert second.suspects
    assert not second.gives_up


def test_the_record_that_was_alone_at_the_third_crash_is_given_up() -> None:
    second = opened(str(opened(str(Opening()))))

    assert opened(str(second.with_one())).gives_up


def test_a_third_crash_with_other_records_in_hand_gives_nothing_up() -> None:
    second = opened(str(opened(str(Opening()))))

    assert not opened(str(second)).gives_up


def test_the_next_record_of_the_suspected_stretch_starts_as_one_that_was_present_twice() -> None:
    suspected = Opening(3, END, alone=True).moved(HERE + 1)

    assert suspected == Opening(2, END)
    assert Opening.found(str(suspected.with_one()), HERE + 1, END).gives_up


def test_behind_the_suspected_stretch_nothing_is_suspected() -> None:
    assert Opening(2, END).moved(END) == Opening()


def test_a_move_without_suspicion_ends_the_count() -> None:
    assert Opening(1, END).moved(HERE + 1) == Opening()


def test_who_is_alone_next_answers_for_no_crash_among_others() -> None:
    among_others = opened(str(Opening(2, END)))

    assert not among_others.with_one().gives_up
    assert opened(str(among_others.with_one())).gives_up


def test_a_crash_after_the_record_has_done_its_part_gives_nothing_up() -> None:
    done = Opening(2, END).with_one().with_none()

    assert opened(str(done)) == Opening(3, END)
    assert not opened(str(done)).gives_up
