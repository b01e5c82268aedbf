"""Planned maintenance tasks: who sees and changes them, until when, and what they cover (specification 2.12, 4.6)."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select, update

from argus_api import shapes
from argus_api.wishes.maintenance import maintenance_wish
from argus_database.configuration.errors import Absent
from argus_database.configuration.maintenance import FOREVER, cancel_maintenance, maintenance
from argus_database.tables.accounts import UserRow
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.outbox import OutboxRow
from argus_http.fields import Fields
from tests.integration.api.rows import an_incident

ROOT = "/api/v2/plannedmaintenance/"
LAST = "9999-12-31T23:59:59.999999Z"
FORBIDDEN = {"detail": "You do not have permission to perform this action."}
NOT_FOUND = {"detail": "No PlannedMaintenanceTask matches the given query."}
ENDS_FIRST = {"non_field_errors": ["End_time needs to be after start_time"]}
STARTED = {"non_field_errors": ["The start time cannot be modified after the task has already started."]}
OVER = {
    "non_field_errors": ["This planned maintenance task is no longer modifiable as it ended more than 12 hours ago."]
}
ONGOING = ["It is not possible to delete past or ongoing planned maintenance tasks."]


def hours(number):
    return (datetime.now(UTC) + timedelta(hours=number)).isoformat().replace("+00:00", "Z")


@pytest.fixture
async def filter_(ask):
    blob = {"name": "f", "filter": {"tags": ["host=pm"]}}
    return await ask.post("filters/", blob, who="admin")


@pytest.fixture
def add(ask, filter_):
    async def send(start=None, end=None, **more):
        times = {key: hours(value) for key, value in (("start_time", start), ("end_time", end)) if value is not None}
        return await ask.post(ROOT, {"filters": [filter_["pk"]], **times, **more}, who="admin")

    return send


@pytest.mark.rule(206)
async def test_staff_adds_a_task_that_everybody_sees(ask, add, people, filter_):
    added = await add(description=" works ")
    assert added == {
        "pk": added["pk"], "created_by": {"pk": people.pks["admin"], "username": "admin"}, "created": added["created"],
        "start_time": added["start_time"], "end_time": LAST, "description": "works", "filters": [filter_],
    }  # fmt: skip
    assert (await add(end_time=None))["end_time"] == LAST
    assert (await add(end_time="9999-12-31T23:59:59.999999"))["end_time"] == LAST
    assert await ask.get(f"{ROOT}{added['pk']}/") == added
    assert (await ask.get(ROOT, who="nav1"))[0] == added


@pytest.mark.rule(206, 208)
@pytest.mark.parametrize("who", ["alice", "nav1"])
async def test_others_than_staff_change_nothing(ask, add, filter_, who):
    one = f"{ROOT}{(await add(1))['pk']}/"
    assert await ask.post(ROOT, {"filters": [filter_["pk"]]}, who=who, status=403) == FORBIDDEN
    assert await ask.put(one, {"filters": [filter_["pk"]]}, who=who, status=403) == FORBIDDEN
    assert await ask.patch(one, {"description": "x"}, who=who, status=403) == FORBIDDEN
    assert await ask.delete(one, who=who, status=403) == FORBIDDEN


@pytest.mark.rule(206)
@pytest.mark.parametrize(
    ("body", "errors"),
    [
        ({"filters": []}, {"filters": ["This list may not be empty."]}),
        ({"filters": None}, {"filters": ["This field may not be null."]}),
        ({"filters": [4711]}, {"filters": ['Invalid pk "4711" - object does not exist.']}),
        ({"description": "x" * 256}, {"description": ["Ensure this field has no more than 255 characters."]}),
        ({"start_time": hours(1), "end_time": hours(0)}, ENDS_FIRST),
        ({"end_time": "2001-01-01"}, ENDS_FIRST),
    ],
)  # fmt: skip
async def test_a_bad_task_is_refused(ask, filter_, body, errors):
    assert await ask.post(ROOT, {"filters": [filter_["pk"]]} | body, who="admin", status=400) == errors
    assert await ask.post(ROOT, {}, who="admin", status=400) == {"filters": ["This field is required."]}


@pytest.mark.parametrize("field", ["start_time", "end_time"])
@pytest.mark.parametrize("value", ["infinity", " infinity", "yesterday", 5, [], "10000-01-01"])
async def test_a_time_that_is_none_is_refused(ask, filter_, field, value):
    body = {"filters": [filter_["pk"]], field: value}
    assert field in await ask.post(ROOT, body, who="admin", status=400)


async def test_private_filters_of_others_are_not_for_tasks_but_stay_in_those_that_have_them(ask, sessions, add):
    mine = await ask.post("filters/", {"name": "f", "filter": {"open": True}})
    public = await ask.post("filters/", {"name": "g", "filter": {"open": True}, "public": True})
    task = await add(1)
    one = f"{ROOT}{task['pk']}/"
    assert "filters" in await ask.post(ROOT, {"filters": [mine["pk"]]}, who="admin", status=400)
    assert (await ask.patch(one, {"filters": [public["pk"]]}, who="admin"))["filters"] == [public]
    await ask.patch(one, {"filters": [task["filters"][0]["pk"]]}, who="admin")
    async with sessions.begin() as session:
        await session.execute(update(UserRow).where(UserRow.username == "bob").values(is_staff=True))
    both = {"filters": [task["filters"][0]["pk"], public["pk"]]}
    assert len((await ask.put(one, both, who="bob"))["filters"]) == 2


@pytest.mark.rule(207)
async def test_a_task_changes_until_twelve_hours_after_its_end(ask, add):
    future, current = await add(1, 9), await add(-1, 9)
    recent, past = await add(-9, -2), await add(-20, -13)
    start = {"start_time": hours(2)}

    def one(task):
        return f"{ROOT}{task['pk']}/"

    assert (await ask.patch(one(future), start, who="admin"))["start_time"] == start["start_time"]
    assert await ask.patch(one(current), start, who="admin", status=400) == STARTED
    assert await ask.patch(one(recent), start, who="admin", status=400) == STARTED
    kept = {"start_time": current["start_time"], "description": "late"}
    assert await ask.patch(one(current), kept, who="admin") == current | {"description": "late"}
    assert await ask.patch(one(recent), {"description": "x"}, who="admin") == recent | {"description": "x"}
    for change in ({"description": "x"}, {"end_time": hours(1)}, {}):
        assert await ask.patch(one(past), change, who="admin", status=400) == OVER


@pytest.mark.rule(207)
async def test_put_keeps_times_that_it_does_not_name(ask, add, filter_):
    task = await add(-1, 9, description="d")
    one, body = f"{ROOT}{task['pk']}/", {"filters": [filter_["pk"]]}
    assert await ask.put(one, body, who="admin") == task
    assert await ask.put(one, body | {"start_time": hours(0)}, who="admin", status=400) == STARTED
    assert await ask.put(one, {"description": "x"}, who="admin", status=400) == {"filters": ["This field is required."]}
    assert await ask.patch(one, {"end_time": hours(-2)}, who="admin", status=400) == ENDS_FIRST
    assert (await ask.patch(one, {"end_time": None}, who="admin"))["end_time"] == LAST


@pytest.mark.rule(208)
async def test_a_task_is_deleted_before_it_begins_alone(ask, add, filter_):
    future, current, past = await add(1), await add(-1), await add(-9, -2)
    one = f"{ROOT}{future['pk']}/"
    await ask.delete(one, who="admin")
    for task in (current, past):
        assert await ask.delete(f"{ROOT}{task['pk']}/", who="admin", status=400) == ONGOING
    assert await ask.get(one, status=404) == NOT_FOUND
    assert await ask.patch(one, {}, who="admin", status=404) == NOT_FOUND
    assert await ask.delete(one, who="admin", status=404) == NOT_FOUND
    assert [task["pk"] for task in await ask.get(ROOT)] == [current["pk"], past["pk"]]


async def test_a_deleted_task_frees_its_filters(ask, add, filter_, sessions):
    task = await add(1)
    await ask.delete(f"{ROOT}{task['pk']}/", who="admin")
    await ask.delete(f"filters/{filter_['pk']}/", who="admin")
    async with sessions() as session:
        assert (await session.get(MaintenanceRow, task["pk"])).deleted
        latest = (
            select(OutboxRow.value).where(OutboxRow.key == f"maintenance:{task['pk']}").order_by(OutboxRow.id.desc())
        )
        assert b'"deleted":true' in await session.scalar(latest.limit(1))


async def test_an_ended_task_keeps_showing_a_filter_that_is_deleted(ask, add, sessions):
    both = [
        await ask.post("filters/", {"name": name, "filter": {"tags": [f"host={name}"]}, "public": True}, who="alice")
        for name in ("a", "b")
    ]
    pks = [each["pk"] for each in both]
    task = await add(-9, -2, filters=pks)
    one, deleted = f"{ROOT}{task['pk']}/", f"filters/{pks[0]}/"
    version = await versions(sessions, task)

    await ask.delete(deleted)

    shown = await ask.get(one)
    assert shown == task | {"filters": [both[0] | {"public": False}, both[1]]}
    assert await versions(sessions, task) == version, "what it covered is what it was"
    await ask.get(deleted, status=404)
    assert [each["pk"] for each in await ask.get("filters/")] == pks[1:]
    await ask.post("filters/", {"name": "a"})  # the name is free
    body = {"name": "p", "timeslot": (await ask.get("timeslots/"))[0]["pk"], "filters": pks}
    assert "filters" in await ask.post("", body, status=400)
    assert "filters" in await ask.post(ROOT, {"filters": pks}, who="admin", status=400)


async def test_a_task_that_is_lengthened_still_covers_by_the_filter_that_was_deleted(ask, add, filter_):
    task = await add(-9, -2)
    one = f"{ROOT}{task['pk']}/"
    await ask.delete(f"filters/{filter_['pk']}/", who="admin")
    again = {"filters": [filter_["pk"]], "end_time": hours(2)}
    assert (await ask.put(one, again, who="admin"))["filters"] == [filter_]


async def versions(sessions, task):
    """The versions of a task's document, the newest last."""
    written = select(OutboxRow.id).where(OutboxRow.key == f"maintenance:{task['pk']}").order_by(OutboxRow.id)
    async with sessions() as session:
        return (await session.scalars(written)).all()


