"""POST /api/ingest/v1/reports: reports by the thousand, each answered by itself."""

import json
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from argus_database.engine import open_database
from argus_ingest.settings import Settings
from argus_schemas.topics import DEAD_LETTERS
from tests.eventually import eventually
from tests.integration.ingest.site import Ingest, reading

pytestmark = pytest.mark.asyncio(loop_scope="module")

PATH = "/api/ingest/v1/reports"
NDJSON = "application/x-ndjson"


def a_report(**fields: Any) -> dict[str, Any]:
    return {"type": "start", "source_incident_id": "r-1", "occurred_at": "2025-11-25T00:00:00Z"} | fields


async def rows(settings: Settings, statement: str, **values: Any) -> list[Any]:
    async with open_database(settings.database_url) as sessions, sessions() as session:
        return list((await session.execute(text(statement), values)).all())


async def test_an_array_gets_an_answer_for_each_report(ingest: Ingest):
    answer = await ingest.post(PATH, [a_report(), a_report(level=9), a_report(type="end")])

    assert answer.status_code == 207
    assert (answer.json()["accepted"], answer.json()["refused"]) == (2, 1)
    first, second, third = answer.json()["reports"]
    assert UUID(first["event_id"]) != UUID(third["event_id"])
    assert second["status"] == "refused"
    assert "level" in second["errors"][0]


async def test_lines_are_reports_too(ingest: Ingest):
    body = b"\n".join(json.dumps(a_report(source_incident_id=f"line-{number}")).encode() for number in range(3))

    answer = await ingest.post(PATH, body + b"\n\n", content_type=NDJSON)

    assert (answer.status_code, answer.json()["accepted"]) == (200, 3)


async def test_when_all_are_refused_the_answer_is_400(ingest: Ingest):
    bad = [
        {},
        5,
        a_report(description="a\x00b"),
        a_report(occurred_at="yesterday"),
        a_report(description="x" * 270_000),
    ]

    answer = await ingest.post(PATH, bad)

    assert (answer.status_code, answer.json()["refused"]) == (400, len(bad))


@pytest.mark.parametrize("body", [b"", b"{}", b"[", b"[1,]"])
async def test_what_is_no_list_is_refused(ingest: Ingest, body: bytes):
    assert (await ingest.post(PATH, body)).status_code == 400


async def test_only_sources_report(ingest: Ingest):
    assert (await ingest.post(PATH, [a_report()], "alice")).status_code == 403
    assert (await ingest.post(PATH, [a_report()], None)).status_code == 401


async def test_a_start_and_an_end_in_one_request_keep_their_order(ingest: Ingest, shared_settings: Settings):
    pairs = [
        a_report(type=type_, source_incident_id=f"pair-{number}", occurred_at=f"2025-11-25T0{minute}:00:00Z")
        for number in range(200)
        for minute, type_ in ((0, "start"), (1, "end"))
    ]

    answer = await ingest.post(PATH, pairs)

    assert answer.json()["accepted"] == 400

    async def all_ended() -> bool:
        found = await rows(
            shared_settings,
            "select count(*), count(ended_at) from incidents where source_incident_id like 'pair-%'",
        )
        return tuple(found[0]) == (200, 200)

    assert await eventually(all_ended)


@pytest.mark.parametrize("own", [True, False])
async def test_a_report_that_is_sent_twice_counts_once(ingest: Ingest, shared_settings: Settings, own: bool):
    name, identity = f"twice-{own}", {"event_id": str(uuid4())} if own else {}
    headers = {} if own else {"idempotency_key": "the same"}

    report = a_report(type="other", source_incident_id=name, **identity)
    answers = [await ingest.post(PATH, [a_report(source_incident_id=name), report], **headers) for _ in range(2)]

    event_ids = {answer.json()["reports"][1]["event_id"] for answer in answers}
    assert len(event_ids) == 1

    async def recorded() -> bool:
        others = await rows(
            shared_settings,
            "select e.type from events e join incidents i on i.id = e.incident_id where source_incident_id = :name",
            name=name,
        )
        return sorted(row[0] for row in others) == ["OTH", "STA"]

    assert await eventually(recorded)


async def test_other_reports_under_a_key_that_was_used_before_get_422(ingest: Ingest, shared_settings: Settings):
    first, second = (a_report(source_incident_id=name) for name in ("under-a-key", "under-the-same"))
    assert (await ingest.post(PATH, [first], idempotency_key="used")).status_code == 200
    asked = "select id from incidents where source_incident_id = 'under-a-key'"
    await eventually(lambda: rows(shared_settings, asked))

    answer = await ingest.post(PATH, [second], idempotency_key="used")

    assert (answer.status_code, answer.json()) == (
        422,
        {"detail": "This Idempotency-Key was used for another request."},
    )
    assert (await ingest.post(PATH, [first], idempotency_key="used")).status_code == 200


async def test_a_key_stands_for_the_whole_request(ingest: Ingest, shared_settings: Settings):
    first, more = (a_report(source_incident_id=name) for name in ("whole-1", "whole-2"))
    bad = {"type": "start"}
    assert (await ingest.post(PATH, [bad, first], idempotency_key="whole")).status_code == 207
    asked = "select id from incidents where source_incident_id = 'whole-1'"
    await eventually(lambda: rows(shared_settings, asked))

    others = [await ingest.post(PATH, some, idempotency_key="whole") for some in ([first], [first, more], [more])]
    again = await ingest.post(PATH, [bad, first], idempotency_key="whole")

    assert [answer.status_code for answer in others] == [422] * 3
    assert again.status_code == 207
    assert not await rows(shared_settings, "select id from incidents where source_incident_id = 'whole-2'")


async def test_a_report_that_the_fold_refuses_is_on_the_dead_letters_with_its_bytes(
    ingest: Ingest, shared_settings: Settings
):
    body = json.dumps(a_report(type="end", source_incident_id="never-began")).encode()
    await ingest.post(PATH, b"[" + body + b"]")

    async with reading(shared_settings) as site:

        async def is_there() -> bool:
            return body in [record.value for record in await site.records(DEAD_LETTERS)]

        assert await eventually(is_there)
