"""Timeslots are added, shown, changed and deleted as Argus does, in a zone of their own (specification 2.11.3)."""
# ruff: noqa: E501  a table of refusals reads best with one to a line

import pytest

WORK = {"days": [2, 1, 1, "5"], "start": "08:00", "end": "16:00:00"}
SHOWN_WORK = {"days": [1, 2, 5], "start": "08:00:00", "end": "16:00:00"}
ALL_DAY = {"start": "00:00:00", "end": "23:59:59.999999", "all_day": True}
NOT_FOUND = {"detail": "No Timeslot matches the given query."}
TAKEN = {"name": ['The name "work" is already in use for a another timeslot owned by user alice.']}
START_BEFORE_END = {"time_recurrences": {"0": {"non_field_errors": ["'start' must be before 'end'."]}}}


@pytest.fixture
def add(ask):
    async def send(name="work", recurrences=(WORK,), who="alice", **more):
        return await ask.post("timeslots/", {"name": name, "time_recurrences": [*recurrences], **more}, who=who)

    return send


@pytest.mark.rule(182)
async def test_a_new_user_has_all_the_time(ask):
    (slot,) = await ask.get("timeslots/")
    assert (slot["name"], slot["time_recurrences"]) == ("All the time", [{"days": [1, 2, 3, 4, 5, 6, 7]} | ALL_DAY])


@pytest.mark.rule(178)
async def test_a_timeslot_is_added_and_listed_by_name(ask, add):
    added = await add()
    assert added == {"pk": added["pk"], "name": "work", "time_recurrences": [SHOWN_WORK], "zone": "UTC"}
    assert await ask.get(f"timeslots/{added['pk']}/") == added
    assert [slot["name"] for slot in await ask.get("timeslots/")] == ["All the time", "work"]


@pytest.mark.rule(178)
async def test_a_name_is_given_once_by_each_user(ask, add):
    added = await add()
    other = await add("home")
    assert await ask.post("timeslots/", {"name": "work", "time_recurrences": []}, status=400) == TAKEN
    assert await ask.patch(f"timeslots/{other['pk']}/", {"name": "work"}, status=400) == TAKEN
    assert await ask.patch(f"timeslots/{added['pk']}/", {"name": "work"}) == added
    await add(who="bob")


@pytest.mark.rule(179)
async def test_all_day_takes_the_place_of_times(add):
    slot = await add(recurrences=[{"days": [7], "all_day": True, "start": "08:00", "end": "07:00"}])
    assert slot["time_recurrences"] == [{"days": [7]} | ALL_DAY]
    short = await add("short", [{"days": [7], "start": "00:00", "end": "23:59:59"}])
    assert "all_day" not in short["time_recurrences"][0]


@pytest.mark.rule(179, changed="6.4")
async def test_an_end_before_its_start_lies_on_the_next_day_and_an_equal_one_is_refused(ask, add):
    night = {"days": [6], "start": "22:00:00", "end": "06:00:00"}
    assert (await add(recurrences=[night]))["time_recurrences"] == [night]
    equal = {"name": "x", "time_recurrences": [night | {"end": "22:00"}]}
    assert await ask.post("timeslots/", equal, status=400) == START_BEFORE_END


