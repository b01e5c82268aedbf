"""What anybody may read, who one is, and the sources (specification 2.2.5, 2.3, 2.10.1, 2.13)."""

import pytest


async def test_versions_are_public(http):
    response = await http.get("/api/")
    body = response.json()
    assert (body["server-version"], body["api-version"]) == ("2.10.2", {"stable": "v2"})
    assert body["argus-stream-version"] == response.headers["argus-stream-version"]
    assert {"jsonapi-schema", "ticket_plugin", "destination_plugins"} <= body.keys()


async def test_it_says_that_it_lives(http):
    response = await http.get("/.still-alive/")
    assert (response.status_code, response.content) == (204, b"")
    assert (await http.head("/.still-alive/")).status_code == 204


@pytest.mark.parametrize("path", ["/api/v1/incidents/", "/api/v1/"])
async def test_v1_is_gone(http, path):
    for response in (await http.get(path), await http.post(path)):
        assert response.status_code == 410
        assert response.json() == {"status_code": 410, "status": "API v1 has been removed"}


@pytest.mark.parametrize("path", ["/api/schema/", "/api/v2/schema/", "/api/v3/schema/"])
async def test_the_schema_is_public(http, path):
    response = await http.get(path, headers={"Accept": "application/json"})
    assert response.json()["openapi"].startswith("3.")
    assert "/api/v2/incidents" in response.text
    assert (await http.get(path)).headers["content-type"].startswith("application/vnd.oai.openapi")


async def test_a_missing_slash_is_redirected(http):
    response = await http.get("/api/v2/incidents?open=true")
    assert (response.status_code, response.headers["location"]) == (301, "/api/v2/incidents/?open=true")


async def test_head_is_get_without_a_body(http, people):
    response = await http.head("/api/v2/incidents/", headers=people["alice"])
    assert (response.status_code, response.content) == (200, b"")


async def test_a_method_that_is_not_allowed_and_a_path_that_is_not_there(http, people):
    response = await http.delete("/api/v2/auth/user/", headers=people["alice"])
    assert (response.status_code, response.json()) == (405, {"detail": 'Method "DELETE" not allowed.'})
    assert "GET" in response.headers["Allow"]
    assert (await http.get("/api/v2/nowhere/", headers=people["alice"])).status_code == 404


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
