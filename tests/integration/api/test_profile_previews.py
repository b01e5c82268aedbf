"""What a profile would have been told of: incidents that all its filters accept, and whether it was awake."""

from datetime import UTC, date, datetime, timedelta
from unittest.mock import ANY
from uuid import uuid4

import pytest
from sqlalchemy import func, insert, select

from argus_api.repositories import previewing
from argus_api.repositories.filtering import MOST_PREVIEWED
from argus_database.tables.incidents import IncidentRow
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import ProfileRow
from argus_schemas.configuration import Filter
from argus_schemas.schedules import DateList
from tests.builders import ALL_THE_TIME, NOON, a_profile
from tests.integration.api.instance import an_api, client
from tests.integration.api.rows import an_event, an_incident

ROOT = "/api/v3/notificationprofiles/"
FIRST = NOON - timedelta(days=400)  # where the incidents of tests begin
WEEK = [1, 2, 3, 4, 5, 6, 7]


@pytest.fixture
def add(ask):
    """Adds something of alice's, and gives its pk."""

    async def post(path, body):
        return (await ask.post(path, {"name": uuid4().hex[:8]} | body))["pk"]

    return post


@pytest.fixture
def always(ask):
    async def find():
        return (await ask.get("timeslots/"))[0]["pk"]

    return find


def pks(body):
    return [each["incident"]["pk"] for each in body["results"]]


async def test_incidents_are_those_that_all_filters_accept_newest_first(ask, sessions, people, add, always):
    nav = people.pks["nav"]
    both = await an_incident(sessions, nav, level=1, tags=["a=1"])
    newer = await an_incident(sessions, nav, level=2, tags=["a=1", "b=1"], minutes=5)
    await an_incident(sessions, nav, level=5, tags=["a=1"])
    await an_incident(sessions, nav, level=1)
    filters = [await add("filters/", {"filter": blob}) for blob in ({"maxlevel": 2}, {"tags": ["a=1"]})]
    profile = await add("", {"timeslot": await always(), "filters": filters})

    stored = await ask.get(f"{ROOT}{profile}/preview/")
    assert (pks(stored), stored["count"], stored["estimated"]) == ([newer, both], 2, False)
    assert stored["results"][0]["incident"] == await ask.get(f"/api/v3/incidents/{newer}/")
    assert stored["results"][0]["awake"] is True

    body = {"timeslot": await always(), "filters": filters[:1], "conditions": [{"tags": ["a=1"]}]}
    assert await ask.post(ROOT + "preview/", body, status=200) == stored
    inline = {"timeslots": [await always()], "conditions": [{"tags": ["b=1"]}]}
    assert pks(await ask.post(ROOT + "preview/", inline, status=200)) == [newer]


async def test_one_event_must_be_accepted_by_all_filters(ask, sessions, people, always):
    nav = people.pks["nav"]
    ended, closed = await an_incident(sessions, nav), await an_incident(sessions, nav, minutes=1)
    for pk, type_ in ((ended, "STA"), (ended, "END"), (closed, "STA"), (closed, "CLO")):
        await an_event(sessions, pk, type_, people.pks["nav user"])

    async def found(*types):
        body = {"timeslot": await always(), "conditions": [{"event_types": each} for each in types]}
        return pks(await ask.post(ROOT + "preview/", body, status=200))

    assert await found(["STA"]) == [closed, ended]
    assert await found(["STA", "END"], ["END", "CLO"]) == [ended]
    assert await found(["STA"], ["END"]) == []


async def test_an_asleep_profile_says_when_it_begins_next(ask, sessions, people, add):
    evening = await an_incident(sessions, people.pks["nav"], start_time=datetime(2025, 11, 22, 21, 14, tzinfo=UTC))
    office = {"time_recurrences": [{"days": [1, 2, 3, 4, 5], "start": "08:00", "end": "16:00"}], "zone": "Europe/Oslo"}
    never = await add("timeslots/", {"time_recurrences": []})
    body = {"timeslot": await add("timeslots/", office), "timeslots": [never], "conditions": [{"open": True}]}

    (found,) = (await ask.post(ROOT + "preview/", body, status=200))["results"]
    assert (found["incident"]["pk"], found["awake"], found["next_start"]) == (evening, False, "2025-11-24T07:00:00Z")

    (found,) = (await ask.post(ROOT + "preview/", body | {"timeslot": never}, status=200))["results"]
    assert (found["awake"], found["next_start"]) == (False, None)


