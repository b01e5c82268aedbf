"""Sources and their types are shown, added and renamed (specification 2.10.1, 2.10.3; rules 143-150)."""
# ruff: noqa: E501  a table of refusals reads best with one to a line

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from argus_database.configuration import sources
from argus_database.configuration.sources import add_source
from argus_database.tables.accounts import SourceRow, UserRow
from argus_database.tables.outbox import OutboxRow
from argus_schemas.topics import SOURCES

ROOTS = ("/api/v2/incidents/sources/", "/api/v3/incidents/sources/")
ROOT, TYPES = ROOTS[0], "/api/v2/incidents/source-types/"
REQUIRED, NULL, BLANK = (f"This field {what}." for what in ("is required", "may not be null", "may not be blank"))
TAKEN = {"__all__": ["Source system with this Name and Type already exists."]}
NOT_YOURS = {"detail": "You do not have permission to perform this action."}


@pytest.fixture
def ask(http, people):
    """Sends as the administrator, and returns the status and what is said."""

    async def send(method, path, body=None, who="admin", **options):
        response = await http.request(method, path, json=body, headers=people[who], **options)
        return response.status_code, response.json()

    return send


async def users(sessions):
    async with sessions() as session:
        return await session.scalar(select(func.count()).select_from(UserRow))


async def row_of(sessions, name):
    async with sessions() as session:
        return await session.scalar(select(SourceRow).where(SourceRow.name == name))


@pytest.mark.rule(143)
async def test_anybody_sees_all_sources(ask, people):
    nav = {
        "pk": people.pks["nav"],
        "name": "nav1",
        "type": {"name": "nav"},
        "user": people.pks["nav user"],
        "base_url": "http://nav1.example.org/",
    }
    for who in ("bob", "zabbix"):
        status, listed = await ask("GET", ROOT, who=who)
        assert (status, len(listed), listed[0]) == (200, 2, nav)
        assert await ask("GET", f"{ROOT}{nav['pk']}/", who=who) == (200, nav)
        assert await ask("GET", f"{ROOTS[1]}{nav['pk']}/", who=who) == (200, nav | {"last_seen": None})
    assert await ask("GET", f"{ROOT}{10**30}/") == (404, {"detail": "No SourceSystem matches the given query."})


@pytest.mark.rule(144)
@pytest.mark.parametrize("root", ROOTS)
async def test_only_a_superuser_adds_or_renames_sources(ask, people, root):
    one = f"{root}{people.pks['nav']}/"
    for who in ("bob", "nav1"):
        for method, path in (("POST", root), ("PUT", one), ("PATCH", one)):
            assert await ask(method, path, {"name": "x", "type": "nav"}, who=who) == (403, NOT_YOURS)


@pytest.mark.rule(145)
@pytest.mark.parametrize("root", ROOTS)
async def test_a_source_is_added_with_its_user_and_published(ask, sessions, root):
    wish = {"name": "New One", "type": "nav", "base_url": "http://new.example.org/", "heartbeat_frequency": "120"}
    status, added = await ask("POST", root, wish)
    row = await row_of(sessions, "New One")
    assert status == 201
    assert added == {
        "pk": row.id,
        "name": "New One",
        "type": {"name": "nav"},
        "user": row.user_id,
        "base_url": "http://new.example.org/",
    } | ({"last_seen": None} if "v3" in root else {})
    async with sessions() as session:
        user = await session.get(UserRow, row.user_id)
        last = (await session.scalars(select(OutboxRow.value).order_by(OutboxRow.id.desc()))).first()
    assert (user.username, user.password, row.heartbeat_frequency) == ("New-One", None, timedelta(minutes=2))
    assert (SOURCES.decode(last).slug, SOURCES.decode(last).tokens) == ("new-one", ())


@pytest.mark.rule(146)
async def test_a_username_that_is_taken_gets_a_suffix(ask, sessions):
    for wish in ({"name": "alice"}, {"name": "other", "username": "bob"}):
        status, added = await ask("POST", ROOT, wish | {"type": "nav"})
        async with sessions() as session:
            user = await session.get(UserRow, added["user"])
        name, _, suffix = user.username.rpartition("_")
        assert (status, name) == (201, wish.get("username", wish["name"]))
        assert len(suffix) == 6
        assert suffix == suffix.upper()


@pytest.mark.rule(147)
async def test_a_second_source_of_that_name_and_type_is_refused_and_leaves_no_user(ask, sessions, people):
    before = await users(sessions)
    assert await ask("POST", ROOT, {"name": "nav1", "type": "nav"}) == (400, TAKEN)
    assert await users(sessions) == before
    assert (await ask("POST", ROOT, {"name": "nav1", "type": "zabbix"}))[0] == 201


@pytest.mark.rule(145, changed="6.14")
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"name": [REQUIRED], "type": [REQUIRED]}),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
        ({"name": "", "type": None}, {"name": [BLANK], "type": [NULL]}),
        ({"name": "x", "type": "other"}, {"type": ["Select a valid choice. That choice is not one of the available choices."]}),
        ({"name": "x", "type": {"name": "nav"}}, {"type": ["Not a valid string."]}),
        ({"name": "a\x00", "type": "nav"}, {"name": ["Null characters are not allowed."]}),
        ({"name": "x" * 256, "type": "nav"}, {"name": ["Ensure this field has no more than 255 characters."]}),
        ({"name": "x", "type": "nav", "base_url": "nonsense"}, {"base_url": ["Enter a valid URL."]}),
        ({"name": "x", "type": "nav", "base_url": "ftp://x.example.org"}, {"base_url": ["Enter a valid URL."]}),
        ({"name": "x", "type": "nav", "heartbeat_frequency": 59}, {"heartbeat_frequency": ["Ensure this value is greater than or equal to 0:01:00."]}),
        ({"name": "x", "type": "nav", "heartbeat_frequency": "2 00:00:00"}, {"heartbeat_frequency": ["Ensure this value is less than or equal to 1 day, 0:00:00."]}),
        ({"name": "x", "type": "nav", "heartbeat_frequency": "often"}, {"heartbeat_frequency": ["Enter a valid duration."]}),
        ({"name": "x", "type": "nav", "heartbeat_frequency": 10**30}, {"heartbeat_frequency": ["Enter a valid duration."]}),
        ({"name": "x", "type": "nav", "username": ["x"]}, {"username": ["Not a valid string."]}),
    ],
)  # fmt: skip
async def test_a_source_that_cannot_be_is_refused_with_the_reason(ask, sessions, people, body, errors):
    before = await users(sessions)
    assert await ask("POST", ROOT, body) == (400, errors)
    assert await users(sessions) == before


