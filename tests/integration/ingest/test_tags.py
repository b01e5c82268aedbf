"""Single tags of an incident, in v2 and v3: rules 136-141 of the specification."""

from typing import Any

import httpx
import pytest

from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")


async def made(ingest: Ingest, *tags: str) -> int:
    answer = await ingest.create(tags=[{"tag": tag} for tag in tags])
    assert answer.status_code == 201, answer.text
    return int(answer.json()["pk"])


async def post(ingest: Ingest, pk: Any, body: Any, version: str = "v2", **headers: str) -> httpx.Response:
    return await ingest.send("POST", f"/api/{version}/incidents/{pk}/tags/", body, "alice", **headers)


async def delete(ingest: Ingest, pk: Any, tag: str, version: str = "v2", **headers: str) -> httpx.Response:
    return await ingest.send("DELETE", f"/api/{version}/incidents/{pk}/tags/{tag}/", None, "alice", **headers)


async def tags(ingest: Ingest, pk: int) -> list[str]:
    return [tag["tag"] for tag in (await ingest.patch(pk, {})).json()["tags"]]


@pytest.mark.rule(136)
async def test_a_tag_is_added_once_and_its_adder_stays(ingest: Ingest):
    pk = await made(ingest, "a=1")
    before = (await ingest.patch(pk, {})).json()["tags"]

    there = await post(ingest, pk, {"tag": "a=1"})
    new = [await post(ingest, pk, {"tag": "url=http://x/?a=b"}) for _ in range(2)]

    assert (there.status_code, there.json()) == (201, {"tag": "a=1"})
    assert [(answer.status_code, answer.json()) for answer in new] == [(201, {"tag": "url=http://x/?a=b"})] * 2
    after = (await ingest.patch(pk, {})).json()["tags"]
    assert after[0] == before[0]
    assert [tag["tag"] for tag in after] == ["a=1", "url=http://x/?a=b"]
    assert await ingest.changes(pk) == []


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        pytest.param(
            {"tag": "Bad=1"},
            {"tag": "['Enter a valid key consisting of lowercase letters, numbers and underscores.']"},
            marks=pytest.mark.rule(137),
        ),
        ({"tag": "host"}, {"tag": "The tag does not have its delimiter: =."}),
        ({"tag": "=x"}, {"tag": "The key of the tag cannot be empty."}),
        ({"tag": 5}, {"tag": "Not a valid string."}),
        ({"tag": None}, {"tag": ["This field may not be null."]}),
        ({"tag": "a=\x00"}, {"tag": "NUL characters are not allowed."}),
        ({}, {"tag": ["This field is required."]}),
        (["a=1"], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)
async def test_what_is_no_tag_is_not_added(ingest: Ingest, body: Any, errors: Any):
    pk = await made(ingest)

    answer = await post(ingest, pk, body)

    assert (answer.status_code, answer.json()) == (400, errors)


