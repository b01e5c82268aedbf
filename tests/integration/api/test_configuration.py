"""Filters, timeslots, destinations and profiles are added, shown and deleted as Argus does (specification 2.11)."""
# ruff: noqa: E501  a table of refusals reads best with one to a line

import pytest
from sqlalchemy import select

from argus_api.shapes import HIDDEN
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import DestinationRow
from argus_runtime.secrets import Secrets

ROOT = "/api/v2/notificationprofiles/"
WORK = {"days": [2, 1, 1, "5"], "start": "08:00", "end": "16:00:00"}


@pytest.fixture
def post(http, people):
    async def send(path, body, who="alice", status=201):
        response = await http.post(ROOT + path, json=body, headers=people[who])
        assert response.status_code == status, response.text
        return response.json()

    return send


@pytest.fixture
def get(http, people):
    async def ask(path, who="alice", status=200):
        response = await http.get(ROOT + path, headers=people[who])
        assert response.status_code == status, response.text
        return response.json()

    return ask


@pytest.fixture
def delete(http, people):
    async def send(path, who="alice", status=204):
        response = await http.delete(ROOT + path, headers=people[who])
        assert response.status_code == status, response.text
        return response.json() if response.content else None

    return send


async def test_a_filter_is_added_and_shown_with_nulls_for_what_is_unset(post, get):
    blob = {"sourceSystemIds": [1, "2"], "tags": ["host=x"], "acked": False, "maxlevel": 3, "open": None, "unknown": 1}
    added = await post("filters/", {"name": "f", "filter": blob})
    shown = {"sourceSystemIds": [1, 2], "tags": ["host=x"], "acked": False, "maxlevel": 3, "open": None}
    shown |= {"stateful": None, "hide_closed_acked": False}
    assert added == {"pk": added["pk"], "name": "f", "public": False, "filter": shown}
    assert await get("filters/") == [added]
    assert await get(f"filters/{added['pk']}/") == added


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"name": ["This field is required."]}),
        ({"name": ""}, {"name": ["This field may not be blank."]}),
        ({"name": "x" * 41}, {"name": ["Ensure this field has no more than 40 characters."]}),
        ({"name": "f", "filter": []}, {"filter": {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}}),
        ({"name": "f", "filter": {"maxlevel": 6}}, {"filter": {"maxlevel": ["Ensure this value is less than or equal to 5."]}}),
        ({"name": "f", "filter": {"event_types": ["XXX"]}}, {"filter": {"event_types": {"0": ['"XXX" is not a valid choice.']}}}),
        ({"name": "f", "filter": {"sourceSystemIds": [0]}}, {"filter": {"sourceSystemIds": {"0": ["Ensure this value is greater than or equal to 1."]}}}),
        ({"name": "f", "filter": {"tags": ["x"]}}, {"filter": {"tags": {"0": ["Ensure this field has at least 3 characters."]}}}),
        ({"name": "f", "filter": {"open": "perhaps"}}, {"filter": {"open": ["Must be a valid boolean."]}}),
    ],
)  # fmt: skip
async def test_a_bad_filter_is_refused(post, body, errors):
    assert await post("filters/", body, status=400) == errors


async def test_filters_of_others_are_seen_only_where_public(post, get, delete):
    private = await post("filters/", {"name": "private", "filter": {"open": True}})
    public = await post("filters/", {"name": "public", "filter": {"open": True}, "public": True})
    assert await get("filters/", who="bob") == [public]
    assert await get(f"filters/{private['pk']}/", who="bob", status=404)
    assert await get(f"filters/{public['pk']}/", who="bob", status=403)
    assert await delete(f"filters/{public['pk']}/", who="bob", status=404) == {
        "detail": "No Filter matches the given query."
    }
    assert "name" in await post("filters/", {"name": "public"}, status=400)
    await delete(f"filters/{private['pk']}/")


