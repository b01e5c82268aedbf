"""In v3 profiles damp and escalate, timeslots leave out dates, and users are quiet; v2 keeps its shapes and all that."""
# ruff: noqa: E501  a table of refusals reads best with one to a line

from datetime import UTC, datetime, timedelta

import pytest

V3 = "/api/v3/notificationprofiles/"
LISTS = V3 + "date-lists/"
QUIET = "/api/v3/auth/user/quiet/"
DAMPING = {"changes": 4, "minutes": 10, "summary_minutes": 30}
REQUIRED = ["This field is required."]
NOT_FOUND = {"detail": "No DateList matches the given query."}


@pytest.fixture
async def slot(ask):
    (found,) = await ask.get(V3 + "timeslots/")
    return found


@pytest.fixture
async def mail(ask):
    (found,) = await ask.get(V3 + "destinations/")
    return found


@pytest.fixture
async def wish(ask, slot):
    filter_ = await ask.post("filters/", {"name": "f", "filter": {"open": True}})
    return {"name": "prof", "timeslot": slot["pk"], "filters": [filter_["pk"]]}


@pytest.fixture
def step(mail):
    return {"after_minutes": 15, "destinations": [mail["pk"]]}


async def test_a_profile_says_when_incidents_flap_and_who_is_told_later(ask, wish, step, mail, slot):
    added = await ask.post(V3, wish | {"damping": DAMPING, "escalation": [step]})
    assert (added["damping"], added["escalation"]) == (DAMPING, [{"after_minutes": 15, "destinations": [mail]}])
    assert (added["timeslot"], added["timeslots"]) == (slot, [slot])
    one = f"{V3}{added['pk']}/"
    assert await ask.get(one) == added
    assert await ask.get(V3) == [added]
    short = {"damping": {"changes": 1, "minutes": 1}}
    assert (await ask.patch(one, short))["damping"] == {"changes": 1, "minutes": 1, "summary_minutes": 60}
    plain = await ask.patch(one, {"damping": None, "escalation": []})
    assert (plain["damping"], plain["escalation"]) == (None, [])
    await ask.delete(one)


async def test_v2_neither_shows_nor_takes_away_what_v3_alone_knows(ask, wish, step):
    added = await ask.post(V3, wish | {"damping": DAMPING, "escalation": [step]})
    one = f"{added['pk']}/"
    shown = await ask.put(one, wish | {"damping": None, "escalation": []})
    assert set(shown) == {"pk", "name", "timeslot", "timeslots", "filters", "destinations", "active"}
    assert set(shown["timeslot"]) == {"pk", "name", "time_recurrences", "zone"}
    assert await ask.patch(one, {"damping": 7}) == shown
    assert await ask.get(V3 + one) == added
    assert await ask.put(V3 + one, wish) == added


@pytest.mark.parametrize(
    ("damping", "errors"),
    [
        ({}, {"changes": REQUIRED, "minutes": REQUIRED}),
        ({"changes": 0, "minutes": 1441}, {"changes": ["Ensure this value is greater than or equal to 1."], "minutes": ["Ensure this value is less than or equal to 1440."]}),
        ({"changes": 51, "minutes": 1, "summary_minutes": 10_081}, {"changes": ["Ensure this value is less than or equal to 50."], "summary_minutes": ["Ensure this value is less than or equal to 10080."]}),
        ([], {"non_field_errors": ["Invalid data. Expected a dictionary, but got list."]}),
    ],
)  # fmt: skip
async def test_damping_that_cannot_be_is_refused(ask, wish, damping, errors):
    assert await ask.post(V3, wish | {"damping": damping}, status=400) == {"damping": errors}


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"after_minutes": 0}, {"0": {"after_minutes": ["Ensure this value is greater than or equal to 1."]}}),
        ({"after_minutes": 10_081}, {"0": {"after_minutes": ["Ensure this value is less than or equal to 10080."]}}),
        ({"destinations": []}, {"0": {"destinations": ["This list may not be empty."]}}),
        ({"destinations": [4711]}, ['Invalid pk "4711" - object does not exist.']),
        ({"destinations": list(range(1, 202))}, {"0": {"destinations": ["Ensure this field has no more than 200 elements."]}}),
    ],
)  # fmt: skip
async def test_a_step_that_cannot_be_is_refused(ask, wish, step, changes, errors):
    assert await ask.post(V3, wish | {"escalation": [step | changes]}, status=400) == {"escalation": errors}


async def test_steps_are_few_and_in_order_of_time(ask, wish, step):
    refused = await ask.post(V3, wish | {"escalation": [step, step]}, status=400)
    assert refused == {"escalation": ["Each step has to come later than the one before."]}
    refused = await ask.post(V3, wish | {"escalation": [step] * 11}, status=400)
    assert refused == {"escalation": ["Ensure this field has no more than 10 elements."]}


async def test_a_destination_of_a_step_is_the_owners_and_in_use(ask, wish, step):
    hook = await ask.post(V3 + "destinations/", {"media": "webhook", "settings": {"url": "http://x.example.org/"}})
    (bobs,) = await ask.get("timeslots/", who="bob")
    filter_ = await ask.post("filters/", {"name": "f", "filter": {"open": True}}, who="bob")
    body = {"timeslot": bobs["pk"], "filters": [filter_["pk"]], "escalation": [step | {"destinations": [hook["pk"]]}]}
    assert "escalation" in await ask.post(V3, body, who="bob", status=400)
    await ask.post(V3, wish | {"escalation": [step | {"destinations": [hook["pk"]]}]})
    refused = await ask.delete(f"destinations/{hook['pk']}/", status=400)
    assert refused == ["Cannot delete this destination since it is in use in the notification profile(s): prof."]


