"""POST of events and acks: rules 98-116 of the specification."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.integration.ingest.site import Ingest

pytestmark = pytest.mark.asyncio(loop_scope="module")

STATELESS = {"end_time": None}


async def made(ingest: Ingest, **fields: Any) -> int:
    answer = await ingest.create(**fields)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["pk"])


async def test_an_event_is_shown_as_argus_shows_it(ingest: Ingest):
    pk = await made(ingest)

    answer = await ingest.event(pk, "END", description="Box up", actor="ignored")

    assert answer.status_code == 201
    shown = answer.json()
    assert shown == {
        "pk": shown["pk"], "incident": pk, "actor": {"pk": shown["actor"]["pk"], "username": "nav1"},
        "timestamp": "2025-11-25T01:00:00Z", "received": shown["received"],
        "type": {"value": "END", "display": "Incident end"}, "description": "Box up",
    }  # fmt: skip
    assert answer.headers["argus-event-id"]


@pytest.mark.rule(102, 103)
async def test_people_close_and_reopen_what_is_open_and_closed(ingest: Ingest):
    pk = await made(ingest)

    steps = ["REO", "CLO", "CLO", "REO"]
    answers = [await ingest.event(pk, step, "alice") for step in steps]

    assert [answer.status_code for answer in answers] == [400, 201, 400, 201]
    assert answers[0].json() == {"type": "The incident is already open."}
    assert answers[2].json() == {"type": "The incident is already closed."}


@pytest.mark.rule(104)
async def test_a_stateless_incident_has_no_state_to_change(ingest: Ingest):
    pk = await made(ingest, **STATELESS)

    people = [await ingest.event(pk, type_, "alice") for type_ in ("CLO", "REO")]
    sources = [await ingest.event(pk, type_) for type_ in ("END", "RES")]

    assert [answer.json() for answer in people] == [{"type": "Cannot change the state of a stateless incident."}] * 2
    assert [answer.status_code for answer in sources] == [201, 201]


@pytest.mark.rule(105, 106)
async def test_sources_and_people_have_their_own_types(ingest: Ingest):
    pk = await made(ingest)

    for type_ in ("STA", "END", "RES", "OTH", "CHI", "LES"):
        assert (await ingest.event(pk, type_)).status_code == 201
    for type_ in ("CLO", "REO", "ACK"):
        refused = await ingest.event(pk, type_)
        assert refused.json() == {"type": f"A source system cannot post events of type '{type_}'."}
    for type_ in ("STA", "END", "RES", "CHI", "LES"):
        refused = await ingest.event(pk, type_, "alice")
        assert refused.json() == {"type": f"An end user cannot post events of type '{type_}'."}
    redirected = await ingest.event(pk, "ACK", "alice")
    assert f"/api/v2/incidents/{pk}/acks/" in redirected.json()["type"]


@pytest.mark.rule(107)
async def test_a_source_says_when_and_a_person_may(ingest: Ingest):
    pk = await made(ingest)

    path = f"/api/v2/incidents/{pk}/events/"
    source = await ingest.post(path, {"type": "OTH"})
    before = datetime.now(UTC)
    person = await ingest.post(path, {"type": "OTH"}, "alice")

    assert (source.status_code, source.json()) == (400, {"timestamp": ["This field is required."]})
    assert person.status_code == 201
    assert before <= datetime.fromisoformat(person.json()["timestamp"]) <= datetime.now(UTC)


@pytest.mark.rule(108)
async def test_a_type_is_one_of_nine(ingest: Ingest):
    pk = await made(ingest)

    assert (await ingest.event(pk, "XXX")).json() == {"type": ['"XXX" is not a valid choice.']}
    missing = await ingest.post(f"/api/v2/incidents/{pk}/events/", {"timestamp": "2025-11-25T01:00:00Z"})
    assert missing.json() == {"type": ["This field is required."]}


@pytest.mark.parametrize("pk", [999_999, 2**70])
async def test_an_unknown_incident_is_not_found(ingest: Ingest, pk: int):
    event = await ingest.event(pk, "END")
    ack = await ingest.post(f"/api/v2/incidents/{pk}/acks/", {"timestamp": "2025-11-25T01:00:00Z"}, "alice")

    assert event.status_code == ack.status_code == 404
    assert event.json() == ack.json() == {"detail": "No Incident matches the given query."}


STEPS = [
    # events, who posts each, and the end that they leave behind; one event a minute
    ("END", "nav1", "01"),
    ("END END", "nav1", "01"),
    ("CLO END", "alice nav1", "01"),
    ("END RES", "nav1", None),
    ("RES", "nav1", None),
    ("END RES END", "nav1", "03"),
    ("CLO REO CLO", "alice", "03"),
    ("END REO CLO RES END", "nav1 alice alice nav1 nav1", "05"),
    ("STA OTH CHI LES", "nav1", None),
    ("OTH", "alice", None),
]


@pytest.mark.rule(98, 99, 100, 101, 102, 103, 105, 106)
@pytest.mark.parametrize(("events", "who", "minute"), STEPS)
async def test_events_leave_an_incident_open_or_ended_at_their_time(
    ingest: Ingest, events: str, who: str, minute: str | None
):
    pk = await made(ingest)
    types, people = events.split(), who.split()
    people *= len(types) // len(people)

    for number, (type_, each) in enumerate(zip(types, people, strict=True), start=1):
        answer = await ingest.event(pk, type_, each, timestamp=f"2025-11-25T01:{number:02}:00.000001Z")
        assert answer.status_code == 201, answer.text

    shown = (await ingest.patch(pk, {})).json()
    assert shown["end_time"] == (f"2025-11-25T01:{minute}:00.000001Z" if minute else "infinity")
    assert shown["open"] == (minute is None)
    assert [event.type for event in await ingest.site.events(pk)] == ["STA", *types]


@pytest.mark.rule(98)
@pytest.mark.parametrize(("timestamp", "is_open"), [("2125-11-25T00:00:00Z", True), ("1999-11-25T00:00:00Z", False)])
async def test_an_end_counts_at_its_own_time_whenever_that_is(ingest: Ingest, timestamp: str, is_open: bool):
    pk = await made(ingest)

    await ingest.event(pk, "END", timestamp=timestamp)

    shown = (await ingest.patch(pk, {})).json()
    assert (shown["end_time"], shown["open"]) == (timestamp, is_open)


@pytest.mark.rule(104)
@pytest.mark.parametrize("type_", ["END", "RES"])
async def test_a_stateless_incident_stays_stateless(ingest: Ingest, type_: str):
    pk = await made(ingest, **STATELESS)

    answer = await ingest.event(pk, type_)

    assert answer.status_code == 201
    assert (await ingest.patch(pk, {})).json()["end_time"] is None


@pytest.mark.rule(106)
async def test_a_superuser_is_a_person(ingest: Ingest):
    pk = await made(ingest)

    assert (await ingest.event(pk, "CLO", "root")).status_code == 201
    assert (await ingest.event(pk, "RES", "root")).status_code == 400


async def test_any_source_ends_any_incident(ingest: Ingest):
    pk = await made(ingest)

    answer = await ingest.event(pk, "END", "zino")

    assert answer.json()["actor"]["username"] == "zino"


@pytest.mark.rule(113, 114)
async def test_an_ack_is_shown_with_its_event(ingest: Ingest):
    pk = await made(ingest)

    path = f"/api/v2/incidents/{pk}/acks/"
    answer = await ingest.post(path, {"timestamp": "2025-11-25T01:00:00Z"}, "alice")
    expiring = await ingest.post(
        path, {"timestamp": "2025-11-25T01:00:00Z", "expiration": "2025-12-01T00:00:00Z", "description": ""}, "alice"
    )

    assert answer.status_code == expiring.status_code == 201
    shown = answer.json()
    assert shown["pk"] == shown["event"]["pk"]
    assert shown["event"]["type"] == {"value": "ACK", "display": "Acknowledge"}
    assert (shown["event"]["description"], shown["expiration"]) == ("", None)
    assert expiring.json()["expiration"] == "2025-12-01T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        pytest.param({}, {"timestamp": ["This field is required."]}, marks=pytest.mark.rule(115)),
        pytest.param(
            {"timestamp": "2025-11-25T01:00:00Z", "expiration": "2025-11-25T01:00:00Z"},
            {"non_field_errors": ["'expiration' is earlier than creation timestamp."]},
            marks=pytest.mark.rule(116),
        ),
    ],
)
async def test_an_ack_that_argus_refuses_is_refused(ingest: Ingest, body: dict[str, Any], errors: Any):
    pk = await made(ingest)

    answer = await ingest.post(f"/api/v2/incidents/{pk}/acks/", body, "alice")

    assert (answer.status_code, answer.json()) == (400, errors)


async def test_repeats_of_events_and_acks_get_the_first_answer(ingest: Ingest):
    pk = await made(ingest)
    end = {"type": "END", "timestamp": "2025-11-25T01:00:00Z"}
    ack = {"timestamp": "2025-11-25T01:00:00Z", "expiration": "2025-12-01T00:00:00Z"}

    ends = [await ingest.post(f"/api/v2/incidents/{pk}/events/", end, idempotency_key="end") for _ in range(2)]
    acks = [await ingest.post(f"/api/v2/incidents/{pk}/acks/", ack, idempotency_key="ack") for _ in range(2)]

    assert ends[0].json() == ends[1].json()
    assert acks[0].json() == acks[1].json()
