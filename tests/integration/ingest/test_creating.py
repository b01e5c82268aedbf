"""POST /api/v2/incidents/: rules 33-58 of the specification, answered after the store has the row."""

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from argus_http.moments import FORMAT_ERROR
from argus_ingest.settings import Settings
from argus_schemas.topics import INCIDENT_EVENTS
from tests.eventually import eventually
from tests.integration.ingest.site import Ingest, reading

pytestmark = pytest.mark.asyncio(loop_scope="module")

FAR = "2125-11-25T00:00:00Z"


@pytest.mark.rule(33)
async def test_a_minimal_incident_is_open_and_of_the_lowest_level(ingest: Ingest):
    answer = await ingest.create()

    assert answer.status_code == 201, answer.text
    assert answer.json() == {
        "pk": answer.json()["pk"],
        "start_time": "2025-11-25T00:00:00Z",
        "end_time": "infinity",
        "source": {
            "pk": 1, "name": "nav1", "type": {"name": "nav"}, "user": answer.json()["source"]["user"],
            "base_url": "http://nav1.example.org/",
        },
        "source_incident_id": "", "details_url": "", "description": "", "level": 5, "ticket_url": "", "metadata": {},
        "tags": [], "stateful": True, "open": True, "acked": False,
    }  # fmt: skip
    assert answer.headers["argus-stream-version"]
    assert answer.headers["argus-event-id"]


@pytest.mark.rule(34, 38, 44, 48, 52, 53, 55)
@pytest.mark.parametrize(
    ("sent", "shown"),
    [
        ({"end_time": None}, {"end_time": None, "stateful": False, "open": False}),
        ({"end_time": "infinity"}, {"end_time": "infinity", "open": True}),
        ({"end_time": "9999-12-31T23:59:59.999999"}, {"end_time": "infinity", "open": True}),
        ({"end_time": "2025-11-25T00:00:00Z"}, {"end_time": "2025-11-25T00:00:00Z", "stateful": True}),
        ({"level": "3"}, {"level": 3}),
        ({"source_incident_id": 123}, {"source_incident_id": "123"}),
        ({"metadata": {"a": [1, 1.50, None]}}, {"metadata": {"a": [1, 1.5, None]}}),
        ({"foo": "ignored"}, {"level": 5}),
        ({"details_url": "/a/1"}, {"details_url": "http://nav1.example.org/a/1"}),
        ({"details_url": "https://other.example.org/x"}, {"details_url": "https://other.example.org/x"}),
        ({"description": "  Box down \n"}, {"description": "Box down"}),
        ({"start_time": "2025-11-25 01:00+01:00"}, {"start_time": "2025-11-25T00:00:00Z"}),
        ({"start_time": "2025-11-25T00:00:00.123456Z"}, {"start_time": "2025-11-25T00:00:00.123456Z"}),
        ({"start_time": "2025-11-25"}, {"start_time": "2025-11-25T00:00:00Z"}),
        ({"ticket_url": "https://tickets.example.org/1"}, {"ticket_url": "https://tickets.example.org/1"}),
    ],
)
async def test_what_is_sent_is_stored_as_argus_understands_it(
    ingest: Ingest, sent: dict[str, Any], shown: dict[str, Any]
):
    answer = await ingest.create(**sent)

    assert answer.status_code == 201, answer.text
    assert {name: answer.json()[name] for name in shown} == shown


WRONG_MOMENT = [FORMAT_ERROR]
TOO_EARLY = "'end_time' cannot be before 'start_time'."


@pytest.mark.rule(36, 37, 40, 43, 44, 50)
@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        (
            {"end_time": "2025-11-24T00:00:00Z"},
            {"non_field_errors": ["'end_time' cannot be before 'start_time'."]},
        ),
        ({"end_time": "foo"}, {"end_time": WRONG_MOMENT}),
        ({"end_time": "Infinity"}, {"end_time": WRONG_MOMENT}),
        ({"start_time": 5}, {"start_time": WRONG_MOMENT}),
        ({"start_time": None}, {"start_time": ["This field may not be null."]}),
        ({"level": 6}, {"level": ['"6" is not a valid choice.']}),
        ({"level": 0}, {"level": ['"0" is not a valid choice.']}),
        ({"level": 3.0}, {"level": ['"3.0" is not a valid choice.']}),
        ({"level": "x"}, {"level": ['"x" is not a valid choice.']}),
        ({"ticket_url": "not a url"}, {"ticket_url": ["Enter a valid URL."]}),
        ({"ticket_url": ""}, {"ticket_url": ["Enter a valid URL."]}),
        ({"tags": [{"tag": "host"}]}, {"tags": {"0": {"tag": "The tag does not have its delimiter: =."}}}),
        ({"tags": [{"tag": "=x"}]}, {"tags": {"0": {"tag": "The key of the tag cannot be empty."}}}),
        (
            {"tags": [{"tag": "a=1"}, {"tag": "Host=x"}]},
            {"tags": {"1": {"tag": "['Enter a valid key consisting of lowercase letters, numbers and underscores.']"}}},
        ),
        ({"tags": ["a=1"]}, {"tags": {"0": ['Tags need to follow the format {"tag": key=value}']}}),
        ({"tags": [{"tag": 5}]}, {"tags": {"0": {"tag": "Not a valid string."}}}),
        ({"tags": "a=1"}, {"tags": {"non_field_errors": ['Expected a list of items but got type "str".']}}),
        ({"description": "a\x00b"}, {"description": ["Null characters are not allowed."]}),
        ({"description": ["x"]}, {"description": ["Not a valid string."]}),
        ({"metadata": {"n": 2**70}}, {"metadata": ["Integers beyond 64 bits are not allowed."]}),
        ({"source": 1}, ["You must be a superuser to be allowed to specify the 'source' field."]),
    ],
)
async def test_what_argus_refuses_is_refused_in_its_words(ingest: Ingest, sent: dict[str, Any], errors: Any):
    answer = await ingest.create(**sent)

    assert answer.status_code == 400
    assert answer.json() == errors