async def test_a_date_list_is_added_shown_changed_and_deleted(ask):
    added = await ask.post(LISTS, {"name": " holidays ", "dates": ["2027-01-01", "2026-12-25", "2026-12-25"]})
    assert added == {"pk": added["pk"], "name": "holidays", "dates": ["2026-12-25", "2027-01-01"]}
    one = f"{LISTS}{added['pk']}/"
    assert await ask.get(one) == added
    assert await ask.get(LISTS) == [added]
    assert await ask.patch(one, {"name": "days off"}) == added | {"name": "days off"}
    assert await ask.put(one, {"name": "none", "dates": []}) == {"pk": added["pk"], "name": "none", "dates": []}
    assert await ask.put(one, {"name": "none"}, status=400) == {"dates": REQUIRED}
    await ask.delete(one)
    assert await ask.get(one, status=404) == NOT_FOUND


@pytest.mark.parametrize(
    ("changes", "errors"),
    [
        ({"name": ""}, {"name": ["This field may not be blank."]}),
        ({"name": "x" * 41}, {"name": ["Ensure this field has no more than 40 characters."]}),
        ({"name": "taken"}, {"name": ['The name "taken" is already in use for a another date list owned by user alice.']}),
        ({"dates": None}, {"dates": ["This field may not be null."]}),
        ({"dates": "2026-12-25"}, {"dates": ['Expected a list of items but got type "str".']}),
        ({"dates": ["2026-12-25"] * 1001}, {"dates": ["Ensure this field has no more than 1000 elements."]}),
        *(
            ({"dates": [bad]}, {"dates": {"0": ["Date has wrong format. Use one of these formats instead: YYYY-MM-DD."]}})
            for bad in ("2026-02-30", "20261225", "2026-W01-1", "25.12.2026", 20261225, None, "0000-01-01", "2026-12-25T00:00")
        ),
    ],
)  # fmt: skip
async def test_a_bad_date_list_is_refused(ask, changes, errors):
    await ask.post(LISTS, {"name": "taken", "dates": []})
    assert await ask.post(LISTS, {"name": "l", "dates": []} | changes, status=400) == errors


async def test_date_lists_of_others_are_not_there(ask):
    added = await ask.post(LISTS, {"name": "l", "dates": []})
    one = f"{LISTS}{added['pk']}/"
    for who in ("bob", "admin"):
        assert await ask.get(LISTS, who=who) == []
        assert await ask.get(one, who=who, status=404) == NOT_FOUND
        assert await ask.patch(one, {"name": "x"}, who=who, status=404) == NOT_FOUND
        assert await ask.put(one, {"name": "x", "dates": []}, who=who, status=404) == NOT_FOUND
        assert await ask.delete(one, who=who, status=404) == NOT_FOUND


async def test_a_timeslot_leaves_out_date_lists_of_its_owner(ask):
    lists = [await ask.post(LISTS, {"name": name, "dates": ["2026-12-25"]}) for name in ("a", "b")]
    pks = [each["pk"] for each in lists]
    added = await ask.post(V3 + "timeslots/", {"name": "work", "time_recurrences": [], "exceptions": pks})
    assert added["exceptions"] == pks
    one = f"timeslots/{added['pk']}/"
    shown = await ask.put(one, {"name": "work", "time_recurrences": [], "exceptions": []})
    assert shown == {key: value for key, value in added.items() if key != "exceptions"}
    assert await ask.get(V3 + one) == added
    refused = await ask.delete(f"{LISTS}{pks[0]}/", status=400)
    assert refused == ["Cannot delete this date list since it is in use in the timeslot(s): work."]
    assert (await ask.patch(V3 + one, {"exceptions": pks[1:]}))["exceptions"] == pks[1:]
    await ask.delete(f"{LISTS}{pks[0]}/")
    body = {"name": "x", "time_recurrences": [], "exceptions": pks[1:]}
    absent = {"exceptions": [f'Invalid pk "{pks[1]}" - object does not exist.']}
    assert await ask.post(V3 + "timeslots/", body, who="bob", status=400) == absent
    many = {"exceptions": ["Ensure this field has no more than 20 elements."]}
    assert await ask.patch(V3 + one, {"exceptions": list(range(1, 22))}, status=400) == many


async def test_one_is_quiet_until_then_and_told_again(ask):
    assert await ask.get(QUIET) == {"until": None}
    until = (datetime.now(UTC) + timedelta(days=1)).isoformat().replace("+00:00", "Z")
    assert await ask.put(QUIET, {"until": until}) == {"until": until}
    assert await ask.get(QUIET) == {"until": until}
    assert await ask.get(QUIET, who="bob") == {"until": None}
    await ask.delete(QUIET)
    assert await ask.get(QUIET) == {"until": None}
    await ask.delete(QUIET)


@pytest.mark.parametrize(
    ("body", "error"),
    [
        ({}, REQUIRED[0]),
        ({"until": None}, "This field may not be null."),
        ({"until": "2001-01-01T00:00:00Z"}, "This moment is past."),
        ({"until": "9999-12-31T23:59:59.999999Z"}, "This moment is more than 30 days ahead."),
        ({"until": "infinity"}, "Datetime has wrong format."),
        ({"until": 5}, "Datetime has wrong format."),
    ],
)
async def test_a_moment_until_which_nobody_is_quiet_is_refused(ask, body, error):
    ((said,),) = (await ask.put(QUIET, body, status=400)).values()
    assert said.startswith(error)
    await ask.patch(QUIET, {}, status=405)
