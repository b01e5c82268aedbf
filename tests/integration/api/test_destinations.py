"""Media and destinations in v2 and v3, those that follow the user's address too (specification 2.11.1, 2.11.2, 5.5)."""
# ruff: noqa: E501  a table of refusals reads best with one to a line

import pytest
from sqlalchemy import select

from argus_database.configuration.users import set_email
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import DestinationRow
from argus_media import HIDDEN, Plugin
from argus_media.bundled.apprise import APPRISE
from argus_media.bundled.slack import SLACK
from argus_media.bundled.sms import SMS
from argus_media.finding import installed
from argus_runtime.secrets import Secrets

V3 = "/api/v3/notificationprofiles/destinations/"
HOOK = {"url": "https://x.example.org/hook", "secret": "c2VjcmV0"}
NOT_FOUND = {"detail": "No DestinationConfig matches the given query."}


@pytest.fixture
def add(ask):
    async def send(address="q@example.org", who="alice", **more):
        body = {"media": "email", "settings": {"email_address": address}, **more}
        return await ask.post("destinations/", body, who=who)

    return send


@pytest.fixture
def mails(ask):
    """The user's addresses, and whether each is managed."""

    async def read(who="alice"):
        return {each["settings"]["email_address"]: each["managed"] for each in await ask.get(V3, who=who)}

    return read


@pytest.fixture
def move(sessions):
    async def write(email, who="alice"):
        async with sessions.begin() as session:
            await set_email(session, who, email)

    return write


async def use(ask, destination, name):
    (slot,) = await ask.get("timeslots/")
    filter_ = await ask.post("filters/", {"name": name, "filter": {"open": True}})
    wish = {"name": name, "timeslot": slot["pk"], "filters": [filter_["pk"]], "destinations": [destination["pk"]]}
    return await ask.post("", wish)


@pytest.mark.rule(197)
async def test_the_case_of_a_domain_makes_no_other_address_and_that_of_a_mailbox_does(ask, add):
    mine = await add("Q@Mail.Example.ORG")
    assert mine["settings"]["email_address"] == "Q@mail.example.org"
    for address in ("Q@mail.example.org", "Q@MAIL.EXAMPLE.ORG"):
        body = {"media": "email", "settings": {"email_address": address}}
        refused = await ask.post("destinations/", body, status=400)
        assert refused == {"non_field_errors": ["A destination with these settings already exists"]}
    other = await add("q@mail.example.org")
    change = {"settings": {"email_address": "Q@mail.Example.org"}}
    assert await ask.patch(f"destinations/{other['pk']}/", change, status=400) == refused
    await add("Q@mail.example.ORG", who="bob")
    assert await ask.get(f"destinations/{mine['pk']}/duplicate/") == {"is_duplicate": True}
    assert await ask.get(f"destinations/{other['pk']}/duplicate/") == {"is_duplicate": False}


async def test_another_case_of_the_domain_leaves_the_managed_destination_alone(move, mails):
    before = await mails()
    await move("alice@EXAMPLE.org")
    assert await mails() == before == {"alice@example.org": True}


@pytest.mark.rule(205)
@pytest.mark.parametrize("root", ["", "/api/v3/notificationprofiles/"])
async def test_media_are_listed_with_their_schemas(ask, root):
    assert {"slug": "email", "name": "Email", "installed": True} in await ask.get(f"{root}media/")
    assert (await ask.get(f"{root}media/email/"))["name"] == "Email"
    schema = (await ask.get(f"{root}media/email/json_schema/"))["json_schema"]
    assert (schema["title"], schema["required"]) == ("Email Settings", ["email_address"])
    assert schema["$id"] == "http://argus.example.org/json-schema/email"
    assert schema["properties"]["email_address"]["title"] == "Email address"
    assert await ask.get(f"{root}media/nope/json_schema/", status=400) == ['Medium "nope" is not installed.']
    assert await ask.get(f"{root}media/nope/", status=404) == {"detail": "No Media matches the given query."}


@pytest.mark.rule(197)
async def test_a_destination_is_added_without_what_its_medium_does_not_know(ask):
    settings = {"email_address": "q@example.org", "synced": True, "extra": 1}
    added = await ask.post("destinations/", {"media": "email", "label": "my", "settings": settings})
    assert added == {
        "pk": added["pk"], "media": {"slug": "email", "name": "Email", "installed": True}, "label": "my",
        "suggested_label": "Email: q@example.org", "settings": {"email_address": "q@example.org", "synced": False},
    }  # fmt: skip
    assert await ask.get(f"destinations/{added['pk']}/") == added


