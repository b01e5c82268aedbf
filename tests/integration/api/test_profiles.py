"""Profiles nest what they name, and name only what their user may use (specification 2.11.5, design 6.4, 6.11)."""

import pytest

NOT_FOUND = {"detail": "No NotificationProfile matches the given query."}
TAKEN = {"non_field_errors": ["The requesting user already has a profile with that name."]}
NOT_YOURS = {"non_field_errors": ["The user of 'timeslot' must be the same as the requesting user."]}
EMPTY = ["This list may not be empty."]


@pytest.fixture
async def slot(ask):
    (found,) = await ask.get("timeslots/")
    return found


@pytest.fixture
async def further(ask):
    return await ask.post("timeslots/", {"name": "further", "time_recurrences": []})


@pytest.fixture
async def filter_(ask):
    return await ask.post("filters/", {"name": "f", "filter": {"open": True}})


@pytest.fixture
async def destination(ask):
    (found,) = await ask.get("destinations/")
    return found


@pytest.fixture
def wish(slot, filter_):
    return {"name": "prof", "timeslot": slot["pk"], "filters": [filter_["pk"]]}


@pytest.mark.rule(183)
async def test_a_profile_nests_what_it_names(ask, wish, slot, filter_, destination):
    added = await ask.post("", wish | {"destinations": [destination["pk"]]})
    assert added == {
        "pk": added["pk"], "name": "prof", "timeslot": slot, "timeslots": [slot], "filters": [filter_],
        "destinations": [destination], "active": True,
    }  # fmt: skip
    assert await ask.get("") == [added]
    assert await ask.get(f"{added['pk']}/") == added
    await ask.delete(f"{added['pk']}/")
    assert await ask.get("") == []


@pytest.mark.rule(183)
async def test_a_bad_profile_is_refused(ask, wish):
    assert await ask.post("", {}, status=400) == {
        "timeslot": ["This field is required."], "filters": ["This field is required."]
    }  # fmt: skip
    for field, value, errors in (
        ("filters", [], EMPTY),
        ("filters", 1, ['Expected a list of items but got type "int".']),
        ("filters", [[]], ["Incorrect type. Expected pk value, received list."]),
        ("filters", [4711], ['Invalid pk "4711" - object does not exist.']),
        ("filters", [1] * 201, ["Ensure this field has no more than 200 elements."]),
        ("timeslot", None, ["This field may not be null."]),
        ("timeslot", 10**30, [f'Invalid pk "{10**30}" - object does not exist.']),
        ("timeslots", [], EMPTY),
        ("destinations", [4711], ['Invalid pk "4711" - object does not exist.']),
        ("destinations", None, ["This field may not be null."]),
        ("name", "x" * 41, ["Ensure this field has no more than 40 characters."]),
        ("name", {}, ["Not a valid string."]),
        ("active", "perhaps", ["Must be a valid boolean."]),
    ):
        assert await ask.post("", wish | {field: value}, status=400) == {field: errors}


@pytest.mark.rule(183)
async def test_a_name_is_given_once_and_none_as_often_as_one_likes(ask, wish):
    added = await ask.post("", wish)
    one = f"{added['pk']}/"
    assert await ask.post("", wish, status=400) == TAKEN
    unnamed = [await ask.post("", wish | {"name": None}) for _ in range(2)]
    assert [each["name"] for each in unnamed] == [None, None]
    assert await ask.patch(f"{unnamed[0]['pk']}/", {"name": "prof"}, status=400) == TAKEN
    assert await ask.put(one, wish) == added
    assert (await ask.patch(one, {"name": "", "timeslot": wish["timeslot"]}))["name"] == ""
    assert await ask.post("", wish | {"name": ""}, status=400) == TAKEN
    assert (await ask.patch(one, {"name": None}))["name"] is None


@pytest.mark.rule(183, changed="6.11")
async def test_a_name_tells_nobody_of_the_profiles_of_others(ask, wish):
    await ask.post("", wish)
    (slot,) = await ask.get("timeslots/", who="bob")
    filter_ = await ask.post("filters/", {"name": "f", "filter": {"open": True}}, who="bob")
    bobs = {"name": "prof", "timeslot": slot["pk"], "filters": [filter_["pk"]]}
    assert (await ask.post("", bobs, who="bob"))["name"] == "prof"


