"""PATCH, PUT and DELETE of an incident: rules 85-97 of the specification."""

from typing import Any
from uuid import uuid4

import pytest

from argus_ingest.settings import Settings
from tests.eventually import eventually
from tests.integration.ingest.conftest import opened
from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def made(ingest: Ingest, who: str = "nav1", **fields: Any) -> int:
    answer = await ingest.create(who, **fields)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["pk"])


def tagged(*texts: str) -> list[dict[str, str]]:
    return [{"tag": text} for text in texts]


@pytest.mark.rule(85)
async def test_a_change_of_level_is_one_event_by_who_asked_for_it(ingest: Ingest):
    pk = await made(ingest)

    answer = await ingest.patch(pk, {"level": 1}, "alice")

    assert (answer.status_code, answer.json()["level"], answer.json()["pk"]) == (200, 1, pk)
    ((type_, who, text),) = await ingest.changes(pk)
    assert (type_, who, text) == ("CHI", "alice", 'Change: "level": 5 → 1')


@pytest.mark.parametrize(
    ("sent", "shown", "text"),
    [
        pytest.param({"description": "Up"}, {}, '"description": Down → Up', marks=pytest.mark.rule(86)),
        pytest.param(
            {"details_url": "/b"},
            {"details_url": "http://nav1.example.org/b"},
            '"details_url": /a → /b',
            marks=pytest.mark.rule(86),
        ),
        pytest.param(
            {"ticket_url": "https://t.example.org/2"},
            {},
            '"ticket_url": https://t.example.org/1 → https://t.example.org/2',
            marks=pytest.mark.rule(86),
        ),
        pytest.param({"metadata": {"a": 1}}, {}, '"metadata": 0 item(s) → 1 item(s)', marks=pytest.mark.rule(87)),
        ({"level": "2"}, {"level": 2}, '"level": 5 → 2'),
        ({"description": ""}, {}, '"description": Down → '),
        ({"description": 17}, {"description": "17"}, '"description": Down → 17'),
    ],
)
async def test_each_attribute_that_changes_is_one_event(
    ingest: Ingest, sent: dict[str, Any], shown: dict[str, Any], text: str
):
    pk = await made(ingest, description="Down", details_url="/a", ticket_url="https://t.example.org/1")

    answer = await ingest.patch(pk, sent, "alice")

    expected = sent | shown
    assert answer.status_code == 200, answer.text
    assert {name: answer.json()[name] for name in expected} == expected
    assert [change[2] for change in await ingest.changes(pk)] == [f"Change: {text}"]


@pytest.mark.rule(86)
async def test_several_attributes_are_an_event_each(ingest: Ingest):
    pk = await made(ingest)

    await ingest.patch(pk, {"level": 2, "description": "x", "metadata": [1, 2]}, "alice")

    assert {change[2] for change in await ingest.changes(pk)} == {
        'Change: "level": 5 → 2', 'Change: "description":  → x', 'Change: "metadata": 0 item(s) → 2 item(s)',
    }  # fmt: skip


@pytest.mark.rule(88)
@pytest.mark.parametrize("sent", [{"level": 5}, {}, {"details_url": "/a"}, {"description": "  Down "}])
async def test_what_is_the_same_already_is_no_event(ingest: Ingest, sent: dict[str, Any]):
    pk = await made(ingest, description="Down", details_url="/a")

    answer = await ingest.patch(pk, sent, "alice")

    assert answer.status_code == 200
    assert await ingest.changes(pk) == []


@pytest.mark.rule(89)
async def test_tags_that_stay_keep_who_added_them(ingest: Ingest):
    created = (await ingest.create(tags=tagged("a=1"))).json()
    pk = created["pk"]

    answer = await ingest.patch(pk, {"tags": tagged("a=1", "b=2")}, "alice")

    first, second = answer.json()["tags"]
    assert first == created["tags"][0]
    assert (second["tag"], second["added_by"]) != (first["tag"], first["added_by"])
    assert [change[2] for change in await ingest.changes(pk)] == ["Change: \"tags\": ['a=1'] → ['a=1', 'b=2']"]


