"""Keys for the API are given for passwords and given up again (specification 2.2; rules 12-27)."""
# ruff: noqa: E501  a table of refusals reads best with one to a line

import asyncio
import hashlib
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import delete, select, text, update

from argus_api.announcements import hear
from argus_api.background import credentials
from argus_api.database import Database
from argus_database.configuration import tokens
from argus_database.configuration.users import add_user, set_active, set_password
from argus_database.tables.accounts import TokenRow, UserRow
from argus_database.tables.outbox import OutboxRow
from argus_runtime.health import Check
from argus_schemas.topics import SOURCES
from tests.eventually import eventually
from tests.integration.api.instance import an_api, bearing, client
from tests.integration.api.waiting import somebody_waits

TOKEN_AUTH, REFRESH = "/api/v2/token-auth/", "/api/v2/auth/refresh-token/"
LOGIN, LOGOUT, LOGOUT_ALL = (f"/api/v2/auth/token/{what}" for what in ("login/", "logout/", "logoutall"))
ME = "/api/v2/auth/user/"
CAROL = {"username": "carol", "password": " pä ss "}
WRONG = {"non_field_errors": ["Unable to log in with provided credentials."]}


@pytest.fixture
async def carol(sessions):
    async with sessions.begin() as session:
        return (await add_user(session, "carol", password=CAROL["password"])).id


@pytest.fixture
def who(http):
    """Asks with a key who one is: the status, and what is said where it is not 200."""

    async def ask(key):
        response = await http.get(ME, headers=bearing(key))
        return response.status_code if response.status_code == 200 else response.json()["detail"]

    return ask


async def given(http, path=TOKEN_AUTH, **options):
    response = await http.post(path, **({"json": CAROL} | options))
    assert response.status_code == 200, response.text
    return response.json()["token"]


@pytest.mark.rule(12)
async def test_a_password_gives_a_token_of_forty_characters(http, carol, who):
    key = await given(http)
    assert (len(key), int(key, 16) > 0, await who(key)) == (40, True, 200)


async def test_a_form_is_as_good_as_json(http, carol, who):
    assert await who(await given(http, json=None, data=CAROL)) == 200


@pytest.mark.rule(13, changed="6.13")
async def test_the_next_token_ends_the_one_before_but_no_other_key(http, carol, who, sessions):
    first = await given(http)
    login = await given(http, LOGIN)
    second = await given(http)
    assert first != second
    assert [await who(key) for key in (first, second, login)] == ["Invalid token.", 200, 200]


@pytest.mark.rule(14)
@pytest.mark.parametrize("wrong", [{"password": "pä ss"}, {"username": "nobody"}, {"username": "alice"}])
async def test_a_wrong_password_gives_none_whatever_is_wrong(http, carol, people, wrong):
    response = await http.post(TOKEN_AUTH, json=CAROL | wrong)
    assert (response.status_code, response.json()) == (400, WRONG)


REQUIRED, NULL, BLANK = (f"This field {what}." for what in ("is required", "may not be null", "may not be blank"))


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"username": [REQUIRED], "password": [REQUIRED]}),
        ({"username": None, "password": ""}, {"username": [NULL], "password": [BLANK]}),
        ({"username": [], "password": {"a": 1}}, {"username": ["Not a valid string."], "password": ["Not a valid string."]}),
        ({"username": "a\x00", "password": "x"}, {"username": ["Null characters are not allowed."]}),
        ({"username": "x" * 999, "password": "x"}, {"username": ["Ensure this field has no more than 254 characters."]}),
        ({"username": "x", "password": "x" * 4097}, {"password": ["Ensure this field has no more than 4096 characters."]}),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ({"username": 10**40, "password": 10**40}, WRONG),
        ({"username": "x", "password": "\x00"}, WRONG),
    ],
)  # fmt: skip
async def test_what_is_no_name_and_password_is_refused_with_a_reason(http, carol, body, errors):
    response = await http.post(TOKEN_AUTH, json=body)
    assert (response.status_code, response.json()) == (400, errors)