@pytest.mark.rule(39)
async def test_what_is_missing_is_named(ingest: Ingest):
    answer = await ingest.post("/api/v2/incidents/", {})

    required = ["This field is required."]
    assert (answer.status_code, answer.json()) == (400, {"start_time": required, "tags": required})


@pytest.mark.rule(34, 35)
@pytest.mark.parametrize(("end", "type_"), [({}, "STA"), ({"end_time": None}, "LES"), ({"end_time": FAR}, "STA")])
async def test_an_incident_begins_with_one_event_by_its_source(ingest: Ingest, end: dict[str, Any], type_: str):
    mine = (await ingest.create(description="Down", **end)).json()
    posted = (await ingest.create("root", description="Down", source=mine["source"]["pk"], **end)).json()

    for pk in (mine["pk"], posted["pk"]):
        (event,) = await ingest.site.events(pk)
        assert (event.type, event.actor_id, event.description) == (type_, mine["source"]["user"], "Down")
        assert event.occurred_at == datetime(2025, 11, 25, tzinfo=UTC)


@pytest.mark.rule(57)
async def test_v3_refuses_what_is_no_tag_text(ingest: Ingest):
    body = {"start_time": "2025-11-25T00:00:00Z", "tags": ["a=1", "Bad"]}

    assert list((await ingest.post("/api/v3/incidents/", body)).json()["tags"]) == ["1"]


