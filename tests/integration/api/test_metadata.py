"""What anybody may read, who one is, and the sources (specification 2.2.5, 2.3, 2.10.1, 2.13)."""

import pytest

from tests.integration.api.instance import an_api, client


async def test_our_own_version_is_told(http):
    response = await http.get("/api/")
    assert response.json()["argus-stream-version"] == response.headers["argus-stream-version"]


@pytest.mark.rule(1)
async def test_the_ticket_plugin_of_the_settings_is_told(http, sessions):
    assert (await http.get("/api/")).json()["ticket_plugin"] is None
    async with client(an_api(sessions, ticket_plugin="github")) as other:
        assert (await other.get("/api/")).json()["ticket_plugin"] == "github"


@pytest.mark.parametrize("path", ["/api/schema/", "/api/v2/schema/", "/api/v3/schema/"])
async def test_the_schema_names_the_addresses_and_is_yaml_unless_asked_for(http, path):
    assert "/api/v2/incidents" in (await http.get(path)).text
    assert (await http.get(path)).headers["content-type"].startswith("application/vnd.oai.openapi")


async def test_one_is_told_who_one_is(http, people):
    me = await http.get("/api/v2/auth/user/", headers=people["alice"])
    assert me.json() == {
        "username": "alice", "first_name": "Alice", "last_name": "", "email": "alice@example.org", "admin_url": None,
    }  # fmt: skip
    admin = await http.get("/api/v2/auth/user/", headers=people["admin"])
    assert admin.json()["admin_url"] == "http://argus.example.org/admin/"
    other = await http.get(f"/api/v2/auth/users/{people.pks['alice']}/", headers=people["bob"])
    assert "admin_url" not in other.json()
    assert (await http.get("/api/v2/auth/users/99999999999/", headers=people["bob"])).status_code == 404


async def test_sources_are_listed(http, people):
    nav = {
        "pk": people.pks["nav"], "name": "nav1", "type": {"name": "nav"}, "user": people.pks["nav user"],
        "base_url": "http://nav1.example.org/",
    }  # fmt: skip
    listed = (await http.get("/api/v2/incidents/sources/", headers=people["bob"])).json()
    assert listed[0] == nav
    assert len(listed) == 2
    one = await http.get(f"/api/v3/incidents/sources/{nav['pk']}/", headers=people["bob"])
    assert one.json() == nav | {"last_seen": None}
    missing = await http.get("/api/v2/incidents/sources/4711/", headers=people["bob"])
    assert missing.json() == {"detail": "No SourceSystem matches the given query."}
    types = await http.get("/api/v2/incidents/source-types/", headers=people["bob"])
    assert types.json() == [{"name": "nav"}, {"name": "zabbix"}]
