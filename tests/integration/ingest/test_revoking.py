"""What is given up in api counts no longer in ingest, within a second (specification 2.2; rules 26, 27)."""

import pytest
from sqlalchemy import delete

from argus_database.configuration import sessions as browsers
from argus_database.configuration import tokens
from argus_database.configuration.tokens import digest_of
from argus_database.configuration.users import set_active, set_password, user_named
from argus_database.tables.accounts import TokenRow
from argus_http.cookies import csrf_of
from tests.eventually import eventually
from tests.integration.api.instance import an_api, bearing, client
from tests.integration.ingest.site import MINIMAL, Site

LIST = "/api/v2/incidents/"


@pytest.fixture
async def ingest(site: Site):
    async with site.store(), site.ingest() as ingest:
        yield ingest


async def user_of(site: Site, name: str) -> int:
    async with site.sessions() as session:
        return (await user_named(session, name)).id


def accepted(ingest, headers):
    async def ask():
        return (await ingest.client.post(LIST, json=MINIMAL, headers=headers)).status_code == 201

    return ask


def refused(ingest, headers, status=401):
    async def ask():
        return (await ingest.client.post(LIST, json=MINIMAL, headers=headers)).status_code == status

    return ask


@pytest.mark.rule(26, 27)
@pytest.mark.parametrize("how", ["logout", "logoutall", "inactive", "refreshed", "renewed"])
async def test_a_key_that_was_given_up_is_refused_within_a_second(site, ingest, how):
    user = await user_of(site, "nav1")
    async with site.sessions.begin() as session:
        if how in {"logout", "logoutall"}:
            key = (await tokens.log_in(session, user)).key
        else:
            key = await tokens.renew_token(session, user, tokens.LOGIN_LIFETIME)
    headers = bearing(key)
    assert await accepted(ingest, headers)()

    async with site.sessions.begin() as session:
        if how == "logout":
            await tokens.log_out(session, user, digest_of(key))
        elif how == "logoutall":
            await tokens.log_out(session, user)
        elif how == "inactive":
            await set_active(session, "nav1", active=False)
        elif how == "refreshed":
            await tokens.replace_token(session, user, digest_of(key), tokens.LOGIN_LIFETIME)
        else:
            await tokens.renew_token(session, user, tokens.LOGIN_LIFETIME)
    await eventually(refused(ingest, headers), within=1)


async def test_a_logout_at_api_is_refused_by_ingest_within_a_second(site, ingest):
    async with client(an_api(site.sessions)) as http:
        login = await http.post("/api/v2/auth/token/login/", headers=bearing(site.tokens["nav1"]))
        headers = bearing(login.json()["token"])
        assert await accepted(ingest, headers)()

        assert (await http.post("/api/v2/auth/token/logout/", headers=headers)).status_code == 204
        await eventually(refused(ingest, headers), within=1)
        assert await accepted(ingest, bearing(site.tokens["nav1"]))()


async def test_a_key_whose_end_nobody_announced_is_refused_within_five_seconds(site, ingest):
    headers = bearing(site.tokens["nav1"])
    assert await accepted(ingest, headers)()
    async with site.sessions.begin() as session:
        await session.execute(delete(TokenRow))
    await eventually(refused(ingest, headers), within=6)


async def test_a_browser_posts_with_its_session_and_csrf_token_until_it_logs_out(site, ingest):
    user = await user_of(site, "nav1")
    async with site.sessions.begin() as session:
        key = await browsers.open_session(session, user)
    cookie = {"Cookie": f"sessionid={key}"}
    headers = cookie | {"X-CSRFToken": csrf_of(key)}
    assert await accepted(ingest, headers)()
    assert await refused(ingest, cookie, 403)()

    async with site.sessions.begin() as session:
        await browsers.close_session(session, digest_of(key))
    await eventually(refused(ingest, headers), within=1)


async def test_a_new_password_ends_sessions_in_ingest_too(site, ingest):
    user = await user_of(site, "nav1")
    async with site.sessions.begin() as session:
        key = await browsers.open_session(session, user)
    headers = {"Cookie": f"sessionid={key}", "X-CSRFToken": csrf_of(key)}
    assert await accepted(ingest, headers)()
    async with site.sessions.begin() as session:
        await set_password(session, "nav1", "new")
    await eventually(refused(ingest, headers), within=1)
