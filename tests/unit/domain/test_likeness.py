"""Documents are alike whatever their versions are, and a topic has of each what its readers would hold."""

from datetime import UTC, datetime, timedelta

import pytest

from argus_domain.likeness import after, likeness
from argus_schemas.configuration import (
    Destination,
    Profile,
    SourceDocument,
    TokenDigest,
)
from argus_schemas.incident import Source

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PROFILE = Profile(pk=1, version=1, owner=2)
SOURCE = SourceDocument(source=Source(pk=1, name="nav", type="nav", user=2, username="nav"), version=1, slug="nav")


def said(number):
    return bytes([number])


def folded(*records):
    held = None
    for version, number in records:
        held = after(held, version, None if number is None else said(number))
    return held


def test_a_version_alone_makes_no_difference():
    assert likeness(PROFILE, NOON) == likeness(PROFILE.but(version=7), NOON)
    assert likeness(PROFILE, NOON) != likeness(PROFILE.but(active=False), NOON)


def test_the_order_of_settings_makes_no_difference():
    settings = {"url": "http://hook.example.org", "headers": {"a": "1", "b": "2"}}
    turned = {"headers": {"b": "2", "a": "1"}, "url": "http://hook.example.org"}
    one = Destination(pk=1, version=1, owner=2, medium="webhook", settings=settings)
    assert likeness(one, NOON) == likeness(one.but(settings=turned), NOON)


def test_a_token_that_has_expired_says_nothing():
    old = TokenDigest(digest="a" * 64, expires_at=NOON)
    new = TokenDigest(digest="b" * 64, expires_at=NOON + timedelta(seconds=1))
    assert likeness(SOURCE.but(tokens=(old,)), NOON) == likeness(SOURCE, NOON)
    assert likeness(SOURCE.but(tokens=(new,)), NOON) != likeness(SOURCE, NOON)


@pytest.mark.parametrize(
    ("records", "certain"),
    [
        ([(1, 1)], True),
        ([(1, 1), (2, 2)], True),
        ([(1, 1), (2, 2), (1, 1)], False),  # whoever begins after compaction holds the older one
        ([(1, 1), (2, 2), (1, 1), (2, 2)], True),  # the relay repeats what it is not sure of
        ([(1, 1), (1, 2)], False),
        ([(1, 1), (1, 2), (1, 1)], False),
        ([(1, 1), (1, 2), (2, 2)], True),
        ([(1, 1), (1, None)], False),
    ],
)
def test_a_document_is_certain_where_all_readers_hold_the_last_record(records, certain):
    assert folded(*records).certain is certain


def test_readers_hold_the_first_record_with_the_highest_version():
    held = folded((1, 1), (3, 3), (2, 2), (3, 4))
    assert (held.version, held.likeness) == (3, said(3))
