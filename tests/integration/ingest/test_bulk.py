"""Bulk requests: one wish for many incidents (specification 2.9, 3.8; rules 122-134)."""

import asyncio
from collections import Counter
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from argus_database.configuration.filters import add_filter
from argus_database.configuration.maintenance import add_maintenance
from argus_ingest.readmodel import repository
from argus_ingest.web.bulk_requests import MOST_IDS
from argus_schemas.records import Acknowledge
from argus_schemas.topics import INCIDENT_EVENTS
from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")

THEN = "2025-11-25T01:00:00Z"
ACK = {"timestamp": THEN, "description": "seen", "expiration": "2035-12-01T00:00:00Z"}
NOBODY = 2**40
FAR = 10**9
COPY = (
    "insert into incidents select (i).* from (select jsonb_populate_record(i, jsonb_build_object("
    "'id', :first + n, 'key', i.key || '/' || n)) as i"
    " from incidents i, generate_series(1, :count) n where i.id = :pk) copies"
)
"""Incidents that differ from another one in their pk and key alone."""
PAYLOADS = [("acks", "ack", ACK), ("events", "event", {"type": "OTH"}), ("ticket_url", "ticket_url", "no url at all")]


async def made(ingest: Ingest, count: int = 1, **fields: Any) -> list[int]:
    answers = await asyncio.gather(*(ingest.create(**fields) for _ in range(count)))
    assert {answer.status_code for answer in answers} == {201}
    return [int(answer.json()["pk"]) for answer in answers]


async def bulk(ingest: Ingest, what: str, ids: Any, payload: Any, who: str = "alice", **headers: str) -> httpx.Response:
    name = {"acks": "ack", "events": "event", "ticket_url": "ticket_url"}[what]
    return await ingest.post(f"/api/v2/incidents/{what}/bulk/", {"ids": ids, name: payload}, who, **headers)


async def stored(ingest: Ingest, *ids: int) -> list[tuple[int, str, str]]:
    """Return incident, type and description of what happened to the incidents after their start."""
    statement = text(
        "select incident_id, type, description from events where incident_id = any(:ids) and type not in ('STA', 'LES')"
        " order by id"
    )
    async with ingest.site.sessions() as session:
        return [tuple(row) for row in await session.execute(statement, {"ids": list(ids)})]


async def column(ingest: Ingest, name: str, *ids: int) -> list[Any]:
    statement = text(f"select {name} from incidents where id = any(:ids) order by id")
    async with ingest.site.sessions() as session:
        return list(await session.scalars(statement, {"ids": list(ids)}))


def unknown(name: str, pk: int) -> dict[str, Any]:
    return {name: None, "status": 400, "errors": {"ids": f"Incident with id {pk} could not be found."}}


@pytest.mark.rule(122)
async def test_an_ack_for_two_incidents_is_two_acks(ingest: Ingest):
    one, two = await made(ingest, 2)

    answer = await bulk(ingest, "acks", [one, two], ACK)

    assert answer.status_code == 201
    changes = answer.json()["changes"]
    assert list(changes) == [str(one), str(two)]
    shown = changes[str(one)]
    ack = shown["ack"]
    assert shown == {"ack": ack, "status": 201, "errors": None}
    assert ack == {
        "pk": ack["event"]["pk"],
        "event": {
            "pk": ack["pk"], "incident": one, "actor": {"pk": ack["event"]["actor"]["pk"], "username": "alice"},
            "timestamp": THEN, "received": ack["event"]["received"],
            "type": {"value": "ACK", "display": "Acknowledge"}, "description": "seen",
        },
        "expiration": "2035-12-01T00:00:00Z",
    }  # fmt: skip
    assert sorted(await stored(ingest, one, two)) == sorted([(one, "ACK", "seen"), (two, "ACK", "seen")])