@pytest.mark.rule(197)
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"media": ["This field is required."], "settings": ["This field is required."]}),
        ({"media": "nope", "settings": {}}, {"media": ['Invalid pk "nope" - object does not exist.']}),
        ({"media": [], "settings": {}}, {"media": ["Not a valid string."]}),
        ({"media": "email", "settings": {}}, {"email_address": ["This field is required.", "required"]}),
        ({"media": "email", "settings": []}, {"settings": ["Settings has to be a dictionary."]}),
        ({"media": "email", "settings": {"email_address": "x"}}, {"email_address": ["Enter a valid email address.", "invalid"]}),
        ({"media": "email", "settings": {"email_address": "alice@example.org"}}, {"non_field_errors": ["A destination with these settings already exists"]}),
        ({"media": "email", "label": "home", "settings": {"email_address": "x@example.org"}}, {"label": ["A destination with this medium and label already exists"]}),
        ({"media": "email", "label": "x" * 51, "settings": {}}, {"label": ["Ensure this field has no more than 50 characters."]}),
        ({"media": "webhook", "settings": {"url": "x"}}, {"url": ["Enter a valid URL.", "invalid"]}),
    ],
)  # fmt: skip
async def test_a_bad_destination_is_refused(ask, add, body, errors):
    await add("home@example.org", label="home")
    assert await ask.post("destinations/", body, status=400) == errors


@pytest.mark.parametrize("value", [None, 1, [], {}, "a@b\x00", "a" * 400 + "@example.org"])
async def test_a_setting_of_another_kind_is_refused(ask, value):
    body = {"media": "email", "settings": {"email_address": value}}
    assert "email_address" in await ask.post("destinations/", body, status=400)


@pytest.fixture
def more_media(monkeypatch):
    """Media that a plugin would bring."""
    for kind in (SMS, SLACK, APPRISE):
        monkeypatch.setitem(installed(), kind.slug, Plugin(kind, open="nowhere:nothing"))


@pytest.mark.rule(201, 202)
@pytest.mark.parametrize(
    ("media", "key", "value", "stored"),
    [
        ("sms", "phone_number", "+47 474 74 747", "+4747474747"),
        ("slack", "destination_url", "slack://token/channel", "slack://token/channel"),
        ("slack", "destination_url", "https://hooks.slack.com/services/x", "https://hooks.slack.com/services/x"),
        ("apprise", "destination_url", "https://x.example.org/", "https://x.example.org/"),
    ],
)
async def test_other_media_keep_what_they_need(ask, more_media, media, key, value, stored):
    added = await ask.post("destinations/", {"media": media, "settings": {key: value, "synced": True}})
    assert added["settings"] == {key: stored}
    assert (await ask.get(f"media/{media}/json_schema/"))["json_schema"]["required"] == [key]


@pytest.mark.rule(201, 202)
@pytest.mark.parametrize(
    ("media", "value", "errors"),
    [
        ("sms", "47474747", {"phone_number": ["Enter a valid phone number (e.g. +12125552368).", "invalid"]}),
        ("sms", "", {"phone_number": ["Enter a valid phone number (e.g. +12125552368).", "invalid"]}),
        ("sms", 4747474747, {"phone_number": ["Not a valid string.", "invalid"]}),
        ("slack", "https://x.example.org/", {"destination_url": ["Not a valid Slack destination URL. It must start with https://hooks.slack.com/ or slack://.", ""]}),
        ("apprise", "mailto://x", {"destination_url": ["Enter a valid URL.", "invalid"]}),
        ("apprise", "https://" + "x" * 3000, {"destination_url": ["Ensure this value has at most 2000 characters.", "max_length"]}),
    ],
)  # fmt: skip
async def test_other_media_refuse_what_they_could_not_reach(ask, more_media, media, value, errors):
    body = {"media": media, "settings": {installed()[media].kind.key: value}}
    assert await ask.post("destinations/", body, status=400) == errors
    assert await ask.post("destinations/", {"media": media, "settings": {}}, status=400) == {
        installed()[media].kind.key: ["This field is required.", "required"]
    }