async def test_a_new_user_has_all_the_time(get):
    (slot,) = await get("timeslots/")
    assert slot["name"] == "All the time"
    assert slot["time_recurrences"] == [
        {"days": [1, 2, 3, 4, 5, 6, 7], "start": "00:00:00", "end": "23:59:59.999999", "all_day": True}
    ]


async def test_a_timeslot_is_added_and_shown(post, get, delete):
    night = {"days": [6], "start": "22:00", "end": "06:00"}
    all_day = {"days": [7], "all_day": True}
    added = await post(
        "timeslots/", {"name": "work", "time_recurrences": [WORK, night, all_day], "zone": "Europe/Oslo"}
    )
    assert added["time_recurrences"] == [
        {"days": [1, 2, 5], "start": "08:00:00", "end": "16:00:00"},
        {"days": [6], "start": "22:00:00", "end": "06:00:00"},
        {"days": [7], "start": "00:00:00", "end": "23:59:59.999999", "all_day": True},
    ]
    assert added["zone"] == "Europe/Oslo"
    assert await get(f"timeslots/{added['pk']}/") == added
    assert await get(f"timeslots/{added['pk']}/", who="bob", status=404)
    await delete(f"timeslots/{added['pk']}/")


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"name": ["This field is required."], "time_recurrences": ["This field is required."]}),
        ({"name": "x", "time_recurrences": [WORK | {"days": [0]}]}, {"time_recurrences": {"0": {"days": {"0": ['"0" is not a valid choice.']}}}}),
        ({"name": "x", "time_recurrences": [WORK | {"start": "24:00"}]}, None),
        ({"name": "x", "time_recurrences": [WORK | {"start": "8"}]}, None),
        ({"name": "x", "time_recurrences": [WORK | {"start": "16:00"}]}, {"time_recurrences": {"0": {"non_field_errors": ["'start' must be before 'end'."]}}}),
        ({"name": "x", "time_recurrences": [], "zone": "Mars/Olympus"}, {"zone": ['"Mars/Olympus" is not the name of a time zone.']}),
        ({"name": "All the time", "time_recurrences": []}, None),
    ],
)  # fmt: skip
async def test_a_bad_timeslot_is_refused(post, body, errors):
    refused = await post("timeslots/", body, status=400)
    assert errors is None or refused == errors


async def test_a_destination_is_added_and_its_secret_is_encrypted_and_never_shown(post, get, sessions):
    settings = {"url": "https://x.example.org/hook", "secret": "c2VjcmV0", "extra": 1}
    added = await post("destinations/", {"media": "webhook", "label": "", "settings": settings})
    assert added == {
        "pk": added["pk"], "media": {"slug": "webhook", "name": "Webhook", "installed": True}, "label": None,
        "suggested_label": "Webhook: https://x.example.org/hook",
        "settings": {"url": "https://x.example.org/hook", "secret": HIDDEN},
    }  # fmt: skip
    assert added in await get("destinations/")
    async with sessions() as session:
        row = await session.get(DestinationRow, added["pk"])
        documents = b"".join(filter(None, await session.scalars(select(OutboxRow.value))))
    assert b"c2VjcmV0" not in documents
    assert Secrets([b"k" * 32]).decrypt(row.settings["secret"], f"destination:{row.id}:secret") == "c2VjcmV0"


async def test_the_destination_of_the_users_address_is_synced_and_stays(get, delete):
    (own,) = await get("destinations/")
    assert own["settings"] == {"email_address": "alice@example.org", "synced": True}
    assert own["suggested_label"] == "Email: alice@example.org"
    assert "outside source" in (await delete(f"destinations/{own['pk']}/", status=400))[0]
    assert await get(f"destinations/{own['pk']}/", who="bob", status=404)


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"media": ["This field is required."], "settings": ["This field is required."]}),
        ({"media": "nope", "settings": {}}, {"media": ['Invalid pk "nope" - object does not exist.']}),
        ({"media": "email", "settings": {}}, {"email_address": ["This field is required.", "required"]}),
        ({"media": "email", "settings": []}, {"settings": ["Settings has to be a dictionary."]}),
        ({"media": "email", "settings": {"email_address": "x"}}, {"email_address": ["Enter a valid email address.", "invalid"]}),
        ({"media": "email", "settings": {"email_address": "alice@example.org"}}, {"non_field_errors": ["A destination with these settings already exists"]}),
        ({"media": "webhook", "settings": {"url": "x"}}, {"url": ["Enter a valid URL.", "invalid"]}),
        ({"media": "webhook", "label": "x" * 51, "settings": {}}, {"label": ["Ensure this field has no more than 50 characters."]}),
    ],
)  # fmt: skip
async def test_a_bad_destination_is_refused(post, body, errors):
    assert await post("destinations/", body, status=400) == errors