@pytest.mark.rule(47)
async def test_incidents_without_an_id_of_their_source_do_not_collide(ingest: Ingest):
    answers = [await ingest.create(source_incident_id="") for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert answers[0].json()["pk"] != answers[1].json()["pk"]


@pytest.mark.rule(55)
@pytest.mark.parametrize("url", ["/a/1", ""])
async def test_without_a_base_url_details_are_shown_as_they_were_sent(ingest: Ingest, url: str):
    assert (await ingest.create("zino", details_url=url)).json()["details_url"] == url


@pytest.mark.rule(56)
async def test_a_source_that_asks_for_anything_about_incidents_is_seen(ingest: Ingest):
    before = await ingest.site.last_seen("zino")

    await ingest.post("/api/v2/incidents/", {}, "zino")

    async def seen() -> bool:
        now = await ingest.site.last_seen("zino")
        return now is not None and now != before

    assert await eventually(seen)


async def test_metadata_null_is_refused(ingest: Ingest):
    assert (await ingest.create(metadata=None)).status_code == 400


@pytest.mark.rule(41, 42)
async def test_tags_are_stored_once_with_who_added_them(ingest: Ingest):
    answer = await ingest.create(tags=[{"tag": "a=1"}, {"tag": "url=http://x/?a=b"}, {"tag": "a=1"}])

    tags = answer.json()["tags"]
    assert [tag["tag"] for tag in tags] == ["a=1", "url=http://x/?a=b"]
    assert {tag["added_by"] for tag in tags} == {answer.json()["source"]["user"]}


@pytest.mark.rule(45, 46)
async def test_a_second_incident_with_the_same_source_incident_id_is_refused(ingest: Ingest):
    first = await ingest.create(source_incident_id="twice")
    second = await ingest.create(source_incident_id="twice")
    other = await ingest.create("zino", source_incident_id="twice")

    assert (first.status_code, second.status_code, other.status_code) == (201, 400, 201)
    assert isinstance(second.json(), list)
    assert "source_incident_id" in second.text


@pytest.mark.rule(49)
async def test_who_has_no_source_creates_nothing(ingest: Ingest):
    answer = await ingest.create("alice")

    assert (answer.status_code, answer.json()) == (400, ["The requesting user must have a connected source system."])


@pytest.mark.rule(51)
async def test_an_administrator_creates_for_any_source(ingest: Ingest):
    source = (await ingest.create()).json()["source"]

    answer = await ingest.create("root", source=source["pk"], tags=[{"tag": "a=1"}])
    unknown = await ingest.create("root", source=999)
    none = await ingest.create("root")

    assert answer.json()["source"] == source
    assert answer.json()["tags"][0]["added_by"] != source["user"]
    assert unknown.json() == ["SourceSystem with pk=999 does not exist."]
    assert none.json() == ["The requesting user must have a connected source system."]


@pytest.mark.rule(54)
async def test_mine_is_the_same_as_incidents(ingest: Ingest):
    answer = await ingest.post("/api/v2/incidents/mine/", {"start_time": "2025-11-25T00:00:00Z", "tags": []})

    assert answer.status_code == 201


@pytest.mark.rule(57, 58)
async def test_v3_has_tags_as_texts_and_last_seen(ingest: Ingest):
    body = {"start_time": "2025-11-25T00:00:00Z", "tags": ["a=b"]}

    answer = await ingest.post("/api/v3/incidents/", body)
    empty = await ingest.post("/api/v3/incidents/", body | {"tags": ["a="]})
    missing = await ingest.post("/api/v3/incidents/", {"start_time": "2025-11-25T00:00:00Z"})

    assert answer.json()["tags"] == ["a=b"]
    assert "last_seen" in answer.json()["source"]
    assert "last_seen" not in (await ingest.create()).json()["source"]
    assert (empty.status_code, list(empty.json()["tags"])) == (400, ["0"])
    assert missing.json() == {"tags": ["This field is required."]}


async def test_a_repeat_under_the_same_key_gets_the_first_answer_again(ingest: Ingest):
    key = {"idempotency_key": str(uuid4())}

    first = await ingest.create(description="once", headers=key)
    again = await ingest.create(description="once", headers=key)
    other = await ingest.create(description="other", headers=key)

    assert first.status_code == again.status_code == 201
    assert again.json() == first.json()
    assert other.status_code == 422


async def test_another_request_under_the_same_key_does_not_reach_the_log(ingest: Ingest, shared_settings: Settings):
    """There it would be a new incident for who knows only the ids of its own incident."""
    key = {"idempotency_key": str(uuid4())}
    first = await ingest.create(source_incident_id="keyed-1", headers=key)
    other = await ingest.create(source_incident_id="keyed-2", headers=key)

    async with reading(shared_settings) as site:
        keys = [record.key for record in await site.records(INCIDENT_EVENTS)]
    assert (first.status_code, other.status_code) == (201, 422)
    assert [key for key in keys if key and b"keyed" in key] == [f"{first.json()['source']['pk']}:keyed-1".encode()]


async def test_a_repeat_of_what_was_refused_is_refused_again(ingest: Ingest):
    await ingest.create(source_incident_id="refused-twice")
    key = {"idempotency_key": str(uuid4())}

    answers = [await ingest.create(source_incident_id="refused-twice", headers=key) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [400, 400]


async def test_the_id_of_a_refused_incident_stands_for_the_one_that_was_there(ingest: Ingest):
    winner = (await ingest.create(source_incident_id="raced")).json()["pk"]
    early = await ingest.create(source_incident_id="raced", headers={"prefer": "respond-async"})

    async def stands_for_the_winner() -> bool:
        return bool((await ingest.event(early.json()["pk"], "OTH")).json()["incident"] == winner)

    assert early.status_code == 202
    assert early.json()["pk"] != winner
    assert await eventually(stands_for_the_winner)


async def test_who_wants_no_wait_gets_202(ingest: Ingest):
    answer = await ingest.create(headers={"prefer": "respond-async, wait=5"})

    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"


async def test_many_at_once_are_each_answered_with_their_own(ingest: Ingest):
    answers = await asyncio.gather(*(ingest.create(description=f"incident {number}") for number in range(50)))

    assert [answer.json()["description"] for answer in answers] == [f"incident {number}" for number in range(50)]
    assert len({answer.json()["pk"] for answer in answers}) == 50


@pytest.mark.rule(38)
async def test_moments_without_an_offset_are_those_of_the_server(ingest: Ingest):
    async with ingest.site.ingest(time_zone="Europe/Oslo") as oslo:
        naive = await oslo.create(start_time="2025-11-25T01:00:00", end_time="9999-12-31T23:59:59.999999")
        server = await oslo.create(end_time="9999-12-31T23:59:59.999999+01:00")
        elsewhere = await oslo.create(end_time="9999-12-31T23:59:59.999999Z")
        event = await oslo.event(naive.json()["pk"], "END", timestamp="2025-07-01 12:00")
        ended = await ingest.patch(naive.json()["pk"], {})

    assert (naive.json()["start_time"], naive.json()["end_time"]) == ("2025-11-25T01:00:00+01:00", "infinity")
    assert server.json()["end_time"] == "infinity"
    assert (elsewhere.status_code, elsewhere.json()) == (400, {"end_time": ["Datetime value out of range."]})
    assert event.json()["timestamp"] == "2025-07-01T12:00:00+02:00"
    assert ended.json()["end_time"] == "2025-07-01T10:00:00Z"