async def test_no_label_is_null_and_labels_are_given_once_for_each_medium(ask, add):
    assert (await add("a@example.org", label=""))["label"] is None
    assert (await add("b@example.org", label=None))["label"] is None
    labelled = await add("c@example.org", label="my")
    hook = await ask.post("destinations/", {"media": "webhook", "label": "my", "settings": HOOK})
    assert hook["label"] == "my"
    one = f"destinations/{labelled['pk']}/"
    assert (await ask.patch(one, {"label": "my"}))["label"] == "my"
    assert (await ask.patch(one, {"label": None}))["label"] is None


async def test_a_destination_changes_what_is_named(ask, add):
    added = await add(label="my")
    await add("other@example.org", label="other")
    one = f"destinations/{added['pk']}/"
    assert await ask.patch(one, {}) == added
    moved = await ask.patch(one, {"settings": {"email_address": "r@example.org"}, "media": "email"})
    assert moved == added | {
        "suggested_label": "Email: r@example.org", "settings": {"email_address": "r@example.org", "synced": False},
    }  # fmt: skip
    assert await ask.patch(one, {"settings": {"email_address": "r@example.org"}}) == moved
    taken = {"non_field_errors": ["A destination with these settings already exists"]}
    assert await ask.patch(one, {"settings": {"email_address": "other@example.org"}}, status=400) == taken
    assert "label" in await ask.patch(one, {"label": "other"}, status=400)
    assert "email_address" in await ask.patch(one, {"settings": {}}, status=400)
    assert await ask.patch(one, {"settings": 1}, status=400) == {"settings": ["Settings has to be a dictionary."]}


async def test_a_destination_is_not_put(http, people, ask, add):
    one = f"/api/v2/notificationprofiles/destinations/{(await add())['pk']}/"
    refused = await http.put(one, json={}, headers=people["alice"])
    assert (refused.status_code, refused.json()) == (405, {"detail": 'Method "PUT" not allowed.'})
    assert "PATCH" in refused.headers["Allow"]


@pytest.mark.rule(199)
async def test_a_medium_stays(ask, add):
    one = f"destinations/{(await add())['pk']}/"
    wrong = {"media": ["Media cannot be updated, only settings."]}
    assert await ask.patch(one, {"media": "webhook", "settings": HOOK}, status=400) == wrong
    assert "media" in await ask.patch(one, {"media": "nope"}, status=400)


@pytest.mark.rule(200)
async def test_an_unused_destination_is_deleted_and_a_used_or_managed_one_stays(ask, add):
    (managed,) = await ask.get("destinations/")
    outside = ["Cannot delete this destination since it was defined by an outside source."]
    assert await ask.delete(f"destinations/{managed['pk']}/", status=400) == outside
    added = await add()
    one = f"destinations/{added['pk']}/"
    profile = await use(ask, added, "P1")
    in_use = ["Cannot delete this destination since it is in use in the notification profile(s): P1."]
    assert await ask.delete(one, status=400) == in_use
    await ask.delete(f"{profile['pk']}/")
    await ask.delete(one)
    assert await ask.delete(one, status=404) == NOT_FOUND
    assert await ask.patch(one, {"label": "x"}, status=404) == NOT_FOUND


async def test_destinations_of_others_are_not_there(ask, add):
    one = f"destinations/{(await add())['pk']}/"
    for who in ("bob", "admin"):
        assert await ask.get(one, who=who, status=404) == NOT_FOUND
        assert await ask.patch(one, {"label": "x"}, who=who, status=404) == NOT_FOUND
        assert await ask.delete(one, who=who, status=404) == NOT_FOUND
        assert await ask.get(f"{one}duplicate/", who=who, status=400)


@pytest.mark.rule(203)
async def test_a_destination_that_another_user_has_too_is_a_duplicate(ask, add):
    added = await add("shared@example.org")
    duplicate = f"destinations/{added['pk']}/duplicate/"
    assert await ask.get(duplicate) == {"is_duplicate": False}
    await add("shared@example.org", who="bob")
    assert await ask.get(duplicate) == {"is_duplicate": True}
    assert await ask.get(f"{V3}{added['pk']}/duplicate/") == {"is_duplicate": True}
    gone = ["Destination with pk=9999 does not exist."]
    assert await ask.get("destinations/9999/duplicate/", status=400) == gone