async def test_a_profile_nests_what_it_names_and_keeps_it_from_being_deleted(post, get, delete, http, people):
    filter_ = await post("filters/", {"name": "f", "filter": {"open": True}})
    (slot,) = await get("timeslots/")
    (destination,) = await get("destinations/")
    wish = {"name": "prof", "timeslot": slot["pk"], "filters": [filter_["pk"]], "destinations": [destination["pk"]]}
    added = await post("", wish)
    assert added == {
        "pk": added["pk"], "name": "prof", "timeslot": slot, "timeslots": [slot], "filters": [filter_],
        "destinations": [destination], "active": True,
    }  # fmt: skip
    assert await get("") == [added]
    assert await get(f"{added['pk']}/") == added
    assert await get(f"{added['pk']}/", who="admin", status=404)

    in_use = "Cannot delete this filter since it is in use in the notification profile(s): prof."
    assert await delete(f"filters/{filter_['pk']}/", status=400) == in_use

    changed = await http.patch(f"{ROOT}{added['pk']}/", json={"active": False}, headers=people["alice"])
    assert changed.json() == added | {"active": False}
    assert (await http.patch(f"{ROOT}{added['pk']}/", json={}, headers=people["bob"])).status_code == 404

    await delete(f"timeslots/{slot['pk']}/")
    assert await get("") == []


async def test_a_bad_profile_is_refused(post, get):
    filter_ = (await post("filters/", {"name": "f", "filter": {"open": True}}))["pk"]
    bobs = (await post("filters/", {"name": "f", "filter": {"open": True}}, who="bob"))["pk"]
    slot = (await get("timeslots/"))[0]["pk"]
    bobs_slot = (await get("timeslots/", who="bob"))[0]["pk"]
    wish = {"name": "p", "timeslot": slot, "filters": [filter_]}

    assert await post("", {}, status=400) == {
        "timeslot": ["This field is required."], "filters": ["This field is required."]
    }  # fmt: skip
    assert await post("", wish | {"filters": []}, status=400) == {"filters": ["This list may not be empty."]}
    missing = {"filters": [f'Invalid pk "{bobs}" - object does not exist.']}
    assert await post("", wish | {"filters": [bobs]}, status=400) == missing
    assert await post("", wish | {"timeslot": bobs_slot}, status=400) == {
        "non_field_errors": ["The user of 'timeslot' must be the same as the requesting user."]
    }
    assert "destinations" in await post("", wish | {"destinations": [4711]}, status=400)
    await post("", wish)
    assert await post("", wish, status=400) == {
        "non_field_errors": ["The requesting user already has a profile with that name."]
    }


async def test_media_are_listed_with_their_schemas(get):
    assert {"slug": "email", "name": "Email", "installed": True} in await get("media/")
    assert (await get("media/email/"))["name"] == "Email"
    schema = (await get("media/email/json_schema/"))["json_schema"]
    assert (schema["title"], schema["required"]) == ("Email Settings", ["email_address"])
    assert await get("media/nope/json_schema/", status=400) == ['Medium "nope" is not installed.']


async def test_v3_shows_whether_a_destination_is_managed(http, people):
    (own,) = (await http.get("/api/v3/notificationprofiles/destinations/", headers=people["alice"])).json()
    assert own["managed"] is True
    assert own["settings"] == {"email_address": "alice@example.org"}