@pytest.mark.rule(183)
async def test_another_timeslot_keeps_the_pk(ask, wish, further):
    added = await ask.post("", wish)
    changed = await ask.patch(f"{added['pk']}/", {"timeslot": further["pk"]})
    assert changed == added | {"timeslot": further, "timeslots": [further]}


async def test_put_and_patch_change_what_they_name(ask, wish, destination):
    added = await ask.post("", wish | {"destinations": [destination["pk"]]})
    one = f"{added['pk']}/"
    assert await ask.patch(one, {"active": False}) == added | {"active": False}
    assert await ask.patch(one, {}) == added | {"active": False}
    assert await ask.patch(one, {"destinations": []}) == added | {"active": False, "destinations": []}
    put = wish | {"active": True, "destinations": [destination["pk"]], "name": "renamed"}
    assert await ask.put(one, put) == added | {"name": "renamed"}
    assert await ask.put(one, {"name": "x"}, status=400) == {
        "timeslot": ["This field is required."], "filters": ["This field is required."]
    }  # fmt: skip
    assert await ask.patch(one, {"filters": []}, status=400) == {"filters": EMPTY}


async def test_a_profile_has_several_timeslots_of_which_v2_shows_the_first(ask, wish, slot, further):
    both = {"timeslots": [further["pk"], slot["pk"]]}
    added = await ask.post("", {key: value for key, value in wish.items() if key != "timeslot"} | both)
    assert (added["timeslot"], added["timeslots"]) == (further, [slot, further])
    one = f"{added['pk']}/"
    assert await ask.put(one, wish | {"timeslot": further["pk"]}) == added
    assert (await ask.patch(one, both | {"timeslot": slot["pk"]}))["timeslot"] == slot
    third = await ask.post("timeslots/", {"name": "third", "time_recurrences": []})
    changed = await ask.patch(one, {"timeslot": third["pk"]})
    assert (changed["timeslot"], changed["timeslots"]) == (third, [further, third])
    assert (await ask.patch(one, {"timeslots": [slot["pk"]]}))["timeslots"] == [slot]


@pytest.mark.rule(184)
async def test_a_timeslot_of_another_user_is_refused(ask, wish):
    (bobs,) = await ask.get("timeslots/", who="bob")
    assert await ask.post("", wish | {"timeslot": bobs["pk"]}, status=400) == NOT_YOURS
    added = await ask.post("", wish)
    assert await ask.patch(f"{added['pk']}/", {"timeslots": [wish["timeslot"], bobs["pk"]]}, status=400) == NOT_YOURS


async def test_private_things_of_others_cannot_be_used(ask, wish, filter_, destination):
    (bobs_slot,) = await ask.get("timeslots/", who="bob")
    public = await ask.post("filters/", {"name": "public", "filter": {"open": True}, "public": True})
    bobs = {"timeslot": bobs_slot["pk"], "filters": [public["pk"]]}
    for field, pk in (("filters", filter_["pk"]), ("destinations", destination["pk"])):
        errors = {field: [f'Invalid pk "{pk}" - object does not exist.']}
        assert await ask.post("", bobs | {field: [pk]}, who="bob", status=400) == errors
    assert (await ask.post("", bobs, who="bob"))["filters"] == [public]


@pytest.mark.rule(186)
async def test_profiles_of_others_are_not_there(ask, wish):
    one = f"{(await ask.post('', wish))['pk']}/"
    for who in ("bob", "admin"):
        assert await ask.get("", who=who) == []
        assert await ask.get(one, who=who, status=404) == NOT_FOUND
        assert await ask.patch(one, {"active": False}, who=who, status=404) == NOT_FOUND
        assert await ask.put(one, wish, who=who, status=404) == NOT_FOUND
        assert await ask.delete(one, who=who, status=404) == NOT_FOUND