@pytest.mark.rule(123, 124, 130, 132)
@pytest.mark.parametrize(("what", "name", "payload"), PAYLOADS)
async def test_an_unknown_incident_has_an_error_of_its_own_and_all_unknown_are_400(
    ingest: Ingest, what: str, name: str, payload: Any
):
    (pk,) = await made(ingest)

    none = await bulk(ingest, what, [NOBODY, -1, 2**70], payload)
    mixed = await bulk(ingest, what, [NOBODY, pk], payload)

    assert (none.status_code, mixed.status_code) == (400, 201)
    assert none.json() == {"changes": {str(each): unknown(name, each) for each in (NOBODY, -1, 2**70)}}
    assert mixed.json()["changes"][str(NOBODY)] == unknown(name, NOBODY)
    assert mixed.json()["changes"][str(pk)]["status"] == 201


@pytest.mark.rule(125)
async def test_an_ack_needs_neither_description_nor_expiration(ingest: Ingest):
    (pk,) = await made(ingest)

    answer = await bulk(ingest, "acks", [pk], {"timestamp": THEN})

    ack = answer.json()["changes"][str(pk)]["ack"]
    assert (answer.status_code, ack["expiration"], ack["event"]["description"]) == (201, None, "")


@pytest.mark.rule(126)
@pytest.mark.parametrize(
    ("ids", "errors"),
    [
        ([], ["This list may not be empty."]),
        (None, ["This field may not be null."]),
        ("12", ['Expected a list of items but got type "str".']),
        ({"0": 1}, ['Expected a list of items but got type "dict".']),
        (
            [1, "x", None, True, 1.5, [], {}, "9" * 1001],
            {
                "1": ["A valid integer is required."], "2": ["This field may not be null."],
                "3": ["A valid integer is required."], "4": ["A valid integer is required."],
                "5": ["A valid integer is required."], "6": ["A valid integer is required."],
                "7": ["String value too large."],
            },
        ),
        (list(range(MOST_IDS + 1)), [f"Ensure this field has no more than {MOST_IDS} elements."]),
    ],
)  # fmt: skip
async def test_ids_that_are_no_list_of_integers_are_refused(ingest: Ingest, ids: Any, errors: Any):
    answer = await bulk(ingest, "acks", ids, ACK)

    assert (answer.status_code, answer.json()) == (400, {"ids": errors})


async def test_an_id_may_be_a_text_and_counts_once(ingest: Ingest):
    (pk,) = await made(ingest)

    answer = await bulk(ingest, "acks", [str(pk), pk, float(pk)], ACK)

    assert list(answer.json()["changes"]) == [str(pk)]
    assert len(await stored(ingest, pk)) == 1


@pytest.mark.parametrize("number", [b"1" * 400, b"1" * 5_000, b"-" + b"9" * 5_000, b"1e400"])
async def test_a_number_that_is_no_id_does_no_harm(ingest: Ingest, number: bytes):
    answer = await ingest.post("/api/v2/incidents/acks/bulk/", b'{"ids": [' + number + b'], "ack": {}}', "alice")

    assert answer.status_code == 400


@pytest.mark.parametrize(
    ("what", "body", "errors"),
    [
        ("acks", {}, {"ids": ["This field is required."], "ack": ["This field is required."]}),
        ("acks", {"ids": [1], "ack": None}, {"ack": ["This field may not be null."]}),
        ("acks", {"ids": [1], "ack": {}}, {"ack": {"timestamp": ["This field is required."]}}),
        (
            "acks",
            {"ids": [1], "ack": "now"},
            {"ack": {"non_field_errors": ["Invalid data. Expected a dictionary, but got str."]}},
        ),
        (
            "acks",
            {"ids": [1], "ack": {"timestamp": THEN, "expiration": THEN}},
            {"ack": {"non_field_errors": ["'expiration' is earlier than creation timestamp."]}},
        ),
        ("events", {"ids": [1]}, {"event": ["This field is required."]}),
        ("events", {"ids": [1], "event": {"type": "X"}}, {"event": {"type": ['"X" is not a valid choice.']}}),
        ("ticket_url", {"ids": [1]}, {"ticket_url": ["This field is required."]}),
        ("ticket_url", {"ids": [1], "ticket_url": None}, {"ticket_url": ["This field may not be null."]}),
        ("ticket_url", {"ids": [1], "ticket_url": ["x"]}, {"ticket_url": ["Not a valid string."]}),
        ("ticket_url", {"ids": [1], "ticket_url": "a\0b"}, {"ticket_url": ["Null characters are not allowed."]}),
    ],
)
async def test_a_wish_that_argus_refuses_is_refused(ingest: Ingest, what: str, body: Any, errors: Any):
    answer = await ingest.post(f"/api/v2/incidents/{what}/bulk/", body, "alice")

    assert (answer.status_code, answer.json()) == (400, errors)