async def test_only_post_gives_tokens(http, people):
    for path in (TOKEN_AUTH, REFRESH):
        assert (await http.get(path, headers=people["alice"])).status_code == 405
    assert (await http.post(REFRESH)).status_code == 401


async def test_no_key_is_kept(http, carol, sessions):
    keys = [await given(http), await given(http, LOGIN)]
    async with sessions() as session:
        kept = set(await session.scalars(select(TokenRow.digest).where(TokenRow.user_id == carol)))
        dump = str((await session.execute(text("select tokens::text from tokens"))).all())
    assert kept == {hashlib.sha256(key.encode()).hexdigest() for key in keys}
    assert not any(key in dump for key in keys)


async def test_token_auth_counts_for_fourteen_days_and_a_login_for_ten_hours(http, carol, sessions):
    await given(http)
    await given(http, LOGIN)
    async with sessions() as session:
        found = await session.execute(select(TokenRow.kind, TokenRow.expires_at).where(TokenRow.user_id == carol))
        hours = {kind: round((at - datetime.now(UTC)) / timedelta(hours=1)) for kind, at in found}
    assert hours == {"drf": 14 * 24, "knox": 10}


@pytest.mark.rule(15)
async def test_a_refreshed_token_ends_the_one_that_was_used(http, carol, who):
    old = await given(http)
    new = await given(http, REFRESH, json=None, headers=bearing(old))
    assert (await who(old), await who(new), len(new)) == ("Invalid token.", 200, 40)


async def test_a_token_of_an_administrator_is_refreshed_by_one_that_expires_as_little(http, people, who, sessions):
    new = await given(http, REFRESH, json=None, headers=people["nav1"])
    assert (await http.get(ME, headers=people["nav1"])).json() == {"detail": "Invalid token."}
    assert await who(new) == 200
    async with sessions() as session:
        row = await session.scalar(select(TokenRow).where(TokenRow.user_id == people.pks["nav user"]))
    assert (row.kind, row.expires_at) == ("cli", None)


async def test_a_token_that_is_refreshed_several_times_at_once_gives_one(http, carol, who):
    key = await given(http)
    await who(key)  # so that it is known, and only the write can see that it is gone
    answers = await asyncio.gather(*(http.post(REFRESH, headers=bearing(key)) for _ in range(4)))
    (new,) = (answer.json()["token"] for answer in answers if answer.status_code == 200)
    assert {answer.json()["detail"] for answer in answers if answer.status_code == 401} == {"Invalid token."}
    assert await who(new) == 200


@pytest.mark.rule(16)
async def test_who_has_only_a_login_has_no_token_to_refresh(http, carol):
    response = await http.post(REFRESH, headers=bearing(await given(http, LOGIN)))
    reason = "No token for the user 'carol' exists, one needs to be created in the admin interface."
    assert (response.status_code, response.json()) == (400, [reason])


async def test_a_login_refreshes_the_token_that_its_user_has(http, carol, who):
    token, login = await given(http), await given(http, LOGIN)
    new = await given(http, REFRESH, json=None, headers=bearing(login))
    assert [await who(key) for key in (token, new, login)] == ["Invalid token.", 200, 200]


@pytest.mark.rule(17)
async def test_an_expired_token_is_named_so_once_and_its_row_goes(http, carol, who, sessions):
    key = await given(http)
    await expire(sessions)
    assert [await who(key) for _ in range(2)] == ["Token has expired.", "Invalid token."]
    async with sessions() as session:
        assert not (await session.scalars(select(TokenRow).where(TokenRow.user_id == carol))).all()


async def test_an_expired_login_is_none(http, carol, who, sessions):
    key = await given(http, LOGIN)
    await expire(sessions)
    assert await who(key) == "Invalid token."


async def expire(sessions):
    async with sessions.begin() as session:
        await session.execute(
            update(TokenRow).where(TokenRow.expires_at.is_not(None)).values(expires_at=text("now() - interval '1 s'"))
        )