async def test_pages_follow_one_another_and_count_all(ask, http, sessions, people, add, always):
    rows = [
        {
            "id": pk, "key": f"k{pk}", "source_id": people.pks["nav"], "source_incident_id": "", "stateful": True,
            "start_time": NOON + timedelta(seconds=pk), "description": "", "level": 3, "details_url": "",
            "ticket_url": "", "metadata_": {}, "search_text": "", "received_at": NOON,
        }
        for pk in range(1, MOST_PREVIEWED + 6)
    ]  # fmt: skip
    async with sessions.begin() as session:
        await session.execute(insert(IncidentRow), rows)
    filter_ = await add("filters/", {"filter": {"open": True}})
    profile = await add("", {"timeslot": await always(), "filters": [filter_]})
    whole = list(range(MOST_PREVIEWED + 5, 0, -1))

    first = await ask.get(f"{ROOT}{profile}/preview/?page_size=5000")
    assert (first["count"], pks(first)) == (MOST_PREVIEWED + 5, whole[:MOST_PREVIEWED])
    rest = await ask.get(first["next"].removeprefix("http://argus.example.org"))
    assert (pks(rest), rest["next"]) == (whole[MOST_PREVIEWED:], None)

    body = {"timeslot": await always(), "conditions": [{"open": True}]}
    page = await ask.post(ROOT + "preview/?page_size=2", body, status=200)
    assert pks(page) == whole[:2]
    page = await ask.post(page["next"].removeprefix("http://argus.example.org"), body, status=200)
    assert pks(page) == whole[2:4]


async def test_a_count_that_takes_too_long_is_estimated_and_the_incidents_are_told(sessions, people, ask, add, always):
    pk = await an_incident(sessions, people.pks["nav"])
    filter_ = await add("filters/", {"filter": {"open": True}})
    profile = await add("", {"timeslot": await always(), "filters": [filter_]})
    async with client(an_api(sessions, count_within=timedelta(microseconds=1))) as http:
        for _ in range(50):  # a millisecond may be enough
            body = (await http.get(f"{ROOT}{profile}/preview/", headers=people["alice"])).json()
            assert (pks(body), body["count"]) == ([pk], 1)


async def test_the_fallback_filter_counts(sessions, people, ask, add, always):
    await an_incident(sessions, people.pks["nav"])
    acked = await an_incident(sessions, people.pks["nav"], acked=[None])
    body = {"timeslot": await always(), "conditions": [{"maxlevel": 5}]}
    async with client(an_api(sessions, fallback=Filter(acked=True))) as http:
        found = await http.post(ROOT + "preview/", headers=people["alice"], json=body)
    assert pks(found.json()) == [acked]


async def test_as_many_filters_as_there_may_be_are_asked_together(ask, sessions, people, always):
    every = {"tags": ["a=1", "b=1"], "acked": False, "open": True, "hide_closed_acked": True, "source_types": ["nav"]}
    pk = await an_incident(sessions, people.pks["nav"], tags=["a=1", "b=1"])
    conditions = [every | {"maxlevel": 3 + number % 3} for number in range(200)]

    body = await ask.post(ROOT + "preview/", {"timeslot": await always(), "conditions": conditions}, status=200)

    assert (pks(body), body["count"], body["estimated"]) == ([pk], 1, False)


