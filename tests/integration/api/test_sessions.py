"""A browser that is logged in may use the API with its session's cookie (specification 2.2, 6.7)."""

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, func, select, text, update

from argus_database.configuration.errors import Refused
from argus_database.configuration.sessions import MOST, open_session
from argus_database.configuration.users import add_user, set_active, set_password
from argus_database.tables.accounts import UserRow
from argus_database.tables.logins import KnownAddressRow, SessionRow
from argus_http.accounts import account
from argus_http.authentication import Credentials, Sessions, Tokens
from argus_http.cookies import csrf_of
from tests.eventually import eventually
from tests.integration.api.instance import an_api, client
from tests.integration.api.waiting import somebody_waits
from tests.permissions import API, changes

LOGIN, LOGOUT = "/accounts/login/", "/accounts/logout/"
ME, TYPES = "/api/v2/auth/user/", "/api/v2/incidents/source-types/"
CAROL = {"username": "carol", "password": "pw"}


@pytest.fixture
async def carol(sessions):
    async with sessions.begin() as session:
        return (await add_user(session, "carol", password="pw", is_superuser=True)).id


@pytest.fixture
async def browser(http, carol):
    """The cookies of a browser that has logged in."""
    response = await http.post(LOGIN, data=CAROL)
    assert (response.status_code, response.content) == (204, b"")
    found = {line.split("=")[0]: line for line in response.headers.get_list("set-cookie")}
    http.cookies.clear()  # the client would not send them over plain http by itself, and a test says what is sent
    return found


def key_in(browser):
    return browser["sessionid"].split(";")[0].split("=")[1]


def sent(browser, **headers):
    return {"Cookie": f"other=1; sessionid={key_in(browser)}"} | headers


async def test_a_login_sets_a_cookie_that_no_script_reads_and_one_for_scripts(browser):
    session, csrf = (browser[name].lower().split("; ") for name in ("sessionid", "csrftoken"))
    always = {"secure", "samesite=lax", "path=/", "max-age=1209600"}
    assert set(session[1:]) == always | {"httponly"}
    assert set(csrf[1:]) == always


async def test_a_session_reads_without_more(http, browser):
    assert (await http.get(ME, headers=sent(browser))).json()["username"] == "carol"


async def test_only_the_digest_of_a_session_is_kept(http, browser, sessions):
    async with sessions() as session:
        digest = await session.scalar(select(SessionRow.digest))
        dump = str((await session.execute(text("select sessions::text from sessions"))).all())
    assert digest == hashlib.sha256(key_in(browser).encode()).hexdigest()
    assert key_in(browser) not in dump
    assert csrf_of(key_in(browser)) not in dump


async def test_a_session_changes_something_only_with_its_csrf_token(http, browser):
    csrf = browser["csrftoken"].split(";")[0].split("=")[1]
    missing = await http.post(TYPES, json={"name": "x"}, headers=sent(browser))
    wrong = await http.post(TYPES, json={"name": "x"}, headers=sent(browser, **{"X-CSRFToken": "0" * 64}))
    right = await http.post(TYPES, json={"name": "x"}, headers=sent(browser, **{"X-CSRFToken": csrf}))
    assert (missing.status_code, missing.json()) == (403, {"detail": "CSRF Failed: CSRF token missing."})
    incorrect = "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect."
    assert (wrong.status_code, wrong.json()) == (403, {"detail": incorrect})
    assert right.status_code == 201


async def test_the_csrf_token_of_another_session_does_not_count(http, browser):
    other = (await http.post(LOGIN, json=CAROL)).headers.get_list("set-cookie")
    http.cookies.clear()
    csrf = next(line.split(";")[0].split("=")[1] for line in other if line.startswith("csrftoken"))
    assert (
        await http.post(TYPES, json={"name": "x"}, headers=sent(browser, **{"X-CSRFToken": csrf}))
    ).status_code == 403


async def test_a_token_needs_no_csrf_token_and_goes_before_a_session(http, browser, people):
    headers = sent(browser) | people["alice"]
    assert (await http.get(ME, headers=headers)).json()["username"] == "alice"
    assert (await http.post(TYPES, json={"name": "x"}, headers=headers)).status_code == 201
    bad = await http.get(ME, headers=sent(browser, Authorization="Token bad"))
    assert bad.json() == {"detail": "Invalid token."}


async def test_a_session_is_no_token_and_a_token_no_session(http, browser, people):
    as_token = await http.get(ME, headers={"Authorization": f"Token {key_in(browser)}"})
    key = people["alice"]["Authorization"].split()[1]
    as_session = await http.get(ME, headers={"Cookie": f"sessionid={key}"})
    assert [as_token.json(), as_session.json()] == [
        {"detail": "Invalid token."}, {"detail": "Authentication credentials were not provided."},
    ]  # fmt: skip
    for path in ("/api/v2/auth/token/logout/", "/api/v2/auth/token/logoutall"):
        headers = sent(browser, **{"X-CSRFToken": csrf_of(key_in(browser))})
        assert (await http.post(path, headers=headers)).status_code == 401


async def test_a_logout_ends_the_session_and_takes_the_cookies(http, browser, sessions):
    refused = await http.post(LOGOUT, headers=sent(browser))
    assert refused.status_code == 403
    response = await http.post(LOGOUT, headers=sent(browser, **{"X-CSRFToken": csrf_of(key_in(browser))}))
    assert response.status_code == 204
    assert all("max-age=0" in line.lower() for line in response.headers.get_list("set-cookie"))
    assert (await http.get(ME, headers=sent(browser))).status_code == 401
    async with sessions() as session:
        assert (await session.scalars(select(SessionRow))).all() == []


