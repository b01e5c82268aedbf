"""Incidents are listed, found, counted and shown as Argus does (specification 2.5, 8.4)."""

from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest

from argus_api.controllers.narrowing import NO_CHOICE
from argus_api.repositories import events
from argus_database.configuration.filters import add_filter
from argus_database.tables.incidents import AliasRow, AttemptRow, NotificationRow
from argus_schemas.configuration import Filter
from tests.builders import NOON
from tests.integration.api.rows import an_event, an_incident

V2 = "/api/v2/incidents/"
PAST = datetime(2026, 1, 1, tzinfo=UTC)
LONG_AGO = NOON - timedelta(days=300)
FUTURE = datetime(2999, 1, 1, tzinfo=UTC)


@pytest.fixture
def found(http, people):
    """The pks that a query finds, as alice."""

    async def find(query, path=V2, who="alice"):
        response = await http.get(path + query, headers=people[who])
        assert response.status_code == 200, response.text
        return {incident["pk"] for incident in response.json()["results"]}

    return find


async def test_without_a_token_nobody_reads(http):
    response = await http.get(V2)
    assert response.status_code == 401
    assert response.json() == {"detail": "Authentication credentials were not provided."}
    assert response.headers["WWW-Authenticate"] == "Token"
    assert (await http.get(V2, headers={"Authorization": "Token x"})).json() == {"detail": "Invalid token."}


@pytest.mark.rule(84)
async def test_an_incident_is_shown_as_v2_and_v3_do(http, people, sessions):
    nav = people.pks["nav"]
    pk = await an_incident(sessions, nav, tags=["host=a", "b=2"], details_url="/a/1", level=2, acked=[None])

    shown = (await http.get(f"{V2}{pk}/", headers=people["alice"])).json()
    assert shown["source"] == {
        "pk": nav, "name": "nav1", "type": {"name": "nav"}, "user": people.pks["nav user"],
        "base_url": "http://nav1.example.org/",
    }  # fmt: skip
    assert (shown["end_time"], shown["open"], shown["stateful"], shown["acked"]) == ("infinity", True, True, True)
    assert [tag["tag"] for tag in shown["tags"]] == ["host=a", "b=2"]
    assert (shown["details_url"], shown["level"]) == ("http://nav1.example.org/a/1", 2)

    v3 = (await http.get(f"/api/v3/incidents/{pk}/", headers=people["alice"])).json()
    assert v3["tags"] == ["host=a", "b=2"]
    assert v3["source"]["last_seen"] is None

    unknown = await http.get(f"{V2}999999999999999999999999/", headers=people["alice"])
    assert (unknown.status_code, unknown.json()) == (404, {"detail": "No Incident matches the given query."})
    assert (await http.get(f"{V2}open/", headers=people["alice"])).json() == {"detail": "Not found."}
    assert (await http.get(f"{V2}{pk}/?open=false", headers=people["alice"])).status_code == 404


async def test_the_id_of_a_refused_create_shows_the_winner(http, people, sessions):
    pk = await an_incident(sessions, people.pks["nav"])
    async with sessions.begin() as session:
        session.add(AliasRow(pk=77, incident_id=pk))
    assert (await http.get(f"{V2}77/", headers=people["alice"])).json()["pk"] == pk
    assert (await http.get(f"{V2}77/events/", headers=people["alice"])).json() == []


@pytest.mark.rule(59, 60, 61, 67, 77)
async def test_states_are_filtered(sessions, people, found):
    nav = people.pks["nav"]
    open_ = await an_incident(sessions, nav)
    ending = await an_incident(sessions, nav, ended=FUTURE)
    closed = await an_incident(sessions, nav, ended=PAST)
    stateless = await an_incident(sessions, nav, stateful=False)
    acked = await an_incident(sessions, nav, acked=[PAST, FUTURE])
    expired = await an_incident(sessions, nav, acked=[PAST])
    closed_acked = await an_incident(sessions, nav, ended=PAST, acked=[None])
    everything = {open_, ending, closed, stateless, acked, expired, closed_acked}

    assert await found("?open=true") == {open_, ending, acked, expired}
    assert await found("?open=false") == {closed, closed_acked}
    assert await found("?open=perhaps") == everything
    assert await found("?stateful=False") == {stateless}
    assert await found("?acked=1") == {acked, closed_acked}
    assert await found("?acked=0") == everything - {acked, closed_acked}
    assert await found("?hide_closed_acked=true") == everything - {closed_acked}
    assert await found("?hide_closed_acked=false") == everything
    assert await found("?end_time__isnull=true") == {stateless}
    assert await found("?end_time__lte=2026-06-01") == {closed, closed_acked}
    assert await found("?end_time__gte=2026-06-01&open=true") == {open_, ending, acked, expired}