@pytest.mark.rule(18)
async def test_an_inactive_user_is_refused(http, carol, who, sessions):
    key = await given(http)
    async with sessions.begin() as session:
        await set_active(session, "carol", active=False)
    assert await who(key) == "User inactive or deleted."
    assert (await http.post(TOKEN_AUTH, json=CAROL)).json() == WRONG


@pytest.mark.rule(19)
async def test_a_login_tells_its_expiry(http, carol, who):
    body = (await http.post(LOGIN, json=CAROL)).json()
    assert body.keys() == {"expiry", "token"}
    assert abs(datetime.fromisoformat(body["expiry"]) - datetime.now(UTC) - timedelta(hours=10)) < timedelta(minutes=1)
    assert (len(body["token"]), await who(body["token"])) == (64, 200)


@pytest.mark.parametrize("path", [TOKEN_AUTH, LOGIN, "/accounts/login/"])
async def test_when_somebody_last_logged_in_is_kept(http, carol, sessions, path):
    await http.post(path, json=CAROL)
    async with sessions() as session:
        last_login = await session.scalar(select(UserRow.last_login).where(UserRow.id == carol))
    assert datetime.now(UTC) - last_login < timedelta(minutes=1)


@pytest.mark.rule(20)
async def test_a_token_and_no_body_give_a_login(http, people, who):
    for headers in (people["alice"], bearing(await given(http, LOGIN, json=None, headers=people["alice"]))):
        assert await who(await given(http, LOGIN, json=None, headers=headers)) == 200


@pytest.mark.parametrize(
    ("body", "headers", "detail"),
    [
        pytest.param(b"{}", "alice", "ErrorDetail(string='This field is required.', code='required')", marks=pytest.mark.rule(21)),
        pytest.param(b"{", None, "JSON parse error - ", marks=pytest.mark.rule(22)),
        pytest.param(b"{", "alice", "JSON parse error - ", marks=pytest.mark.rule(22)),
        pytest.param(b'{"username": "nobody", "password": "x"}', None, "{'non_field_errors': [ErrorDetail(string='Unable to log in with provided credentials.', code='authorization')]}", marks=pytest.mark.rule(23)),
        pytest.param(b'{"username": "carol", "password": " p\xc3\xa4 ss "}', None, "Unable to log in", marks=pytest.mark.rule(24)),
        (b"", None, "Authentication credentials were not provided."),
        (b"[]", None, "Invalid data."),
        (b'{"username": "", "password": null}', None, "code='blank')], 'password': [ErrorDetail(string='This field may not be null.', code='null')]}"),
    ],
)  # fmt: skip
async def test_a_login_that_fails_is_403_with_the_reason_as_text(http, people, carol, sessions, body, headers, detail):
    async with sessions.begin() as session:
        await set_active(session, "carol", active=False)
    sent = {"content-type": "application/json"} | (people[headers] if headers else {})
    response = await http.post(LOGIN, content=body, headers=sent)
    assert response.status_code == 403
    assert detail in response.json()["detail"]


async def test_a_login_with_a_bad_token_or_a_body_of_another_type_is_403_too(http, people):
    assert (await http.post(LOGIN, headers=bearing("bad"))).json() == {"detail": "Invalid token."}
    response = await http.post(LOGIN, content=b"x", headers={"content-type": "text/plain"})
    assert (response.status_code, response.json()) == (
        403,
        {"detail": 'Unsupported media type "text/plain" in request.'},
    )


async def test_who_makes_keys_of_others_while_all_are_taken_back_keeps_none(sessions, carol):
    async def revoke():
        async with sessions.begin() as session:
            return await tokens.revoke_tokens(session, "carol")

    async with sessions.begin() as session:
        key = await tokens.create_token(session, "carol")
    presented = tokens.digest_of(key)
    async with sessions.begin() as session:
        assert await tokens.replace_token(session, carol, presented, timedelta(days=1)) is not None
        revoking = asyncio.create_task(revoke())
        await eventually(lambda: somebody_waits(sessions, "transactionid"))
    assert await revoking == 1
    async with sessions() as session:
        assert (await session.scalars(select(TokenRow.id))).all() == []


