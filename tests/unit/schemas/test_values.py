"""What records refuse, so that everything downstream can hold what they carry."""

import json
from uuid import UUID

import pytest
from pydantic import ValidationError

from argus_schemas.identity import incident_key, notification_id, principal_event_id
from argus_schemas.ids import BLOCK_SIZE, block_of
from argus_schemas.records import Create
from argus_schemas.report import REPORT
from argus_schemas.routing import is_ingest
from argus_schemas.topics import CATALOGUE, INCIDENT_EVENTS
from tests.builders import a_create

REPORTED = {"type": "start", "source_incident_id": "17", "occurred_at": "2026-11-25T12:00:00Z"}
DEEP: list[object] = []
for _ in range(40):
    DEEP = [DEEP]


@pytest.mark.parametrize(
    "fault",
    [
        {"type": "begin"},
        {"occurred_at": "2026-11-25T12:00:00"},
        {"occurred_at": 1764072000.5e300},
        {"description": "a\x00b"},
        {"level": 9},
        {"level": 0},
        {"tags": ["host"]},
        {"tags": ["Host=a"]},
        {"tags": ["=a"]},
        {"tags": ["a=1"] * 501},
        {"metadata": {"deep": DEEP}},
        {"metadata": {"huge": 2**63}},
        {"metadata": {"nul\x00": 1}},
        {"source_incident_id": "x" * 601},
        {"type": "end", "source_incident_id": ""},
        {"event_id": "not a uuid"},
    ],
    ids=str,
)
def test_a_report_that_cannot_be_stored_is_refused(fault):
    with pytest.raises(ValidationError):
        REPORT.validate_json(json.dumps(REPORTED | fault))


@pytest.mark.parametrize("raw", [b"", b"{", b"[]", b'{"type": "start", "description": "\\ud800"}', b"\xff\xfe", b"NaN"])
def test_a_report_that_is_not_json_is_refused(raw):
    with pytest.raises(ValidationError):
        REPORT.validate_json(raw)


def test_numbers_as_source_incident_ids_are_text():
    assert REPORT.validate_python(REPORTED | {"source_incident_id": 17}).source_incident_id == "17"


def test_a_tag_is_split_at_its_first_equals_sign():
    report = REPORT.validate_python(REPORTED | {"tags": ["url=http://x/?a=b", "url=http://x/?a=b"]})
    (tag,) = report.tag_names() or ()
    assert (tag.key, tag.value) == ("url", "http://x/?a=b")


def test_infinite_numbers_are_refused():
    with pytest.raises(ValidationError):
        REPORT.validate_python(REPORTED | {"metadata": {"x": float("inf")}})


def test_a_record_survives_fields_that_this_reader_does_not_know():
    value = json.loads(a_create().to_bytes()) | {"added_by_a_newer_producer": {"x": 1}}
    assert isinstance(INCIDENT_EVENTS.decode(json.dumps(value).encode()), Create)


def test_a_record_is_read_back_as_it_was_written():
    record = a_create()
    assert INCIDENT_EVENTS.decode(record.to_bytes()) == record


def test_the_incident_key_is_the_sources_own_id_where_there_is_one():
    event = UUID(int=5)
    assert incident_key(2, "nav-17", event) == "2:nav-17"
    assert incident_key(2, "", event) == f"2#{event}"


def test_ids_derived_from_the_same_things_are_the_same_and_from_others_are_not():
    assert principal_event_id(6, "a") == principal_event_id(6, "a")
    assert principal_event_id(6, "a") != principal_event_id(7, "a")
    assert notification_id(UUID(int=1), 4, "event") != notification_id(UUID(int=1), 4, "digest")


def test_blocks_of_ids_follow_each_other_above_their_base_without_overlap():
    assert block_of(1, 0, 500) == range(501, 501 + BLOCK_SIZE)
    assert block_of(2, 0, 500).start == block_of(1, 0, 500).stop


def test_every_topic_has_a_name_of_its_own_and_a_sentence_about_it():
    assert len({topic.name for topic in CATALOGUE}) == len(CATALOGUE)
    assert all(topic.says.endswith(".") and topic.writers and topic.readers for topic in CATALOGUE)


@pytest.mark.parametrize(
    ("method", "path", "ingest"),
    [
        ("POST", "/api/v2/incidents/", True),
        ("GET", "/api/v2/incidents/", False),
        ("POST", "/api/v2/incidents/49/events/", True),
        ("PATCH", "/api/v3/incidents/49/", True),
        ("DELETE", "/api/v2/incidents/49/tags/a=1\n2/", True),
        ("POST", "/api/ingest/v1/reports", True),
        ("POST", "/api/v2/incidents/sources/heartbeat/", True),
        ("POST", "/api/v2/incidents/sources/", False),
        ("POST", "/api/v2/notificationprofiles/", False),
    ],
)
def test_write_requests_about_incidents_go_to_ingest_and_all_else_to_the_api(method, path, ingest):
    assert is_ingest(method, path) == ingest