async def test_a_source_says_when_and_a_person_may(ingest: Ingest):
    (pk,) = await made(ingest)

    source = await bulk(ingest, "events", [pk], {"type": "OTH"}, "nav1")
    person = await bulk(ingest, "events", [pk], {"type": "OTH"})

    assert (source.status_code, source.json()) == (400, {"event": {"timestamp": ["This field is required."]}})
    assert person.status_code == 201


@pytest.mark.rule(127)
async def test_a_close_ends_what_is_open_and_is_recorded_for_all(ingest: Ingest):
    opened, moment = await made(ingest), await made(ingest, end_time=None)
    closed = await made(ingest, end_time="2025-11-25T00:30:00Z")
    ids = [*opened, *closed, *moment]

    answer = await bulk(ingest, "events", ids, {"type": "CLO", "timestamp": THEN, "description": "over"}, "nav1")

    changes = answer.json()["changes"]
    assert {changes[str(pk)]["status"] for pk in ids} == {201}
    assert changes[str(opened[0])]["event"]["type"] == {"value": "CLO", "display": "Close"}
    ends = [at.isoformat() if at else None for at in await column(ingest, "ended_at", *ids)]
    by_pk = dict(zip(sorted(ids), ends, strict=True))
    assert [by_pk[pk] for pk in ids] == ["2025-11-25T01:00:00+00:00", "2025-11-25T00:30:00+00:00", None]
    assert sorted(await stored(ingest, *ids)) == sorted((pk, "CLO", "over") for pk in ids)


@pytest.mark.rule(128)
async def test_a_reopening_opens_what_is_closed_and_is_recorded_for_all(ingest: Ingest):
    opened, moment = await made(ingest), await made(ingest, end_time=None)
    closed = await made(ingest, end_time="2025-11-25T00:30:00Z")
    ids = [*opened, *closed, *moment]

    answer = await bulk(ingest, "events", ids, {"type": "REO", "timestamp": THEN})

    assert answer.status_code == 201
    assert await column(ingest, "ended_at", *ids) == [None, None, None]
    assert sorted(await stored(ingest, *ids)) == sorted((pk, "REO", "") for pk in ids)


@pytest.mark.rule(129)
@pytest.mark.parametrize("type_", ["OTH", "END", "RES", "STA", "CHI", "LES"])
async def test_another_event_is_recorded_and_changes_no_state(ingest: Ingest, type_: str):
    (opened,) = await made(ingest)
    (closed,) = await made(ingest, end_time="2025-11-25T00:30:00Z")
    before = await column(ingest, "ended_at", opened, closed)

    answer = await bulk(ingest, "events", [opened, closed], {"type": type_, "timestamp": THEN, "description": "so"})

    assert answer.status_code == 201
    assert await column(ingest, "ended_at", opened, closed) == before
    for pk in (opened, closed):
        made_by_it = [event for event in await ingest.site.events(pk) if event.description == "so"]
        shown = answer.json()["changes"][str(pk)]["event"]["pk"]
        assert [(event.id, event.type) for event in made_by_it] == [(shown, type_)]


@pytest.mark.rule(120, changed="6.1")
async def test_a_bare_ack_event_is_a_real_ack(ingest: Ingest):
    (pk,) = await made(ingest)

    answer = await bulk(ingest, "events", [pk], {"type": "ACK", "timestamp": THEN})

    event = answer.json()["changes"][str(pk)]["event"]
    assert event["type"] == {"value": "ACK", "display": "Acknowledge"}
    async with ingest.site.sessions() as session:
        acks = await session.execute(text("select event_id, expires_at from acks where incident_id = :pk"), {"pk": pk})
        assert [tuple(row) for row in acks] == [(event["pk"], None)]