async def test_names_without_a_letter_for_a_slug_get_a_spare_one(ask, sessions):
    for name, slug in (("Ø", "source"), ("Å", "source-2")):
        assert (await ask("POST", ROOT, {"name": name, "type": "nav"}))[0] == 201
        assert (await row_of(sessions, name)).slug == slug


@pytest.mark.rule(148)
@pytest.mark.parametrize("method", ["PUT", "PATCH"])
async def test_a_superuser_renames_a_source_and_nothing_else_of_it(ask, sessions, people, method):
    wish = {"name": "nav2", "type": "zabbix", "base_url": "http://x.example.org", "user": 1}
    status, changed = await ask(method, f"{ROOT}{people.pks['nav']}/", wish)
    assert (status, changed["name"], changed["type"], changed["base_url"]) == (
        200,
        "nav2",
        {"name": "nav"},
        "http://nav1.example.org/",
    )
    row = await row_of(sessions, "nav2")
    async with sessions() as session:
        last = (await session.scalars(select(OutboxRow.value).order_by(OutboxRow.id.desc()))).first()
    assert (row.slug, SOURCES.decode(last).source.name, SOURCES.decode(last).slug) == ("nav1", "nav2", "nav1")


async def test_a_source_is_called_what_its_last_new_name_says(sessions, people):
    """Also where that was its name when the request came, and another one was faster."""
    pk = people.pks["nav"]
    async with sessions() as first, sessions() as second:
        slow, fast = [await first.get_one(SourceRow, pk), await second.get_one(SourceRow, pk)]
        await sources.rename_source(second, fast, "other")
        await second.commit()
        await sources.rename_source(first, slow, "nav1")
        await first.commit()
    async with sessions() as session:
        assert (await session.get_one(SourceRow, pk)).name == "nav1"


async def test_a_name_that_is_taken_or_missing_is_refused(ask, sessions, people):
    async with sessions.begin() as session:
        await add_source(session, "nav2", "nav")
    one = f"{ROOT}{people.pks['nav']}/"
    assert await ask("PATCH", one, {"name": "nav2"}) == (400, TAKEN)
    assert await ask("PUT", one, {}) == (400, {"name": [REQUIRED]})
    assert await ask("PATCH", one, {"name": ""}) == (400, {"name": [BLANK]})
    assert (await ask("PATCH", one, {}))[1]["name"] == "nav1"
    assert (await ask("PUT", one, {"name": "nav1"}))[0] == 200
    assert (await ask("PUT", f"{ROOT}4711/", {"name": "x"}))[0] == 404


async def test_no_source_is_deleted(http, people):
    response = await http.delete(f"{ROOT}{people.pks['nav']}/", headers=people["admin"])
    assert response.status_code == 405
    assert {"GET", "PUT", "PATCH"} <= set(response.headers["allow"].replace(" ", "").split(","))


@pytest.mark.rule(149)
async def test_anybody_adds_a_lowercase_type_once(ask, people):
    for who, name in (("bob", "x"), ("nav1", "two words")):
        assert await ask("POST", TYPES, {"name": name}, who=who) == (201, {"name": name})
        assert await ask("GET", f"{TYPES}{name}/", who=who) == (200, {"name": name})
    exists = {"name": ["source system type with this name already exists."]}
    assert await ask("POST", TYPES, {"name": "x"}, who="bob") == (400, exists)
    assert await ask("GET", TYPES) == (200, [{"name": name} for name in ("nav", "two words", "x", "zabbix")])
    assert await ask("GET", f"{TYPES}other/") == (404, {"detail": "No SourceSystemType matches the given query."})


@pytest.mark.rule(149)
@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({"name": "Zabbix"}, "'Zabbix' is not a lowercase string"),
        ({"name": "123"}, "'123' is not a lowercase string"),
        ({"name": ""}, BLANK),
        ({}, REQUIRED),
        ({"name": None}, NULL),
        ({"name": ["x"]}, "Not a valid string."),
        ({"name": "x" * 256}, "Ensure this field has no more than 255 characters."),
    ],
)
async def test_a_type_that_cannot_be_is_refused(ask, body, error):
    assert await ask("POST", TYPES, body) == (400, {"name": [error]})


@pytest.mark.rule(150)
async def test_a_type_that_our_own_code_names_is_kept_in_lowercase(ask, sessions):
    async with sessions.begin() as session:
        await add_source(session, "x", "Foo")
    assert {"name": "foo"} in (await ask("GET", TYPES))[1]


async def test_types_are_neither_changed_nor_deleted(http, people):
    for method in ("PUT", "PATCH", "DELETE"):
        for path in (TYPES, f"{TYPES}nav/"):
            assert (await http.request(method, path, json={}, headers=people["admin"])).status_code == 405
