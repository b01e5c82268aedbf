from datetime import datetime

import pytest
from prometheus_client import REGISTRY

from argus_runtime.dead_letters import ROOM_FOR_HEADERS, DeadLetters, letter_headers
from argus_schemas.topics import DEAD_LETTERS
from tests.fakes import FakeProducer, a_record


def counted(topic):
    return REGISTRY.get_sample_value("argus_dead_letters_total", {"topic": topic}) or 0


async def test_a_dead_letter_is_the_record_unchanged_and_where_it_came_from():
    producer = FakeProducer()
    record = a_record(b"\x00not JSON", key=None, offset=17, headers=(("traceparent", b"t"), ("x", b"\xff")))

    place = await DeadLetters(producer, "store").bury(record, "not JSON", attempts=2)

    [letter] = producer.on(DEAD_LETTERS)
    headers = dict(letter.headers)
    assert letter.place == str(place)
    assert (letter.key, letter.value) == (None, b"\x00not JSON")
    assert headers["origin"] == b"argus.reports.nav[0]@17"
    assert (headers["reason"], headers["attempts"], headers["service"]) == (b"not JSON", b"2", b"store")
    assert (headers["original-traceparent"], headers["original-x"]) == (b"t", b"\xff")
    assert datetime.fromisoformat(headers["at"].decode()).tzinfo is not None


@pytest.mark.parametrize("header", [("", None), ("x", b"1" * 1000), ("\u20ac" * 1000, b"")])
async def test_more_headers_than_there_is_room_for_are_left_out(header):
    producer = FakeProducer()

    await DeadLetters(producer, "ingest").bury(a_record(headers=(header,) * 100_000), "rubbish")

    [letter] = producer.on(DEAD_LETTERS)
    sizes = [len(name.encode()) + len(value or b"") for name, value in letter.headers]
    assert 0.2 * ROOM_FOR_HEADERS < sum(sizes) < 1.1 * ROOM_FOR_HEADERS
    assert dict(letter.headers)["reason"] == b"rubbish"


async def test_bytes_of_a_refused_report_keep_the_origin_of_the_report():
    producer = FakeProducer()

    await DeadLetters(producer, "store").bury_bytes(b"k", b"v", "argus.reports.nav[0]@3", "unknown incident")

    [letter] = producer.on(DEAD_LETTERS)
    assert (letter.key, letter.value) == (b"k", b"v")
    assert dict(letter.headers)["origin"] == b"argus.reports.nav[0]@3"


async def test_all_topics_of_reports_are_counted_as_one():
    before = counted("reports")

    await DeadLetters(FakeProducer(), "ingest").bury(a_record(topic="argus.reports.nav"), "rubbish")
    await DeadLetters(FakeProducer(), "ingest").bury(a_record(topic="argus.reports.zabbix"), "rubbish")

    assert counted("reports") == before + 2


def test_a_long_reason_is_cut_and_any_text_can_be_one():
    reason = dict(letter_headers("o", "\ud800" + "x" * 9000, "store"))["reason"]

    assert len(reason) == 2000