@pytest.mark.rule(209)
async def test_a_task_is_cancelled_by_what_it_is_at_the_time(add, sessions):
    future, current, past = await add(1), await add(-1, 9), await add(-9, -2)
    now = datetime.now(UTC)

    async with sessions.begin() as session:
        for task in (future, current, past):
            await cancel_maintenance(session, task["pk"], now)

    async with sessions() as session:
        with pytest.raises(Absent):
            await maintenance(session, future["pk"])
        assert (await maintenance(session, current["pk"])).ends_at == now
        ended = shapes.maintenance(await maintenance(session, past["pk"]), UTC)
        assert ended == past
        with pytest.raises(Absent):
            await cancel_maintenance(session, 4711, now)


@pytest.mark.rule(211)
async def test_a_task_covers_the_open_incidents_of_its_time_that_all_its_filters_accept(ask, add, sessions, people):
    nav = people.pks["nav"]
    before = await an_incident(sessions, nav, tags=["host=pm"])
    await an_incident(sessions, nav, tags=["host=pm"], ended=datetime.now(UTC) - timedelta(days=1))
    await an_incident(sessions, nav, tags=["host=other"])
    task = await add(-1, 9)

    async def covered(task):
        return [each["pk"] for each in await ask.get(f"/api/v3/plannedmaintenance/{task['pk']}/incidents/")]

    assert await covered(task) == [before]
    during = await an_incident(sessions, nav, tags=["host=pm"], minutes=1)
    assert await covered(task) == [during, before]
    assert await covered(await add(1)) == []
    assert await covered(await add(-9, -2)) == []
    level = await ask.post("filters/", {"name": "level", "filter": {"maxlevel": 1}}, who="admin")
    both = {"filters": [task["filters"][0]["pk"], level["pk"]]}
    assert await covered(await ask.patch(f"{ROOT}{task['pk']}/", both, who="admin")) == []
    assert await ask.get("/api/v3/plannedmaintenance/4711/incidents/", status=404) == NOT_FOUND


def test_the_last_moment_of_the_servers_calendar_is_no_end():
    oslo = ZoneInfo("Europe/Oslo")
    said = Fields({"filters": [1], "end_time": "9999-12-31T23:59:59.999999+01:00"}, oslo)
    assert maintenance_wish(said, whole=True).ends_at == FOREVER
