"""Filters are added, shown, changed and deleted as Argus does (specification 2.11.4, 4.1)."""
# ruff: noqa: E501  a table of refusals reads best with one to a line

import asyncio
from datetime import UTC, datetime, timedelta

import pytest

OPEN = {"open": True}
NOT_FOUND = {"detail": "No Filter matches the given query."}
TAKEN = {"name": ['The name "f" is already in use for a another filter owned by user alice.']}


@pytest.fixture
def add(ask):
    async def send(name="f", blob=OPEN, who="alice", **more):
        return await ask.post("filters/", {"name": name, "filter": blob, **more}, who=who)

    return send


@pytest.fixture
def use(ask):
    async def send(filter_, name="prof", who="alice"):
        (slot,) = await ask.get("timeslots/", who=who)
        return await ask.post("", {"name": name, "timeslot": slot["pk"], "filters": [filter_["pk"]]}, who=who)

    return send


@pytest.mark.rule(164, 165, 168)
async def test_a_filter_is_added_and_shown_with_nulls_for_what_is_unset(ask):
    blob = {"sourceSystemIds": [1, "2"], "tags": ["host=x"], "acked": False, "maxlevel": 3, "open": None, "unknown": 1}
    added = await ask.post("filters/", {"name": "f", "filter": blob | {"event_types": ["STA"]}})
    shown = {"sourceSystemIds": [1, 2], "tags": ["host=x"], "acked": False, "maxlevel": 3, "open": None}
    shown |= {"stateful": None, "hide_closed_acked": False, "event_types": ["STA"]}
    assert added == {"pk": added["pk"], "name": "f", "public": False, "filter": shown}
    assert await ask.get("filters/") == [added]
    assert await ask.get(f"filters/{added['pk']}/") == added


@pytest.mark.rule(164)
async def test_a_filter_needs_a_name_alone(ask):
    unset = {"open": None, "acked": None, "stateful": None, "maxlevel": None, "hide_closed_acked": False}
    assert (await ask.post("filters/", {"name": " f "}))["filter"] == unset


@pytest.mark.rule(165, 166, 167)
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"name": ["This field is required."]}),
        ({"name": ""}, {"name": ["This field may not be blank."]}),
        ({"name": None}, {"name": ["This field may not be null."]}),
        ({"name": "x" * 41}, {"name": ["Ensure this field has no more than 40 characters."]}),
        ({"name": "f", "public": None}, {"public": ["This field may not be null."]}),
        ({"name": "f", "filter": []}, {"filter": {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}}),
        ({"name": "f", "filter": {"maxlevel": 6}}, {"filter": {"maxlevel": ["Ensure this value is less than or equal to 5."]}}),
        ({"name": "f", "filter": {"event_types": ["XXX"]}}, {"filter": {"event_types": {"0": ['"XXX" is not a valid choice.']}}}),
        ({"name": "f", "filter": {"event_types": [["STA"]]}}, {"filter": {"event_types": {"0": ['"list" is not a valid choice.']}}}),
        ({"name": "f", "filter": {"sourceSystemIds": [0]}}, {"filter": {"sourceSystemIds": {"0": ["Ensure this value is greater than or equal to 1."]}}}),
        ({"name": "f", "filter": {"sourceSystemIds": [10**30]}}, {"filter": {"sourceSystemIds": {"0": ["Ensure this value is less than or equal to 2147483647."]}}}),
        ({"name": "f", "filter": {"sourceSystemIds": [1] * 1001}}, {"filter": {"sourceSystemIds": ["Ensure this field has no more than 1000 elements."]}}),
        ({"name": "f", "filter": {"tags": ["x"]}}, {"filter": {"tags": {"0": ["Ensure this field has at least 3 characters."]}}}),
        ({"name": "f", "filter": {"tags": ["a=\x00"]}}, {"filter": {"tags": {"0": ["Null characters are not allowed."]}}}),
        ({"name": "f", "filter": {"open": "perhaps"}}, {"filter": {"open": ["Must be a valid boolean."]}}),
    ],
)  # fmt: skip
async def test_a_bad_filter_is_refused(ask, body, errors):
    assert await ask.post("filters/", body, status=400) == errors


async def test_put_and_patch_change_what_they_name(ask, add):
    added = await add(public=True)
    one = f"filters/{added['pk']}/"

    renamed = await ask.patch(one, {"name": "g"})
    assert renamed == added | {"name": "g"}
    blob = {"maxlevel": 2, "tags": ["a=1"], "unknown": 1}
    changed = await ask.put(one, {"name": "g", "filter": blob})
    assert changed["filter"] == {
        "maxlevel": 2, "tags": ["a=1"], "open": None, "acked": None, "stateful": None, "hide_closed_acked": False,
    }  # fmt: skip
    assert changed["public"] is True
    assert await ask.patch(one, {"public": "no"}) == changed | {"public": False}
    assert await ask.patch(one, {}) == await ask.get(one)
    assert await ask.put(one, {}, status=400) == {"name": ["This field is required."]}
    assert "filter" in await ask.patch(one, {"filter": {"maxlevel": 0}}, status=400)