@pytest.mark.rule(139)
@pytest.mark.parametrize("version", ["v2", "v3"])
async def test_any_tag_can_be_removed_once_by_anybody(ingest: Ingest, version: str):
    pk = await made(ingest, "a=1", "b=2")

    answers = [await delete(ingest, pk, "a=1", version) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [204, 404]
    assert (answers[0].content, answers[1].json()) == (b"", {"detail": "No Tag matches the given query."})
    assert await tags(ingest, pk) == ["b=2"]
    assert await ingest.changes(pk) == []


@pytest.mark.parametrize(
    ("tag", "status", "body"),
    [
        pytest.param("c=3", 404, {"detail": "No Tag matches the given query."}, marks=pytest.mark.rule(138)),
        pytest.param("host", 400, ["The tag does not have its delimiter: =."], marks=pytest.mark.rule(138)),
        ("Host=x", 400, ["['Enter a valid key consisting of lowercase letters, numbers and underscores.']"]),
        ("a=%00", 400, ["NUL characters are not allowed."]),
    ],
)
async def test_what_is_no_tag_of_the_incident_is_not_removed(ingest: Ingest, tag: str, status: int, body: Any):
    pk = await made(ingest, "a=1")

    answer = await delete(ingest, pk, tag)

    assert (answer.status_code, answer.json()) == (status, body)
    assert await tags(ingest, pk) == ["a=1"]


@pytest.mark.rule(140)
@pytest.mark.parametrize("version", ["v2", "v3"])
@pytest.mark.parametrize("pk", [999_999, 2**70])
async def test_tags_of_an_unknown_incident_are_refused(ingest: Ingest, version: str, pk: int):
    added = await post(ingest, pk, {"tag": "a=1"} if version == "v2" else ["a=1"], version)
    removed = await delete(ingest, pk, "a=1", version)

    assert added.status_code == removed.status_code == 400
    assert added.json() == removed.json() == [f"An incident with pk={pk} does not exist"]


@pytest.mark.rule(141)
async def test_v3_adds_a_list_of_tags(ingest: Ingest):
    pk = await made(ingest, "a=1")

    answer = await post(ingest, pk, ["a=1", "b=2"], "v3")
    none = await post(ingest, pk, [], "v3")

    assert (answer.status_code, answer.json()) == (201, ["a=1", "b=2"])
    assert (none.status_code, none.json()) == (201, [])
    assert await tags(ingest, pk) == ["a=1", "b=2"]


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        pytest.param(
            {"tag": "a=1"},
            {"non_field_errors": ['Expected a list of items but got type "dict".']},
            marks=pytest.mark.rule(141),
        ),
        (None, {"non_field_errors": ['Expected a list of items but got type "dict".']}),
        (["k=1"] * 501, ["Ensure this field has no more than 500 elements."]),
    ],
)
async def test_v3_refuses_what_is_no_list(ingest: Ingest, body: Any, errors: Any):
    pk = await made(ingest)

    answer = await post(ingest, pk, body, "v3")

    assert (answer.status_code, answer.json()) == (400, errors)


@pytest.mark.rule(141)
@pytest.mark.parametrize("tag", ["a=", "host", "Bad=1", 5, None, ["a=1"], {"tag": "a=1"}])
async def test_v3_refuses_a_list_for_one_item_that_is_no_tag(ingest: Ingest, tag: Any):
    pk = await made(ingest)

    answer = await post(ingest, pk, ["b=2", tag], "v3")

    assert (answer.status_code, list(answer.json())) == (400, ["1"])
    assert await tags(ingest, pk) == []


@pytest.mark.rule(141)
async def test_v3_refuses_a_path_that_names_no_tag(ingest: Ingest):
    pk = await made(ingest, "a=1")

    assert (await delete(ingest, pk, "a=", "v3")).status_code == 400


async def test_an_incident_takes_no_more_tags_than_500(ingest: Ingest):
    pk = await made(ingest, "a=1")

    answer = await post(ingest, pk, [f"k={number}" for number in range(500)], "v3")

    assert (answer.status_code, answer.json()) == (400, ["An incident has 500 tags at most."])
    assert await tags(ingest, pk) == ["a=1"]


async def test_tags_and_metadata_make_no_incident_larger_than_a_mebibyte(ingest: Ingest):
    pk = await made(ingest, "a=1")
    long = "\x01" * 600  # six bytes each where they are written
    answers = [await post(ingest, pk, [f"k{page}_{number}={long}" for number in range(60)], "v3") for page in range(6)]

    assert [answer.status_code for answer in answers[:4]] == [201] * 4
    assert (answers[-1].status_code, answers[-1].json()) == (
        400,
        ["The texts, metadata and tags of an incident have 1048576 bytes at most together."],
    )
    assert (await ingest.patch(pk, {"metadata": ["x" * 200_000]})).status_code == 400
    assert (await ingest.patch(pk, {"level": 1})).status_code == 200
    assert (await ingest.event(pk, "END")).status_code == 201


async def test_repeats_get_the_first_answer(ingest: Ingest):
    pk = await made(ingest, "a=1")

    added = [await post(ingest, pk, {"tag": "b=2"}, idempotency_key="tag") for _ in range(2)]
    removed = [await delete(ingest, pk, "a=1", idempotency_key="untag") for _ in range(2)]

    assert [answer.status_code for answer in added] == [201, 201]
    assert [answer.status_code for answer in removed] == [204, 204]


async def test_who_does_not_wait_gets_202(ingest: Ingest):
    pk = await made(ingest, "a=1")

    added = await post(ingest, pk, {"tag": "b=2"}, prefer="respond-async")
    removed = await delete(ingest, pk, "a=1", prefer="respond-async")
    absent = await delete(ingest, pk, "c=3", prefer="respond-async")

    assert (added.status_code, removed.status_code, absent.status_code) == (202, 202, 404)