@pytest.mark.rule(62, 63, 64, 72, 73, 74, 75, 76)
async def test_facts_are_filtered(sessions, people, found):
    nav, zabbix = people.pks["nav"], people.pks["zabbix"]
    one = await an_incident(sessions, nav, tags=["a=1"], level=1, ticket_url="http://t.example.org/1")
    two = await an_incident(sessions, nav, tags=["a=2"], level=2, description="Link 100% flaps", minutes=1)
    both = await an_incident(sessions, zabbix, tags=["a=1", "b=1"], level=5, source_incident_id="x", minutes=2)

    assert await found("?tags=a=1,a=2") == {one, two, both}
    assert await found("?tags=a=1,b=1") == {both}
    assert await found("?level__lte=2") == {one, two}
    assert await found(f"?source__id__in={zabbix},4711") == {both}
    assert await found("?source__name__in=nav1") == {one, two}
    assert await found("?source__type__in=nav,zabbix") == {one, two, both}
    assert await found("?source_incident_id=x") == {both}
    assert await found(f"?id__in={one},{both}") == {one, both}
    assert await found("?ticket=true") == {one}
    assert await found("?search=LINK,100%25") == {two}
    assert await found("?search=nothing") == set()
    start = (NOON - timedelta(days=400) + timedelta(minutes=1)).isoformat().replace("+00:00", "Z")
    assert await found(f"?start_time__gte={start}") == {two, both}
    assert await found(f"?start_time__lte={start}") == {one, two}
    assert await found("?unknown=1") == {one, two, both}


@pytest.mark.rule(68, 73)
@pytest.mark.parametrize(
    ("query", "body"),
    [
        ("level__lte=x", {"level__lte": ["Enter a number."]}),
        ("start_time__gte=yesterday", {"start_time__gte": ["Enter a valid date/time."]}),
        ("source__type__in=none", {"source__type__in": [NO_CHOICE]}),
        ("filter_pk=1.5", {"filter_pk": ["Enter a whole number."]}),
    ],
)
async def test_a_bad_parameter_is_refused(http, people, query, body):
    response = await http.get(f"{V2}?{query}", headers=people["alice"])
    assert (response.status_code, response.json()) == (400, body)


@pytest.mark.rule(65)
async def test_a_tag_without_value_and_a_nul_are_refused(http, people):
    assert "tags" in (await http.get(f"{V2}?tags=foo", headers=people["alice"])).json()
    assert (await http.get(f"{V2}?search=%00", headers=people["alice"])).status_code == 400


@pytest.mark.rule(66)
async def test_how_long_it_lasted_is_filtered(sessions, people, found):
    now = datetime.now(UTC)
    an_hour = await an_incident(sessions, people.pks["nav"], start_time=now - timedelta(minutes=61))
    await an_incident(
        sessions, people.pks["nav"], start_time=now - timedelta(days=1), ended=now - timedelta(minutes=1435)
    )
    assert await found("?duration__gte=60") == {an_hour}
    assert await found("?duration__gte=120") == set()


@pytest.mark.rule(68)
async def test_a_stored_filter_selects(sessions, people, found):
    nav = people.pks["nav"]
    bad = await an_incident(sessions, nav, level=1, tags=["a=1"])
    await an_incident(sessions, nav, level=4)
    async with sessions.begin() as session:
        mine = await add_filter(session, people.pks["alice"], "mine", Filter(maxlevel=2, tags=("a=1", "a=2")))
        empty = await add_filter(session, people.pks["alice"], "empty", Filter())
        bobs = await add_filter(session, people.pks["bob"], "bobs", Filter(maxlevel=5), public=True)
    assert await found(f"?filter_pk={mine.id}") == {bad}
    assert await found(f"?filter_pk={empty.id}") == set()
    assert await found(f"?filter_pk={bobs.id}") == set()
    assert await found("?filter_pk=4711") == set()
    assert await found("?notificationprofile_pk=4711") == set()


