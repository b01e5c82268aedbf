"""Who one is, who others are, and who counts as what (specification 1.1, 2.2.5, 2.2.6; rules 28-32)."""

import pytest

from argus_database.configuration.tokens import digest_of
from argus_database.configuration.users import add_user, is_used
from argus_http.accounts import account
from tests.integration.api.rows import an_event, an_incident

ALICE = {"username": "alice", "first_name": "Alice", "last_name": "", "email": "alice@example.org"}


@pytest.mark.rule(28)
async def test_one_is_told_who_one_is(http, people):
    me = await http.get("/api/v2/auth/user/", headers=people["alice"])
    assert (me.status_code, me.json()) == (200, ALICE | {"admin_url": None})


@pytest.mark.rule(29)
async def test_staff_is_told_where_the_administration_is(http, people):
    admin = await http.get("/api/v2/auth/user/", headers=people["admin"])
    assert admin.json()["admin_url"] == "http://argus.example.org/admin/"


@pytest.mark.rule(30)
async def test_anybody_may_read_who_others_are(http, people):
    for who in ("bob", "nav1"):
        other = await http.get(f"/api/v2/auth/users/{people.pks['alice']}/", headers=people[who])
        assert (other.status_code, other.json()) == (200, ALICE)


@pytest.mark.rule(30)
@pytest.mark.parametrize("pk", [0, 4711, 2**31, 2**64, 10**30])
async def test_a_user_that_there_is_not_is_not_found(http, people, pk):
    response = await http.get(f"/api/v2/auth/users/{pk}/", headers=people["bob"])
    assert (response.status_code, response.json()) == (404, {"detail": "No User matches the given query."})


@pytest.mark.rule(31)
async def test_a_user_with_a_source_is_a_source_and_one_without_is_a_person(people, sessions):
    async def holder(name):
        async with sessions() as session:
            found = await account(session, digest_of(people[name]["Authorization"].split()[1]))
        assert found is not None
        return found.principal

    assert (await holder("nav1")).is_source
    assert (await holder("nav1")).source_id == people.pks["nav"]
    assert not (await holder("alice")).is_source


@pytest.mark.rule(32)
async def test_a_user_is_used_once_it_caused_an_event_or_its_source_has_incidents(people, sessions):
    async def used(pk):
        async with sessions() as session:
            return await is_used(session, pk)

    async with sessions.begin() as session:
        fresh = (await add_user(session, "fresh")).id
    incident = await an_incident(sessions, people.pks["nav"])
    await an_event(sessions, incident, "ACK", people.pks["alice"])

    assert await used(people.pks["alice"])
    assert await used(people.pks["nav user"])
    assert not await used(people.pks["zabbix user"])
    assert not await used(fresh)