async def test_a_name_is_given_once_by_each_user(ask, add):
    await add()
    other = await add("g")
    assert await ask.post("filters/", {"name": "f"}, status=400) == TAKEN
    assert await ask.patch(f"filters/{other['pk']}/", {"name": "f"}, status=400) == TAKEN
    await ask.patch(f"filters/{other['pk']}/", {"name": "g"})
    await add(who="bob")


@pytest.mark.rule(170)
async def test_filters_of_others_are_seen_only_where_public_and_never_changed(ask, add):
    private = await add("private")
    public = await add("public", public=True)
    assert await ask.get("filters/", who="bob") == [public]
    assert await ask.get(f"filters/{private['pk']}/", who="bob", status=404) == NOT_FOUND
    assert await ask.get(f"filters/{public['pk']}/", who="bob", status=403)
    for who in ("bob", "admin"):
        for pk in (private["pk"], public["pk"]):
            one = f"filters/{pk}/"
            assert await ask.patch(one, {"name": "mine"}, who=who, status=404) == NOT_FOUND
            assert await ask.put(one, {"name": "mine"}, who=who, status=404) == NOT_FOUND
            assert await ask.delete(one, who=who, status=404) == NOT_FOUND


@pytest.mark.rule(169)
async def test_an_unused_filter_is_deleted_and_a_used_one_stays(ask, add, use):
    filter_ = await add()
    one = f"filters/{filter_['pk']}/"
    profile = await use(filter_, "P1")
    await use(filter_, "P2")
    in_use = "Cannot delete this filter since it is in use in the notification profile(s): P1, P2."
    assert await ask.delete(one, status=400) == in_use
    await ask.delete(f"{profile['pk']}/")
    await ask.delete(f"{profile['pk'] + 1}/")
    await ask.delete(one)
    assert await ask.delete(one, status=404) == NOT_FOUND
    assert await ask.patch(one, {"name": "x"}, status=404) == NOT_FOUND
    assert await ask.delete(f"filters/{10**18}/", status=404) == NOT_FOUND


async def test_what_others_call_the_profiles_that_use_a_filter_stays_theirs(ask, add, use):
    filter_ = await add(public=True)
    await use(filter_, "mine")
    await use(filter_, "secret", who="bob")
    in_use = "Cannot delete this filter since it is in use in the notification profile(s): mine, 1 of other users."
    assert await ask.delete(f"filters/{filter_['pk']}/", status=400) == in_use


@pytest.mark.rule(169, changed="6.5")
async def test_a_filter_of_a_maintenance_task_that_has_not_ended_stays(ask, add):
    filter_ = await add(who="admin")
    later = {"start_time": (datetime.now(UTC) + timedelta(days=1)).isoformat()}
    bodies = ({"filters": [filter_["pk"]]}, {"filters": [filter_["pk"]]} | later)
    numbers = [str((await ask.post("/api/v2/plannedmaintenance/", body, who="admin"))["pk"]) for body in bodies]
    assert await ask.delete(f"filters/{filter_['pk']}/", who="admin", status=400) == (
        f"Cannot delete this filter since it is in use in the planned maintenance task(s): {', '.join(numbers)}."
    )


async def test_what_others_use_stays_public(ask, add, use):
    filter_ = await add(public=True)
    one = f"filters/{filter_['pk']}/"
    profile = await use(filter_, who="bob")
    refused = await ask.patch(one, {"public": False}, status=400)
    assert refused == {"public": ["Profiles of other users use this filter, so it has to stay public."]}
    await ask.delete(f"{profile['pk']}/", who="bob")
    await ask.patch(one, {"public": False})


async def test_a_change_shows_in_the_profiles_that_use_it(ask, add, use):
    filter_ = await add()
    profile = await use(filter_)
    changed = await ask.patch(f"filters/{filter_['pk']}/", {"filter": {"maxlevel": 1}})
    assert (await ask.get(f"{profile['pk']}/"))["filters"] == [changed]


async def test_changes_and_a_deletion_at_the_same_time_end_in_order(http, people, add):
    url = f"/api/v2/notificationprofiles/filters/{(await add())['pk']}/"
    changes = [http.patch(url, json={"name": f"f{number}"}, headers=people["alice"]) for number in range(4)]
    answers = await asyncio.gather(*changes, *(http.delete(url, headers=people["alice"]) for _ in range(2)))
    codes = [answer.status_code for answer in answers]
    assert set(codes) <= {200, 204, 404}
    assert codes.count(204) == 1
