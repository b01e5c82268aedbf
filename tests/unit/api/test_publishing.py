"""The relay publishes what it can, in order, and keeps what it cannot."""

from contextlib import asynccontextmanager
from datetime import UTC, datetime

import pytest

from argus_api.listening import Row
from argus_api.publishing import Broken, Publisher
from argus_runtime.errors import LogUnavailable, PipelineError
from argus_schemas.configuration import SourceDocument
from argus_schemas.topics import MEBIBYTE
from tests.builders import NAV, a_profile


class FakeLog:
    """Topics and records, in the order in which they were made."""

    def __init__(self):
        self.done = []
        self.away = False
        self.refuses = set()

    async def create(self, topics):
        if self.away:
            raise LogUnavailable("away")
        names = {topic.name for topic in topics}
        if names & self.refuses:
            raise PipelineError("not allowed")
        self.done += sorted(names)
        return sorted(names)

    @asynccontextmanager
    async def transaction(self):
        before = list(self.done)
        try:
            yield
        except LogUnavailable:
            self.done = before
            raise

    async def send(self, topic, key, value):
        if self.away:
            raise LogUnavailable("away")
        self.done.append((topic.name, key, None if value is None else topic.decode(value).version))


@pytest.fixture
def log():
    return FakeLog()


@pytest.fixture
def broken():
    return Broken()


@pytest.fixture
def publisher(log, broken):
    return Publisher(log, log, broken)


def a_row(number, topic="rules", key="profile:11", value=b""):
    if value == b"":
        value = a_profile(version=number).to_bytes()
    return Row(number, topic, key, value, datetime.now(UTC))


def a_source_row(number, slug="nav1"):
    document = SourceDocument(source=NAV, version=number, slug=slug)
    return a_row(number, "sources", f"source:{NAV.pk}", document.to_bytes())


async def test_rows_are_published_in_their_order_with_tombstones(publisher, log):
    assert await publisher.publish([a_row(1), a_row(2), a_row(3, value=None)]) == [1, 2, 3]
    assert log.done == [("rules", "profile:11", 1), ("rules", "profile:11", 2), ("rules", "profile:11", None)]


async def test_a_sources_topic_is_created_once_and_before_its_document(publisher, log):
    await publisher.publish([a_source_row(1)])
    await publisher.publish([a_source_row(2)])
    assert log.done == ["reports.nav1", ("sources", "source:2", 1), ("sources", "source:2", 2)]


async def test_while_kafka_is_away_nothing_is_done_with(publisher, log, broken):
    log.away = True
    for rows in ([a_row(1)], [a_source_row(1)]):
        with pytest.raises(LogUnavailable):
            await publisher.publish(rows)
    assert broken.rows == {}
    log.away = False
    assert await publisher.publish([a_source_row(1)]) == [1]


@pytest.mark.parametrize(
    "row",
    [
        a_row(1, topic="nowhere"),
        a_row(1, value=b"not a document"),
        a_row(1, value=b'{"kind":"profile","pk":"' + b"x" * MEBIBYTE + b'"}'),
        a_row(1, topic="sources", value=b'{"slug": "../x"}'),
    ],
    ids=["topic", "document", "size", "slug"],
)
async def test_a_row_that_cannot_be_published_is_kept_and_the_others_go_on(publisher, broken, row):
    assert await publisher.publish([row, a_row(2, key="profile:12")]) == [2]
    assert list(broken.rows) == [1]
    assert await publisher.publish([row, a_row(3, key="profile:12")]) == [3], "it is tried again only when told to"


async def test_a_newer_version_of_a_document_makes_a_broken_one_needless(publisher, broken):
    await publisher.publish([a_row(1, value=b"not a document")])
    assert sorted(await publisher.publish([a_row(2)])) == [1, 2]
    assert broken.rows == {}


async def test_a_source_whose_topic_is_refused_is_kept(publisher, log, broken):
    log.refuses = {"reports.nav1"}
    assert await publisher.publish([a_source_row(1), a_row(2)]) == [2]
    assert broken.rows[1][1] == "not allowed"