@pytest.mark.rule(82, 83)
async def test_mine_are_those_of_the_source_that_asks(sessions, people, found):
    nav = await an_incident(sessions, people.pks["nav"], level=5)
    await an_incident(sessions, people.pks["zabbix"])
    mine = V2 + "mine/"
    assert await found("", mine, "nav1") == {nav}
    assert await found("?level__lte=1", mine, "nav1") == {nav}
    assert await found("?open=false", mine, "nav1") == set()
    assert await found("", mine, "alice") == set()


@pytest.mark.rule(109, 121)
async def test_events_and_acks_are_listed_newest_first(http, people, sessions):
    pk = await an_incident(sessions, people.pks["nav"], acked=[FUTURE])
    start = await an_event(sessions, pk, "STA", people.pks["nav user"], minutes=-5, description="Box down")
    end = await an_event(sessions, pk, "END", people.pks["nav user"], minutes=5)
    elsewhere = await an_incident(sessions, people.pks["nav"])

    events = (await http.get(f"{V2}{pk}/events/", headers=people["alice"])).json()
    assert [event["type"]["value"] for event in events] == ["END", "ACK", "STA"]
    assert events[0]["actor"] == {"pk": people.pks["nav user"], "username": "nav1"}
    one = (await http.get(f"{V2}{pk}/events/{start}/", headers=people["alice"])).json()
    assert (one["pk"], one["incident"], one["description"]) == (start, pk, "Box down")
    missing = await http.get(f"{V2}{elsewhere}/events/{end}/", headers=people["alice"])
    assert (missing.status_code, missing.json()) == (404, {"detail": "No Event matches the given query."})

    (ack,) = (await http.get(f"{V2}{pk}/acks/", headers=people["alice"])).json()
    assert ack["pk"] == ack["event"]["pk"]
    assert ack["expiration"] == "2999-01-01T00:00:00Z"
    assert (await http.get(f"{V2}{pk}/acks/{ack['pk']}/", headers=people["alice"])).json() == ack
    assert (await http.get(f"{V2}{pk}/acks/{start}/", headers=people["alice"])).status_code == 404
    assert (await http.get(f"{V2}4711/acks/", headers=people["alice"])).status_code == 404


async def was_told(sessions, incident, owner, number=0):
    """Store a notification that `owner` waits for since its first attempt failed."""
    id_ = UUID(int=number + 1)
    failed = {"state": "retrying", "code": 503, "reason": "away", "next_at": NOON, "replay": 0, "progress": 1}
    async with sessions.begin() as session:
        session.add(
            NotificationRow(
                id=id_, destination_id=3, owner_id=owner, purpose="event", event_pk=1, event_id=uuid4(),
                incident_id=incident, profiles=[1], matched_at=NOON, attempts=1,
                updated_at=NOON + timedelta(seconds=number), **failed,
            )
        )  # fmt: skip
        session.add(AttemptRow(notification_id=id_, attempt=1, medium="webhook", at=NOON, **failed))
    return id_


async def test_who_was_told_is_shown_to_owner_and_staff(http, people, sessions):
    pk = await an_incident(sessions, people.pks["nav"])
    id_ = await was_told(sessions, pk, people.pks["alice"])
    path = f"/api/v3/incidents/{pk}/notifications/"
    for who in ("alice", "admin"):
        (told,) = (await http.get(path, headers=people[who])).json()
        assert (told["id"], told["state"], told["reason"]) == (str(id_), "retrying", "away")
        assert [(each["attempt"], each["code"]) for each in told["attempts"]] == [(1, 503)]
    assert (await http.get(path, headers=people["bob"])).json() == []


async def test_of_very_many_that_were_told_the_latest_are_shown(people, sessions):
    pk = await an_incident(sessions, people.pks["nav"])
    told = [str(await was_told(sessions, pk, people.pks["alice"], number)) for number in range(5)]
    async with sessions() as session:
        shown = await events.notifications(session, pk, people.pks["alice"], most=3)
        attempts = await events.attempts(session, shown)
    assert [str(each.id) for each in shown] == told[:1:-1]
    assert [len(attempts[each.id]) for each in shown] == [1, 1, 1]