@pytest.mark.rule(90)
async def test_tags_are_removed_by_their_adder_or_a_superuser_alone(ingest: Ingest):
    pk = await made(ingest, tags=tagged("a=1", "b=x, y"))

    refused = await ingest.patch(pk, {"tags": [], "level": 1}, "zino")
    after = await ingest.patch(pk, {})
    removed = await ingest.patch(pk, {"tags": []}, "root")

    foreign = "Cannot remove this tag when you're not the one who added it."
    assert (refused.status_code, refused.json()) == (400, {"a=1": foreign, "b=x, y": foreign})
    assert (len(after.json()["tags"]), after.json()["level"]) == (2, 5)
    assert (removed.status_code, removed.json()["tags"]) == (200, [])


@pytest.mark.rule(91)
async def test_a_source_removes_its_own_tags(ingest: Ingest):
    pk = await made(ingest, tags=tagged("a=1"))

    answer = await ingest.patch(pk, {"tags": []})

    assert (answer.status_code, answer.json()["tags"]) == (200, [])
    assert [change[2] for change in await ingest.changes(pk)] == ["Change: \"tags\": ['a=1'] → []"]


READ_ONLY = "The field is not allowed to be changed."
UNKNOWN = "The field does not exist."


@pytest.mark.parametrize(
    ("sent", "errors"),
    [
        *(
            pytest.param({name: "2025-11-25T00:00:00Z"}, {name: READ_ONLY}, marks=pytest.mark.rule(92))
            for name in ("start_time", "end_time", "pk", "source", "search_text", "source_incident_id", "events")
        ),
        *(
            pytest.param({name: True}, {name: UNKNOWN}, marks=pytest.mark.rule(92))
            for name in ("foo", "open", "acked", "stateful", "")
        ),
        ({"level": 1, "foo": 1, "pk": 2}, {"foo": UNKNOWN, "pk": READ_ONLY}),
        pytest.param({"ticket_url": "x"}, {"ticket_url": ["Enter a valid URL."]}, marks=pytest.mark.rule(93)),
        pytest.param({"ticket_url": ""}, {"ticket_url": ["Enter a valid URL."]}, marks=pytest.mark.rule(93)),
        ({"ticket_url": None}, {"ticket_url": ["This field may not be null."]}),
        ({"level": 6}, {"level": ['"6" is not a valid choice.']}),
        ({"level": None}, {"level": ["This field may not be null."]}),
        ({"description": ["x"]}, {"description": ["Not a valid string."]}),
        ({"description": "a\x00b"}, {"description": ["Null characters are not allowed."]}),
        ({"tags": "a=1"}, {"tags": {"non_field_errors": ['Expected a list of items but got type "str".']}}),
        ({"tags": [{"tag": "host"}]}, {"tags": {"0": {"tag": "The tag does not have its delimiter: =."}}}),
        ({"tags": None}, {"tags": ["This field may not be null."]}),
        ({"metadata": {"n": 2**70}}, {"metadata": ["Integers beyond 64 bits are not allowed."]}),
        ({"metadata": None}, ['null value in column "metadata" violates not-null constraint']),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)  # fmt: skip
async def test_what_argus_refuses_changes_nothing(ingest: Ingest, sent: Any, errors: Any):
    pk = await made(ingest)

    answer = await ingest.patch(pk, sent)

    assert (answer.status_code, answer.json()) == (400, errors)
    assert await ingest.changes(pk) == []


@pytest.mark.rule(94)
@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_put_names_the_tags_and_leaves_what_it_does_not_name(ingest: Ingest, version: str):
    pk = await made(ingest, description="Down")

    without = await ingest.send("PUT", f"/api/{version}/incidents/{pk}/", {"level": 1})
    whole = await ingest.send("PUT", f"/api/{version}/incidents/{pk}/", {"tags": [], "level": 1})

    assert (without.status_code, without.json()) == (400, {"tags": ["This field is required."]})
    assert (whole.status_code, whole.json()["level"], whole.json()["description"]) == (200, 1, "Down")


@pytest.mark.parametrize("method", ["PATCH", "PUT"])
@pytest.mark.parametrize("pk", [999_999, 0, 2**70])
async def test_an_unknown_incident_is_not_found(ingest: Ingest, method: str, pk: int):
    answer = await ingest.send(method, f"/api/v2/incidents/{pk}/", {"tags": []})

    assert (answer.status_code, answer.json()) == (404, {"detail": "No Incident matches the given query."})


@pytest.mark.rule(142)
async def test_v3_replaces_tags_whoever_added_them_and_shows_sets(ingest: Ingest):
    pk = await made(ingest, tags=tagged("a=1"))
    path = f"/api/v3/incidents/{pk}/"

    more = await ingest.send("PATCH", path, {"tags": ["b=2", "a=1"]}, "alice")
    none = await ingest.send("PATCH", path, {"tags": []}, "zino")

    assert (more.json()["tags"], none.json()["tags"]) == (["a=1", "b=2"], [])
    assert "last_seen" in none.json()["source"]
    assert [change[2] for change in await ingest.changes(pk)] == [
        "Change: \"tags\": {'a=1'} → {'a=1', 'b=2'}", "Change: \"tags\": {'a=1', 'b=2'} → set()",
    ]  # fmt: skip


async def test_v3_writes_one_event_for_a_field_where_argus_writes_two(ingest: Ingest):
    pk = await made(ingest)

    answer = await ingest.send("PATCH", f"/api/v3/incidents/{pk}/", {"level": 1}, "alice")

    assert answer.json()["level"] == 1
    assert len(await ingest.changes(pk)) == 1


async def test_v3_refuses_a_tag_without_a_value(ingest: Ingest):
    pk = await made(ingest)

    answer = await ingest.send("PATCH", f"/api/v3/incidents/{pk}/", {"tags": ["a="]})

    assert (answer.status_code, list(answer.json()["tags"])) == (400, ["0"])


async def test_v3_shows_when_the_source_of_another_was_last_seen(ingest: Ingest):
    pk = await made(ingest)

    async def seen() -> bool:
        answer = await ingest.send("PATCH", f"/api/v3/incidents/{pk}/", {}, "alice")
        return answer.json()["source"]["last_seen"] is not None

    assert await eventually(seen)


async def test_a_change_that_was_repeated_is_made_once(ingest: Ingest):
    pk = await made(ingest)
    key = {"idempotency_key": str(uuid4())}

    first = await ingest.patch(pk, {"level": 1}, **key)
    again = await ingest.patch(pk, {"level": 1}, **key)
    other = await ingest.patch(pk, {"level": 2}, **key)

    assert (first.status_code, again.status_code, other.status_code) == (200, 200, 422)
    assert again.json() == first.json()
    assert len(await ingest.changes(pk)) == 1


async def test_a_change_without_waiting_is_answered_as_it_was_said(ingest: Ingest):
    pk = await made(ingest, tags=tagged("a=1"))

    answer = await ingest.patch(pk, {"level": 1, "tags": tagged("a=1", "b=2")}, prefer="respond-async")

    assert answer.status_code == 202
    assert answer.headers["preference-applied"] == "respond-async"
    assert answer.json()["level"] == 1
    assert [tag["tag"] for tag in answer.json()["tags"]] == ["a=1", "b=2"]


@pytest.mark.rule(97)
@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_incidents_cannot_be_deleted_unless_the_installation_allows_it(ingest: Ingest, version: str):
    pk = await made(ingest)

    answer = await ingest.send("DELETE", f"/api/{version}/incidents/{pk}/", None)

    assert answer.status_code == 405
    assert answer.json() == {"detail": "Deletion of incidents is turned off, see setting INDELIBLE_INCIDENTS"}
    assert "PATCH" in answer.headers["allow"]
    assert "DELETE" not in answer.headers["allow"]


@pytest.mark.rule(97)
@pytest.mark.asyncio(loop_scope="function")
async def test_where_it_may_be_its_own_source_and_superusers_delete_an_incident(settings: Settings):
    async with opened(settings) as site, site.store(), site.ingest(indelible_incidents=False) as ingest:
        pks = [await made(ingest, source_incident_id=str(number)) for number in range(2)]
        await ingest.post(f"/api/v2/incidents/{pks[0]}/acks/", {"timestamp": "2025-11-25T01:00:00Z"}, "alice")

        async def delete(pk: int, who: str, **headers: str) -> int:
            return (await ingest.send("DELETE", f"/api/v2/incidents/{pk}/", None, who, **headers)).status_code

        assert [await delete(pks[0], who) for who in ("zino", "alice")] == [403, 403]
        assert [await delete(pks[0], "nav1", idempotency_key="gone") for _ in range(2)] == [204, 204]
        assert [await delete(pks[1], "root") for _ in range(2)] == [204, 404]
        assert (await ingest.event(pks[0], "END")).status_code == 404
        assert (await ingest.patch(pks[1], {"level": 1})).status_code == 404
        assert (await ingest.create(source_incident_id="0")).status_code == 201