@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({}, {"name": ["This field is required."], "time_recurrences": ["This field is required."]}),
        ({"name": "x" * 41, "time_recurrences": []}, {"name": ["Ensure this field has no more than 40 characters."]}),
        ({"name": "x", "time_recurrences": {}}, {"time_recurrences": {"non_field_errors": ['Expected a list of items but got type "dict".']}}),
        ({"name": "x", "time_recurrences": [1]}, {"time_recurrences": {"0": {"non_field_errors": ["Invalid data. Expected a dictionary, but got int."]}}}),
        ({"name": "x", "time_recurrences": [{}]}, {"time_recurrences": {"0": {key: ["This field is required."] for key in ("days", "start", "end")}}}),
        ({"name": "x", "time_recurrences": [WORK | {"days": [1, 0]}]}, {"time_recurrences": {"0": {"days": ['"0" is not a valid choice.']}}}),
        ({"name": "x", "time_recurrences": [WORK | {"days": ["8"]}]}, {"time_recurrences": {"0": {"days": ['"8" is not a valid choice.']}}}),
        ({"name": "x", "time_recurrences": [WORK | {"days": 1}]}, {"time_recurrences": {"0": {"days": ['Expected a list of items but got type "int".']}}}),
        ({"name": "x", "time_recurrences": [WORK] * 201}, {"time_recurrences": ["Ensure this field has no more than 200 elements."]}),
        ({"name": "x", "time_recurrences": [], "zone": "Mars/Olympus"}, {"zone": ['"Mars/Olympus" is not the name of a time zone.']}),
        ({"name": "x", "time_recurrences": [], "zone": "../etc/passwd"}, {"zone": ['"../etc/passwd" is not the name of a time zone.']}),
    ],
)  # fmt: skip
async def test_a_bad_timeslot_is_refused(ask, body, errors):
    assert await ask.post("timeslots/", body, status=400) == errors


@pytest.mark.parametrize("text", ["24:00", "8", 8, None, "08:00Z"])
async def test_a_time_of_another_format_is_refused(ask, text):
    body = {"name": "x", "time_recurrences": [WORK | {"start": text}]}
    assert "start" in (await ask.post("timeslots/", body, status=400))["time_recurrences"]["0"]


@pytest.mark.rule(180)
async def test_recurrences_that_are_given_take_the_place_of_all_before(ask, add):
    one = f"timeslots/{(await add())['pk']}/"
    lunch = {"days": [3], "start": "11:00:00", "end": "12:00:00"}
    assert (await ask.patch(one, {"time_recurrences": [lunch]}))["time_recurrences"] == [lunch]
    renamed = await ask.patch(one, {"name": "lunch"})
    assert (renamed["name"], renamed["time_recurrences"]) == ("lunch", [lunch])
    assert (await ask.put(one, {"name": "never", "time_recurrences": []}))["time_recurrences"] == []
    assert await ask.put(one, {"name": "x"}, status=400) == {"time_recurrences": ["This field is required."]}
    assert await ask.patch(one, {}) == await ask.get(one)


async def test_a_zone_stays_until_another_is_named(ask, add):
    one = f"timeslots/{(await add(zone='Europe/Oslo'))['pk']}/"
    assert (await ask.put(one, {"name": "work", "time_recurrences": [WORK]}))["zone"] == "Europe/Oslo"
    assert (await ask.patch(one, {"zone": "Asia/Kathmandu"}))["zone"] == "Asia/Kathmandu"
    assert "zone" in await ask.patch(one, {"zone": "x\x00"}, status=400)


async def test_timeslots_of_others_are_not_there(ask, add):
    one = f"timeslots/{(await add())['pk']}/"
    for who in ("bob", "admin"):
        assert await ask.get(one, who=who, status=404) == NOT_FOUND
        assert await ask.patch(one, {"name": "x"}, who=who, status=404) == NOT_FOUND
        assert await ask.put(one, {"name": "x", "time_recurrences": []}, who=who, status=404) == NOT_FOUND
        assert await ask.delete(one, who=who, status=404) == NOT_FOUND


@pytest.mark.rule(180)
async def test_a_deleted_timeslot_takes_along_the_profiles_that_have_no_other(ask, add):
    work, home = await add(), await add("home")
    filter_ = (await ask.post("filters/", {"name": "f", "filter": {"open": True}}))["pk"]
    wish = {"filters": [filter_]}
    await ask.post("", wish | {"name": "gone", "timeslot": work["pk"]})
    both = await ask.post("", wish | {"name": "kept", "timeslots": [work["pk"], home["pk"]]})

    await ask.delete(f"timeslots/{work['pk']}/")

    assert await ask.get("") == [both | {"timeslot": home, "timeslots": [home]}]