async def test_what_is_tried_is_not_saved(ask, sessions, people, always):
    async def saved():
        async with sessions() as session:
            return [await session.scalar(select(func.count()).select_from(each)) for each in (ProfileRow, OutboxRow)]

    before = await saved()
    await ask.post(ROOT + "preview/", {"timeslot": await always(), "conditions": [{"open": True}]}, status=200)
    assert await saved() == before


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"conditions": []}, {"filters": ["This field is required."]}),
        ({"filters": []}, {"filters": ["This list may not be empty."]}),
        ({"filters": [999]}, {"filters": ['Invalid pk "999" - object does not exist.']}),
        ({"timeslot": 999}, {"non_field_errors": ["The user of 'timeslot' must be the same as the requesting user."]}),
        (
            {"conditions": [{"maxlevel": 9}]},
            {"conditions": {"0": {"maxlevel": ["Ensure this value is less than or equal to 5."]}}},
        ),
        ({"conditions": {"maxlevel": 1}}, {"conditions": ANY}),
        ({"conditions": [7]}, {"conditions": {"0": ANY}}),
        ({"conditions": None}, {"conditions": ["This field may not be null."]}),
        ({"conditions": [{}] * 201}, {"conditions": ["Ensure this field has no more than 200 elements."]}),
        ({"destinations": [999]}, {"destinations": ['Invalid pk "999" - object does not exist.']}),
        ({"damping": {"changes": 0}}, {"damping": ANY}),
    ],
)
async def test_what_could_not_be_saved_cannot_be_tried(ask, always, changes, told):
    body = {"timeslot": await always(), "conditions": [{"open": True}]} | changes

    assert await ask.post(ROOT + "preview/", body, status=400) == told


async def test_what_is_too_large_to_be_saved_cannot_be_tried(ask, add):
    dates = [date.fromordinal(738_000 + number).isoformat() for number in range(1000)]
    lists = [await add(ROOT + "date-lists/", {"dates": dates}) for _ in range(20)]
    slot = {"time_recurrences": [{"days": WEEK, "all_day": True}], "exceptions": lists}
    slots = [await add(ROOT + "timeslots/", slot) for _ in range(5)]
    sketch, large = (
        {"conditions": [{"open": True}]},
        {"conditions": [{"tags": [f"a={number:300}" for number in range(100)]}]},
    )

    await ask.post(ROOT + "preview/", sketch | {"timeslots": slots[:3]}, status=200)
    refusal = await ask.post(ROOT + "preview/", sketch | {"timeslots": slots}, status=400)
    assert refusal == {"timeslots": ["The timeslots of one profile can leave out at most 80000 dates."]}
    refusal = await ask.post(ROOT + "preview/", large | {"timeslots": slots[:4]}, status=400)
    assert "can be published" in refusal["non_field_errors"][0]


async def test_a_change_of_a_profile_may_be_tried_under_its_name(ask, add, always):
    filter_ = await add("filters/", {"filter": {"open": True}})
    profile = {"name": "mine", "timeslot": await always(), "filters": [filter_]}
    await add("", profile)
    await ask.post(ROOT + "preview/", profile | {"conditions": [{"maxlevel": 1}]}, status=200)


async def test_profiles_of_others_are_not_previewed(ask, add, always):
    filter_ = await add("filters/", {"filter": {"open": True}})
    profile = await add("", {"timeslot": await always(), "filters": [filter_]})

    for who in ("bob", "admin", "nav1"):
        await ask.get(f"{ROOT}{profile}/preview/", who=who, status=404)
        await ask.post(ROOT + "preview/", {"timeslot": await always(), "conditions": [{}]}, who=who, status=400)
    await ask.get(f"{ROOT}{profile}/preview/?cursor=x", status=404)


def test_pages_are_shorter_where_timeslots_have_very_many_times_and_dates():
    (recurrence,) = ALL_THE_TIME.recurrences
    dates = DateList(pk=1, name="off", dates=tuple(date.fromordinal(738_000 + number) for number in range(999)))
    large = ALL_THE_TIME.but(recurrences=(recurrence,) * 200)

    assert previewing.longest_page(a_profile()) == MOST_PREVIEWED
    assert previewing.longest_page(a_profile(timeslots=(large,) * 5)) == 100
    assert previewing.longest_page(a_profile(timeslots=(large.but(exceptions=(dates,)),))) == 1
    assert previewing.longest_page(a_profile(timeslots=())) == MOST_PREVIEWED
