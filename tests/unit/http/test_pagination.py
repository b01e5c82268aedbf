from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus_http.errors import ApiError
from argus_http.pagination import Cursor, cursor_in, page, size_in
from tests.builders import NOON

ROWS = [(NOON + timedelta(minutes=minute // 3), minute) for minute in range(25)]
"""Several start at the same moment."""

NEWEST_FIRST = sorted(ROWS, reverse=True)


def fetched(cursor: Cursor | None, size: int) -> list[tuple[datetime, int]]:
    """Do what the statement of a list does."""
    if cursor is None:
        return NEWEST_FIRST[: size + 1]
    place = (cursor.moment, cursor.pk)
    if cursor.back:
        return [row for row in reversed(NEWEST_FIRST) if row > place][: size + 1]
    return [row for row in NEWEST_FIRST if row < place][: size + 1]


@given(st.integers(1, 30))
def test_pages_have_each_row_once_forwards_and_back(size):
    forwards: list[tuple[datetime, int]] = []
    cursor, pages = None, 0
    while True:
        current = page(fetched(cursor, size), cursor, size, lambda row: row)
        forwards += current.rows
        pages += 1
        if current.next is None:
            break
        cursor = cursor_in({"cursor": str(current.next)})
    assert forwards == NEWEST_FIRST

    backwards = list(current.rows)
    while current.previous is not None:
        cursor = cursor_in({"cursor": str(current.previous)})
        current = page(fetched(cursor, size), cursor, size, lambda row: row)
        backwards = [*current.rows, *backwards]
        pages -= 1
    assert (backwards, pages) == (NEWEST_FIRST, 1)


@pytest.mark.parametrize("text", ["zzz", "æ", "cD0x", "Zg==", "ZjFfMjAyNi0xMS0yNQ=="])
def test_a_cursor_that_is_none_of_ours_is_not_found(text):
    with pytest.raises(ApiError) as answer:
        cursor_in({"cursor": text})
    assert (answer.value.status, answer.value.body) == (404, {"detail": "Invalid cursor"})


@pytest.mark.parametrize(
    ("text", "size"), [("10", 10), ("0", 100), ("-1", 100), ("x", 100), ("", 100), ("99999", 5000)]
)
def test_a_page_size_is_a_positive_number_up_to_5000(text, size):
    assert size_in({"page_size": text}) == size


def test_links_are_absolute_and_keep_the_query():
    current = page(NEWEST_FIRST[:3], None, 2, lambda row: row)

    body = current.body(["…"], "http://argus.example.org/api/v2/incidents/", {"open": "true", "tags": ["a=1"]})

    assert body["next"].startswith("http://argus.example.org/api/v2/incidents/?open=true&tags=a%3D1&cursor=")
    assert (body["previous"], body["results"]) == (None, ["…"])
