"""Logging in and out through one address, with services that each remember whom they know."""

import asyncio
from datetime import UTC, datetime, timedelta

import httpx
from pyargus.client import Client

from argus_database.configuration.users import set_password
from argus_database.engine import open_database
from tests.eventually import eventually

MOMENT = datetime(2025, 11, 25, tzinfo=UTC).isoformat()
LOGOUT = "/api/v2/auth/token/logout/"


def bearing(key):
    return {"Authorization": f"Token {key}"}


async def with_password(servers, person):
    async with open_database(servers.database) as sessions, sessions.begin() as session:
        await set_password(session, person.username, "pw")
    return {"username": person.username, "password": "pw"}


async def incident_of(http, source):
    response = await http.post(
        "/api/v2/incidents/", json={"start_time": MOMENT, "tags": []}, headers=bearing(source.token)
    )
    return response.json()["pk"]


async def test_a_logout_is_refused_by_both_services_within_a_second(url, source, person, servers):
    async with httpx.AsyncClient(base_url=url, timeout=10) as http:
        acks = f"/api/v2/incidents/{await incident_of(http, source)}/acks/"
        login = (await http.post("/api/v2/auth/token/login/", json=await with_password(servers, person))).json()
        headers = bearing(login["token"])
        assert (await http.post(acks, json={"timestamp": MOMENT}, headers=headers)).status_code == 201
        assert (await http.get(acks, headers=headers)).status_code == 200

        assert (await http.post(LOGOUT, headers=headers)).status_code == 204
        assert (await http.get(acks, headers=headers)).status_code == 401

        async def refused():
            return (await http.post(acks, json={"timestamp": MOMENT}, headers=headers)).status_code == 401

        await eventually(refused, within=1)


async def test_a_browser_acknowledges_with_its_session(url, source, person, servers):
    async with httpx.AsyncClient(base_url=url, timeout=10) as http:
        acks = f"/api/v2/incidents/{await incident_of(http, source)}/acks/"
        answer = await http.post("/accounts/login/", data=await with_password(servers, person))
        cookies = dict(line.split(";")[0].split("=") for line in answer.headers.get_list("set-cookie"))
        http.cookies.clear()  # they are for https, so a test says itself that they are sent
        cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        signed = cookie | {"X-CSRFToken": cookies["csrftoken"]}

        assert (await http.post(acks, json={"timestamp": MOMENT}, headers=cookie)).status_code == 403
        acked = await http.post(acks, json={"timestamp": MOMENT}, headers=signed)
        assert acked.json()["event"]["actor"] == {"pk": person.pk, "username": person.username}
        assert (await http.post("/accounts/logout/", headers=signed)).status_code == 204
        assert (await http.get(acks, headers=cookie)).status_code == 401


async def test_the_real_client_gets_a_login_for_its_token(url, source):
    """Its `refresh_token()` reads the answer as no Argus has ever sent it; the call below it works."""
    client = Client(f"{url}/api/v2", source.token, timeout=10)
    given = (await asyncio.to_thread(client.api.tokens.refresh)).body
    client.api.close_client()
    expiry = datetime.fromisoformat(given["expiry"])
    assert abs(expiry - datetime.now(UTC) - timedelta(hours=10)) < timedelta(minutes=1)
    async with httpx.AsyncClient(base_url=url) as http:
        assert (await http.get("/api/v2/auth/user/", headers=bearing(given["token"]))).status_code == 200