@pytest.mark.rule(204)
async def test_v2_says_synced_and_v3_says_managed(ask):
    (v2,) = await ask.get("destinations/")
    (v3,) = await ask.get(V3)
    assert v2["settings"] == {"email_address": "alice@example.org", "synced": True}
    assert v2["suggested_label"] == "Email: alice@example.org"
    assert "managed" not in v2
    assert (v3["settings"], v3["managed"]) == ({"email_address": "alice@example.org"}, True)
    added = await ask.post(V3, {"media": "email", "settings": {"email_address": "q@example.org"}})
    assert added["managed"] is None
    changed = await ask.patch(f"{V3}{added['pk']}/", {"label": "q"})
    assert changed == added | {"label": "q"}
    await ask.delete(f"{V3}{added['pk']}/")


@pytest.mark.rule(198)
async def test_a_managed_destination_gets_a_label_and_stays(ask):
    (managed,) = await ask.get("destinations/")
    one = f"destinations/{managed['pk']}/"
    assert await ask.patch(one, {"label": "mine"}) == managed | {"label": "mine"}
    assert await ask.patch(one, {"settings": managed["settings"]}) == managed | {"label": "mine"}


@pytest.mark.rule(198)
async def test_new_settings_make_a_managed_destination_ones_own_and_a_new_one_keeps_the_old(ask):
    (managed,) = await ask.get("destinations/")
    await ask.patch(f"destinations/{managed['pk']}/", {"label": "mine"})
    changed = await ask.patch(f"destinations/{managed['pk']}/", {"settings": {"email_address": "new@example.org"}})
    assert changed["settings"] == {"email_address": "new@example.org", "synced": False}
    first, second = await ask.get("destinations/")
    assert first == changed
    assert second == managed | {"pk": second["pk"]}


@pytest.mark.rule(196)
async def test_the_managed_destination_follows_the_users_address(ask, add, mails, move):
    assert await mails() == {"alice@example.org": True}
    assert await mails("bob") == {}
    await move("bob@example.org", "bob")
    assert await mails("bob") == {"bob@example.org": True}

    await move("new@example.org")
    assert await mails() == {"alice@example.org": False, "new@example.org": True}
    await move("alice@example.org")
    assert await mails() == {"alice@example.org": True, "new@example.org": False}

    await move("")
    assert await mails() == {"new@example.org": False}
    await move("")
    await move("new@example.org")
    await move("new@example.org")
    assert await mails() == {"new@example.org": True}


@pytest.mark.rule(196)
async def test_an_address_that_goes_leaves_the_profiles_that_use_it(ask, move, sessions):
    (managed,) = await ask.get("destinations/")
    profile = await use(ask, managed, "prof")

    await move("")

    assert (await ask.get(f"{profile['pk']}/"))["destinations"] == []
    async with sessions() as session:
        rows = await session.execute(select(OutboxRow.key, OutboxRow.value).order_by(OutboxRow.id))
        latest = dict(rows.all())
    assert latest[f"destination:{managed['pk']}"] is None
    assert b"destinations" not in latest[f"profile:{profile['pk']}"]


async def test_a_secret_is_encrypted_never_shown_and_stays_where_it_comes_back_hidden(ask, sessions):
    added = await ask.post("destinations/", {"media": "webhook", "settings": HOOK})
    assert added["settings"] == HOOK | {"secret": HIDDEN}
    one = f"destinations/{added['pk']}/"
    moved = {"url": "https://y.example.org/", "secret": HIDDEN}
    assert (await ask.patch(one, {"settings": moved}))["settings"] == moved
    async with sessions() as session:
        row = await session.get(DestinationRow, added["pk"])
        documents = b"".join(filter(None, await session.scalars(select(OutboxRow.value))))
    assert b"c2VjcmV0" not in documents
    assert Secrets([b"k" * 32]).decrypt(row.settings["secret"], f"destination:{row.id}:secret") == "c2VjcmV0"

    assert (await ask.patch(one, {"settings": {"url": "https://y.example.org/"}}))["settings"]["secret"] == ""
    nothing = {"secret": ["*** stands for a secret that is kept, and none is."]}
    assert await ask.patch(one, {"settings": moved}, status=400) == nothing
    assert await ask.post("destinations/", {"media": "webhook", "settings": moved}, status=400) == nothing
