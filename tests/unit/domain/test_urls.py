"""Absolute URLs, and how the address of an incident's details is shown (specification 1.6)."""

from urllib.parse import urljoin

import pytest
from hypothesis import given
from hypothesis import strategies as st

from argus_domain.urls import details_url, is_absolute, is_web


@pytest.mark.parametrize(
    ("text", "absolute", "web"),
    [
        ("https://nav.example.org/", True, True),
        ("HTTP://nav.example.org", True, True),
        ("http://localhost:8000/a?b#c", True, True),
        ("http://user:pw@192.0.2.1/", True, True),
        ("http://[2001:db8::1]:80/", True, True),
        ("ftp://nav.example.org/x", True, False),
        ("http://nav/", False, False),
        ("http://nav.example.org/a b", False, False),
        ("http://[broken", False, False),
        ("http://", False, False),
        ("javascript:alert(1)", False, False),
        ("/alerts/1", False, False),
        ("http://nav.example.org/" + "x" * 2048, False, False),
        ("", False, False),
    ],
)
def test_a_url_names_a_scheme_and_a_whole_host(text, absolute, web):
    assert (is_absolute(text), is_web(text)) == (absolute, web)


@pytest.mark.parametrize(
    ("stored", "base", "shown"),
    [
        ("/a/1", "http://n.example.org/", "http://n.example.org/a/1"),
        ("a/1", "http://n.example.org/b/", "http://n.example.org/b/a/1"),
        ("https://other.example.org/x", "http://n.example.org/", "https://other.example.org/x"),
        ("/a/1", "", "/a/1"),
        ("", "http://n.example.org/", ""),
        ("", "", ""),
        (" /a/1 ", "http://n.example.org/b/", "http://n.example.org/a/1"),
        ("/a/1", "not a url", "/a/1"),
        ("http://[broken", "http://n.example.org/", "http://[broken"),
    ],
)
def test_details_are_shown_below_the_base_url_of_the_source(stored, base, shown):
    assert details_url(stored, base) == shown


BASES = (
    "http://nav.example.org/", "https://a.example.org:8443/sub/x", "http://[::1]/", "nonsense",
    "ftp://h.example.org?q", "http://",
)  # fmt: skip


def plainly(stored, base_url):
    """Say the same slowly: what is absolute stays, all else is joined if that makes it absolute."""
    stored = stored.strip()
    if is_absolute(stored):
        return stored
    try:
        joined = urljoin(base_url, stored)
    except ValueError:
        return stored
    return joined if stored and is_absolute(joined) else stored


@given(st.text("/a.?#;:%=&, \t-_\u00e6[]@", max_size=12) | st.text(max_size=8), st.sampled_from(BASES))
def test_the_short_way_to_the_address_of_details_ends_where_the_long_one_does(rest, base):
    for stored in (rest, "/" + rest):
        assert details_url(stored, base) == plainly(stored, base)
