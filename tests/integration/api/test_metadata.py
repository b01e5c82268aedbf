"""What anybody may read (specification 2.3, 2.13)."""

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