@pytest.mark.rule(131)
async def test_a_ticket_is_set_with_an_event_each_even_where_it_is_the_same(ingest: Ingest):
    one, two = await made(ingest, 2)

    answers = [await bulk(ingest, "ticket_url", [one, two], url) for url in ("no url", "no url", "")]

    assert [answer.status_code for answer in answers] == [201] * 3
    assert answers[0].json()["changes"][str(one)] == {"ticket_url": "no url", "status": 201, "errors": None}
    assert await column(ingest, "ticket_url", one, two) == ["", ""]
    assert [event[1:] for event in await stored(ingest, one)] == [
        ("CHI", 'Change: "ticket_url":  → no url'),
        ("CHI", 'Change: "ticket_url": no url → no url'),
        ("CHI", 'Change: "ticket_url": no url → '),
    ]


@pytest.mark.rule(133)
async def test_planned_maintenance_is_no_obstacle(ingest: Ingest):
    (pk,) = await made(ingest)
    async with ingest.site.sessions.begin() as session:
        root = await session.scalar(text("select id from users where username = 'root'"))
        found = await add_filter(session, root, "all", {"open": True})
        await add_maintenance(session, root, filters=[found.id])

    answer = await bulk(ingest, "acks", [pk], ACK)

    assert answer.status_code == 201


@pytest.mark.rule(134)
async def test_the_same_ack_twice_is_two_acks(ingest: Ingest):
    (pk,) = await made(ingest)

    answers = [await bulk(ingest, "acks", [pk], ACK) for _ in range(2)]

    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(await stored(ingest, pk)) == 2


@pytest.mark.parametrize(("what", "name", "payload"), PAYLOADS)
async def test_a_repeat_under_the_same_key_gets_the_first_answer(ingest: Ingest, what: str, name: str, payload: Any):
    ids = await made(ingest, 3)

    answers = [await bulk(ingest, what, ids, payload, idempotency_key=f"again {what}") for _ in range(2)]
    other = await bulk(ingest, what, ids[:1], payload, idempotency_key=f"again {what}")

    assert answers[0].json() == answers[1].json()
    assert [answer.status_code for answer in answers] == [201, 201]
    assert len(await stored(ingest, *ids)) == 3
    assert (other.status_code, other.json()) == (
        422,
        {"detail": "This Idempotency-Key was used for another request."},
    )


@pytest.mark.parametrize(("what", "name", "payload"), PAYLOADS)
async def test_another_request_under_a_used_key_is_refused_whatever_incidents_it_is_about(
    ingest: Ingest, what: str, name: str, payload: Any
):
    ids, others = await made(ingest, 2), await made(ingest, 2)
    refused = (422, {"detail": "This Idempotency-Key was used for another request."})
    key = {"idempotency_key": f"other {what}"}
    assert (await bulk(ingest, what, ids, payload, **key)).status_code == 201

    many = await bulk(ingest, what, others, payload, **key)
    one = await ingest.post(f"/api/v2/incidents/{others[0]}/acks/", ACK, "alice", **key)
    again = await bulk(ingest, what, ids, payload, **key)

    assert [(answer.status_code, answer.json()) for answer in (many, one)] == [refused] * 2
    assert again.status_code == 201
    assert await stored(ingest, *others) == []


async def test_a_bulk_request_under_the_key_of_a_single_one_is_refused(ingest: Ingest):
    one, two = await made(ingest, 2)
    assert (await ingest.post(f"/api/v2/incidents/{one}/acks/", ACK, "alice", idempotency_key="one")).status_code == 201

    answer = await bulk(ingest, "acks", [two], ACK, idempotency_key="one")

    assert answer.status_code == 422
    assert await stored(ingest, two) == []


