"""Bodies of many reports, cut into the bytes of each before any of them is read."""

import tracemalloc

import pytest

from argus_http.errors import ApiError
from argus_ingest.web.reports import MOST_REPORTS, split

MEBIBYTE = 1024 * 1024


def refused(body: bytes, *, lines: bool = False) -> int:
    with pytest.raises(ApiError) as refusal:
        split(body, lines=lines)
    return refusal.value.status


def test_a_list_has_reports_of_any_kind():
    assert split(b' [{"a": [1, 2]}, 1, "[" , null]\n', lines=False) == [b'{"a": [1, 2]}', b"1", b'"["', b"null"]
    assert split(b"[]", lines=False) == []


def test_each_line_is_a_report_but_for_blank_ones():
    assert split(b'\r\n {"a": 1} \r\n\t\n2\r3', lines=True) == [b'{"a": 1}', b"2", b"3"]
    assert split(b"\n", lines=True) == []


@pytest.mark.parametrize("body", [b"", b"{}", b"1", b"[1, 2", b"[1 2]", b'["\xff"', b"[" * 100_000])
def test_what_is_no_list_gets_400(body: bytes):
    assert refused(body) == 400


def test_a_request_has_so_many_reports_and_no_more():
    most = [b"{}"] * MOST_REPORTS

    assert split(b"[" + b",".join(most) + b"]", lines=False) == most
    assert split(b"\n".join(most), lines=True) == most
    assert refused(b" [" + b",".join([*most, b"{}"]) + b"]") == 413
    assert refused(b"\n".join([*most, b"{}"]), lines=True) == 413


@pytest.mark.parametrize(
    ("body", "lines"), [(b"[" + b"1," * MEBIBYTE + b"1]", False), (b"11\n" * MEBIBYTE, True)], ids=["list", "lines"]
)
def test_a_million_tiny_reports_take_no_memory(body: bytes, lines: bool):
    tracemalloc.start()
    try:
        assert refused(body, lines=lines) == 413
        assert tracemalloc.get_traced_memory()[1] < 4 * MEBIBYTE
    finally:
        tracemalloc.stop()