async def test_a_user_has_twenty_sessions_at_most_and_the_oldest_ends(sessions, carol, app):
    async def opened():
        async with sessions.begin() as session:
            return await open_session(session, carol)

    async def status(http, key):
        return (await http.get(ME, headers={"Cookie": f"sessionid={key}"})).status_code

    async with client(app) as http:
        keys = [await opened() for _ in range(MOST)]
        assert [await status(http, keys[0]), await status(http, keys[-1])] == [200, 200]
        keys.append(await opened())
    async with client(an_api(sessions)) as http:  # which remembers nothing
        assert [await status(http, keys[0]), await status(http, keys[1]), await status(http, keys[-1])] == [
            401,
            200,
            200,
        ]


async def test_logins_at_once_are_no_more_sessions_than_there_may_be(sessions, carol):
    async def opened():
        async with sessions.begin() as session:
            await open_session(session, carol)

    await asyncio.gather(*(opened() for _ in range(MOST + 5)))
    async with sessions() as session:
        assert await session.scalar(select(func.count()).select_from(SessionRow)) == MOST


async def test_a_login_is_not_in_the_way_of_a_new_password(sessions, carol):
    async def opened():
        async with sessions.begin() as session:
            return await open_session(session, carol)

    await opened()
    async with sessions.begin() as session:
        await session.execute(update(SessionRow).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
    async with sessions.begin() as session:
        await session.execute(update(UserRow).where(UserRow.id == carol).values(password=""))
        opening = asyncio.create_task(opened())
        await eventually(lambda: somebody_waits(sessions, "transactionid"))
        await session.execute(delete(SessionRow).where(SessionRow.user_id == carol))
    assert await opening


async def test_no_session_begins_with_a_password_that_has_been_changed_meanwhile(sessions, carol):
    async with sessions.begin() as session:
        kept = await session.scalar(select(UserRow.password).where(UserRow.id == carol))
        assert await open_session(session, carol, kept=kept)
        await set_password(session, "carol", "another")
    with pytest.raises(Refused, match="has been changed"):
        async with sessions.begin() as session:
            await open_session(session, carol, kept=kept)
    async with sessions() as session:
        assert (await session.scalars(select(SessionRow))).all() == []


async def test_after_a_new_password_an_address_is_a_strangers_again(http, sessions, carol, browser):
    async with sessions.begin() as session:
        assert (await session.scalars(select(KnownAddressRow.user_id))).all() == [carol]
        await set_password(session, "carol", "another")
    async with sessions() as session:
        assert (await session.scalars(select(KnownAddressRow))).all() == []
    assert (await http.post(LOGIN, data=CAROL)).status_code == 400


async def test_a_session_that_is_over_goes_when_anybody_logs_in(sessions, carol, people):
    async with sessions.begin() as session:
        await open_session(session, carol)
        await session.execute(update(SessionRow).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        await open_session(session, people.pks["alice"])
    async with sessions() as session:
        assert (await session.scalars(select(SessionRow.user_id))).all() == [people.pks["alice"]]


async def test_everything_that_a_browser_may_change_asks_for_its_csrf_token(http, browser):
    refused = (403, {"detail": "CSRF Failed: CSRF token missing."})
    for method, path in changes(API):
        response = await http.request(method, path, headers=sent(browser))
        assert (response.status_code, response.json()) == refused, (method, path)


class Doors(Credentials):
    """Notes whom it is told to forget."""

    def __init__(self, tokens, sessions):
        super().__init__(tokens, sessions)
        self.forgotten = []

    def forget(self, user):
        self.forgotten.append(user)


async def test_a_logout_without_a_session_is_no_change_of_anybody(sessions, people):
    async def holder(digest):
        async with sessions() as session:
            return await account(session, digest)

    async def nobody(_digest):
        return None

    doors = Doors(Tokens(holder), Sessions(nobody))
    async with client(an_api(sessions, doors=doors)) as http:
        response = await http.post(LOGOUT, headers=people["alice"] | {"Cookie": "sessionid=nonsense"})
    assert (response.status_code, doors.forgotten) == (204, [])


@pytest.mark.parametrize("what", ["expired", "inactive", "other password"])
async def test_a_session_ends_with_its_time_its_user_and_its_password(http, browser, sessions, app, what):
    async with sessions.begin() as session:
        if what == "expired":
            await session.execute(update(SessionRow).values(expires_at=datetime.now(UTC) - timedelta(seconds=1)))
        elif what == "inactive":
            await set_active(session, "carol", active=False)
        else:
            await set_password(session, "carol", "new")
    assert (await http.get(ME, headers=sent(browser))).status_code == 401


@pytest.mark.parametrize("cookie", ["", "sessionid=", "sessionid", ";;=", "sessionid=\xff", "sessionid=" + "x" * 5000])
async def test_what_is_no_session_is_nobodys(http, cookie):
    response = await http.get(ME, headers={"Cookie": cookie.encode("latin-1")})
    assert (response.status_code, response.json()) == (401, {"detail": "Authentication credentials were not provided."})
    assert response.headers["www-authenticate"] == "Token"


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        (None, 204),
        ("http://argus.example.org", 204),
        ("https://evil.example.org", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
async def test_only_our_own_pages_log_a_browser_in(http, carol, origin, status):
    response = await http.post(LOGIN, json=CAROL, headers={"Origin": origin} if origin else {})
    assert response.status_code == status
    assert bool(response.headers.get("set-cookie")) == (status == 204)


async def test_a_wrong_password_sets_no_cookie(http, carol):
    response = await http.post(LOGIN, json=CAROL | {"password": "x"})
    assert response.json() == {"non_field_errors": ["Unable to log in with provided credentials."]}
    assert (response.status_code, response.headers.get("set-cookie")) == (400, None)
