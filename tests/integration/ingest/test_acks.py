"""How long an acknowledgement holds: rules 113-121 of the specification, as far as ingest answers them."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import httpx
import pytest
from sqlalchemy import text

from argus_schemas.incident import MOST_ACKS
from tests.eventually import eventually
from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")

SAID_AT = "2025-11-25T01:00:00Z"
FAR = "2125-12-01T00:00:00Z"


async def made(ingest: Ingest, **fields: Any) -> int:
    answer = await ingest.create(**fields)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["pk"])


async def ack(ingest: Ingest, pk: int, **fields: Any) -> dict[str, Any]:
    answer = await ingest.post(f"/api/v2/incidents/{pk}/acks/", {"timestamp": SAID_AT} | fields, "alice")
    assert answer.status_code == 201, answer.text
    return dict(answer.json())


async def change(
    ingest: Ingest, pk: int, ack_pk: int, body: Any, method: str = "PATCH", **headers: str
) -> httpx.Response:
    return await ingest.send(method, f"/api/v2/incidents/{pk}/acks/{ack_pk}/", body, "root", **headers)


async def is_acked(ingest: Ingest, pk: int) -> bool:
    return bool((await ingest.patch(pk, {})).json()["acked"])


@pytest.mark.rule(113, 118)
@pytest.mark.parametrize("fields", [{}, {"end_time": None}, {"end_time": "2025-11-25T00:30:00Z"}])
@pytest.mark.parametrize("until", [{}, {"expiration": FAR}])
async def test_an_incident_is_acked_in_any_state(ingest: Ingest, fields: dict[str, Any], until: dict[str, Any]):
    pk = await made(ingest, **fields)

    await ack(ingest, pk, **until)

    assert await is_acked(ingest, pk)


@pytest.mark.rule(117)
async def test_an_ack_that_has_expired_counts_no_more(ingest: Ingest):
    pk = await made(ingest)

    await ack(ingest, pk, expiration="2025-11-26T00:00:00Z")

    assert not await is_acked(ingest, pk)


@pytest.mark.rule(119)
@pytest.mark.parametrize("method", ["PATCH", "PUT"])
async def test_an_ack_can_be_made_to_hold_longer_and_for_ever(ingest: Ingest, method: str):
    pk = await made(ingest)
    posted = await ack(ingest, pk, expiration="2125-01-01T00:00:00Z", description="mine")

    longer = await change(ingest, pk, posted["pk"], {"expiration": FAR}, method)
    null = await change(ingest, pk, posted["pk"], {"expiration": None}, method)
    again = await change(ingest, pk, posted["pk"], {"expiration": FAR}, method)
    absent = await change(ingest, pk, posted["pk"], {}, method)

    answers = (longer, null, again, absent)
    assert [answer.status_code for answer in answers] == [200] * 4
    assert [answer.json()["expiration"] for answer in answers] == [FAR, None, FAR, None]
    assert longer.json() == posted | {"expiration": FAR}


@pytest.mark.rule(119)
async def test_an_ack_cannot_be_made_to_have_expired(ingest: Ingest):
    pk = await made(ingest)
    posted = await ack(ingest, pk)

    answer = await change(ingest, pk, posted["pk"], {"expiration": SAID_AT})

    assert answer.status_code == 400
    (text,) = answer.json()["expiration"]
    assert text.startswith("'expiration' must be later than current moment (")
    assert text.endswith(") or null.")
    assert await is_acked(ingest, pk)


@pytest.mark.rule(119)
async def test_an_expired_ack_stays_as_it_is(ingest: Ingest):
    pk = await made(ingest)
    posted = await ack(ingest, pk, expiration="2025-11-26T00:00:00Z")

    answer = await change(ingest, pk, posted["pk"], {"expiration": FAR})

    assert (answer.status_code, answer.json()) == (400, ["Cannot change expired Acknowledgement"])


async def test_an_incident_is_unacked_by_an_expiration_in_a_moment(ingest: Ingest):
    pk = await made(ingest)
    posted = await ack(ingest, pk)

    soon = (datetime.now(UTC) + timedelta(seconds=2)).isoformat()
    assert (await change(ingest, pk, posted["pk"], {"expiration": soon})).status_code == 200

    async def unacked() -> bool:
        return not await is_acked(ingest, pk)

    assert await eventually(unacked, within=20)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ({"expiration": "9999-12-31T23:59:59-12:00"}, {"expiration": ["Datetime value out of range."]}),
    ],
)
async def test_what_is_no_expiration_is_refused(ingest: Ingest, body: Any, errors: Any):
    pk = await made(ingest)
    posted = await ack(ingest, pk)

    answer = await change(ingest, pk, posted["pk"], body)

    assert (answer.status_code, answer.json()) == (400, errors)


async def test_an_ack_of_another_incident_is_not_found(ingest: Ingest):
    pk, other = await made(ingest), await made(ingest)
    posted = await ack(ingest, pk)
    event = (await ingest.event(pk, "OTH")).json()["pk"]

    wrong = ((other, posted["pk"]), (pk, event), (pk, 2**70), (pk, 0))
    answers = [await change(ingest, incident, ack_pk, {}) for incident, ack_pk in wrong]

    assert [answer.status_code for answer in answers] == [404] * 4
    assert {answer.json()["detail"] for answer in answers} == {"No Acknowledgement matches the given query."}


@pytest.mark.rule(121)
async def test_an_ack_of_an_unknown_incident_is_not_found(ingest: Ingest):
    answer = await change(ingest, 999_999, 1, {})

    assert (answer.status_code, answer.json()) == (404, {"detail": "No Incident matches the given query."})


async def test_changes_of_acks_that_are_repeated_or_not_waited_for(ingest: Ingest):
    pk = await made(ingest)
    posted = await ack(ingest, pk)
    key = {"idempotency_key": str(uuid4())}

    repeats = [await change(ingest, pk, posted["pk"], {"expiration": FAR}, **key) for _ in range(2)]
    other = await change(ingest, pk, posted["pk"], {}, **key)
    early = await change(ingest, pk, posted["pk"], {}, prefer="respond-async")

    assert [answer.status_code for answer in (*repeats, other, early)] == [200, 200, 422, 202]
    assert repeats[0].json() == repeats[1].json()


MANY = """
    insert into acks (event_id, incident_id, expires_at)
    select 10000000000 + :pk * 1000 + n, :pk, '2025-11-26T00:00:00Z' from generate_series(1, :count) n
"""


async def test_an_incident_takes_no_more_acks_than_1000_expired_ones_too(ingest: Ingest):
    pk, other = await made(ingest), await made(ingest)
    async with ingest.site.sessions.begin() as session:
        await session.execute(text(MANY), {"pk": pk, "count": MOST_ACKS - 1})
    await ack(ingest, pk)

    one = await ingest.post(f"/api/v2/incidents/{pk}/acks/", {"timestamp": SAID_AT}, "alice")
    body = {"ids": [pk, other], "ack": {"timestamp": SAID_AT}}
    many = (await ingest.post("/api/v2/incidents/acks/bulk/", body, "alice")).json()["changes"]
    end = await ingest.event(pk, "CLO", "alice")

    refused = ["An incident has 1000 acknowledgements at most."]
    assert (one.status_code, one.json()) == (400, refused)
    assert [(many[str(each)]["status"], many[str(each)]["errors"]) for each in (pk, other)] == [
        (400, refused), (201, None),
    ]  # fmt: skip
    assert end.status_code == 201