async def test_what_was_cut_short_is_completed_by_its_repeat(ingest: Ingest):
    """As when ingest went away in between: some of the records are there, under the ids that they get again."""
    one, two = await made(ingest, 2)
    body = {"ids": [one, two], "ack": ACK}
    first = await ingest.post("/api/v2/incidents/acks/bulk/", body, "alice", idempotency_key="cut")
    records = await ingest.site.records(INCIDENT_EVENTS)
    said = [INCIDENT_EVENTS.decode(record.value or b"") for record in records]
    acks = [record for record in said if isinstance(record, Acknowledge)]
    ids = {ack.event_id for ack in acks if ack.incident is not None and ack.incident.pk in {one, two}}
    async with ingest.site.sessions.begin() as session:  # the second never came to the store
        gone = {"pk": first.json()["changes"][str(two)]["ack"]["pk"]}
        await session.execute(text("delete from events where id = :pk"), gone)
        await session.execute(text("delete from acks where event_id = :pk"), gone)

    again = await ingest.post("/api/v2/incidents/acks/bulk/", body, "alice", idempotency_key="cut")

    assert len(ids) == 2
    assert again.json()["changes"][str(one)] == first.json()["changes"][str(one)]
    assert again.json()["changes"][str(two)]["status"] == 201
    assert sorted(await stored(ingest, one, two)) == sorted([(one, "ACK", "seen"), (two, "ACK", "seen")])


async def test_what_is_too_large_together_is_refused_and_fewer_are_not(ingest: Ingest):
    text_, ids = "x" * 100_000, list(range(NOBODY, NOBODY + 200))
    large = await made(ingest, 8, metadata={"large": "x" * 250_000})
    async with ingest.site.sessions.begin() as session:
        await session.execute(text(COPY), {"pk": large[0], "first": FAR, "count": 80})
    many = [*large, *(FAR + number for number in range(1, 81))]

    long = await bulk(ingest, "acks", ids, {"timestamp": THEN, "description": text_})
    wide = await bulk(ingest, "acks", many, ACK)
    fewer = await bulk(ingest, "acks", large, ACK)

    assert [answer.status_code for answer in (long, wide, fewer)] == [413, 413, 201]
    assert wide.json() == {"detail": "These incidents are too large together; ask for fewer at once."}
    assert await stored(ingest, *many[8:]) == []


async def test_who_does_not_wait_gets_202(ingest: Ingest):
    (pk,) = await made(ingest)

    answer = await bulk(ingest, "acks", [pk], ACK, prefer="respond-async")

    assert answer.status_code == 202
    assert answer.json()["changes"][str(pk)]["ack"]["event"]["incident"] == pk


async def test_thousands_of_incidents_are_looked_up_in_one_question_and_their_fates_in_another(
    ingest: Ingest, monkeypatch: pytest.MonkeyPatch
):
    (pk,) = await made(ingest)
    async with ingest.site.sessions.begin() as session:
        await session.execute(text(COPY), {"pk": pk, "first": 2 * FAR, "count": MOST_IDS - 1})
    asked = counted(monkeypatch, "documents", "incidents", "fates", "events")

    answer = await bulk(ingest, "acks", [pk, *range(2 * FAR + 1, 2 * FAR + MOST_IDS)], ACK)

    assert answer.status_code == 201
    assert len(answer.json()["changes"]) == MOST_IDS
    assert {change["status"] for change in answer.json()["changes"].values()} == {201}
    assert asked["documents"] == 1
    assert asked["fates"] <= 1  # none where the store is late, which does not change the answer
    assert asked["incidents"] == asked["events"] == 0


def counted(monkeypatch: pytest.MonkeyPatch, *questions: str) -> Counter[str]:
    """Return how often ingest asks each of these questions from now on."""
    asked: Counter[str] = Counter()

    def counting(name: str, question: Any) -> Any:
        def ask(*arguments: Any) -> Any:
            asked[name] += 1
            return question(*arguments)

        return ask

    for name in questions:
        monkeypatch.setattr(repository, name, counting(name, getattr(repository, name)))
    return asked


@pytest.mark.rule(122)
@pytest.mark.parametrize("what", ["acks", "events", "ticket_url"])
async def test_bulk_is_post_by_somebody(ingest: Ingest, what: str):
    path = f"/api/v2/incidents/{what}/bulk/"

    nobody = await ingest.post(path, {}, None)
    shown = await ingest.client.get(path, headers={"Authorization": f"Token {ingest.tokens['alice']}"})

    assert (nobody.status_code, shown.status_code) == (401, 405)
    assert "POST" in shown.headers["allow"]