async def test_a_key_that_has_just_been_taken_back_gives_no_login(http, people, who, sessions):
    assert await who(people["alice"]["Authorization"].split()[1]) == 200  # so that the token is remembered
    async with sessions.begin() as session:
        await session.execute(delete(TokenRow))
    answer = await http.post(LOGIN, headers=people["alice"])
    assert (answer.status_code, answer.json()) == (403, {"detail": "Invalid token."})


@pytest.mark.rule(25, 26, 27)
async def test_logins_live_side_by_side_until_they_are_given_up(http, carol, who):
    keys = [await given(http, LOGIN) for _ in range(4)]
    assert [await who(key) for key in keys] == [200] * 4

    answer = await http.post(LOGOUT, headers=bearing(keys[0]))
    assert (answer.status_code, answer.content) == (204, b"")
    assert [await who(key) for key in keys[:2]] == ["Invalid token.", 200]

    token = await given(http)
    answer = await http.post(LOGOUT_ALL, headers=bearing(keys[1]))
    assert (answer.status_code, answer.content) == (204, b"")
    assert [await who(key) for key in keys[1:]] == ["Invalid token."] * 3
    assert await who(token) == 200


async def test_only_logins_can_be_given_up(http, people, carol):
    for key in (people["alice"], bearing(await given(http))):
        for path in (LOGOUT, LOGOUT_ALL):
            response = await http.post(path, headers=key)
            assert (response.status_code, response.json()) == (401, {"detail": "Invalid token."})


async def test_a_user_has_a_hundred_logins_at_most_and_the_oldest_goes(http, people, who, sessions):
    keys = [await given(http, LOGIN, json=None, headers=people["nav1"]) for _ in range(101)]
    assert [await who(key) for key in (keys[0], keys[1], keys[-1])] == ["Invalid token.", 200, 200]
    async with sessions() as session:
        last = (await session.scalars(select(OutboxRow.value).order_by(OutboxRow.id.desc()))).first()
    assert len(SOURCES.decode(last).tokens) == 101  # with that of the administrator


async def test_the_document_of_a_source_follows_its_tokens(http, people, sessions):
    async def digests():
        async with sessions() as session:
            last = (await session.scalars(select(OutboxRow.value).order_by(OutboxRow.id.desc()))).first()
        return {token.digest for token in SOURCES.decode(last).tokens}

    login = await given(http, LOGIN, json=None, headers=people["nav1"])
    assert hashlib.sha256(login.encode()).hexdigest() in await digests()
    await http.post(LOGOUT, headers=bearing(login))
    assert hashlib.sha256(login.encode()).hexdigest() not in await digests()


async def test_two_apis_believe_no_token_that_was_given_up_at_the_other(sessions, database_url, carol, app):
    doors = credentials(Database(sessions, Check("postgres", required=True)))
    stop = asyncio.Event()
    hearing = asyncio.create_task(hear(database_url, doors.forget, stop))
    other = an_api(sessions, doors=doors)
    async with client(app) as here, client(other) as there:
        key = await given(here, LOGIN)

        async def refused():
            return (await there.get(ME, headers=bearing(key))).status_code == 401

        async with sessions() as session:
            heard = text("select count(*) from pg_stat_activity where query like 'LISTEN argus_accounts%'")
            await eventually(lambda: session.scalar(heard))
        assert not await refused()
        await here.post(LOGOUT, headers=bearing(key))
        await eventually(refused, within=1)
    stop.set()
    await hearing


async def test_a_new_password_counts_at_once_and_the_old_one_no_longer(http, carol, sessions):
    async with sessions.begin() as session:
        await set_password(session, "carol", "new")
    assert (await http.post(TOKEN_AUTH, json=CAROL)).status_code == 400
    assert (await http.post(TOKEN_AUTH, json=CAROL | {"password": "new"})).status_code == 200
