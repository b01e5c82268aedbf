"""What the store announces, from its text to what is known of each record."""

import pytest

from argus_database.announcements import MOST_OTHERS, Announcement


def test_what_is_announced_is_read_as_it_was_written():
    said = Announcement("argus.incident-events", 3, 17, 12, frozenset({13, 16}))

    assert Announcement.read(said.text) == said
    assert [offset for offset in range(10, 20) if said.did(offset)] == [12, 14, 15]


def test_where_all_did_what_they_say_no_offset_is_named():
    said = Announcement("argus.incident-events", 3, 17, 12)

    assert Announcement.read(said.text) == said
    assert said.did(12)


def test_a_position_alone_says_nothing_of_records():
    said = Announcement.read("argus.notifications:3:17")

    assert (said.partition, said.next_offset, said.did(16)) == (3, 17, False)


def test_of_too_many_that_did_otherwise_nothing_is_said():
    said = Announcement("argus.incident-events", 3, 1000, 0, frozenset(range(MOST_OTHERS + 1)))

    assert Announcement.read(said.text) == Announcement("argus.incident-events", 3, 1000)
    assert len(said.text) < 8000  # more cannot be announced


@pytest.mark.parametrize("text", ["", "a", "a:b", "a:b:c", "a:1:x", "a:1:2:x:", "a:1:2:3", "a:1:2:3:x", "a:1:2:3:4:5"])
def test_what_nobody_of_ours_announces_is_refused(text):
    with pytest.raises(ValueError):  # noqa: PT011  int() and unpacking have words of their own
        Announcement.read(text)
