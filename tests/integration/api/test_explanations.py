"""Why a profile is told of an incident, or was not told of an event, as the rows tell."""

from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import update

from argus_database.tables.accounts import UserRow
from argus_database.tables.incidents import AckRow, AliasRow, EventRow, IncidentRow, NotificationRow
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import FilterRow
from argus_schemas.configuration import Filter
from tests.integration.api.instance import an_api, bearing, client
from tests.integration.api.rows import an_incident

ROOT = "/api/v3/notificationprofiles/"
NOW = datetime.now(UTC).replace(microsecond=0)
HOUR = timedelta(hours=1)


@pytest.fixture
def profiled(ask):
    """Adds a profile of alice with one filter, for all the time, and a destination."""

    async def add(blob, **changes):
        filter_ = (await ask.post("filters/", {"name": f"f{uuid4().hex[:8]}", "filter": blob}))["pk"]
        (slot,) = await ask.get("timeslots/")
        mail = await ask.get("destinations/")
        body = {"timeslot": slot["pk"], "filters": [filter_], "destinations": [mail[0]["pk"]]} | changes
        return await ask.post("", body)

    return add


@pytest.fixture
def happened(sessions, people):
    async def store(incident, type_, ago, **changes):
        """Store an event that happened so long ago, as the store would."""
        pk = incident * 1000 + int(ago / timedelta(minutes=1))
        moment = NOW - ago
        fields = {
            "id": pk, "incident_id": incident, "event_id": uuid4(), "type": type_, "actor_id": people.pks["nav user"],
            "digest": None, "occurred_at": moment, "received_at": moment, "description": "",
        } | changes  # fmt: skip
        async with sessions.begin() as session:
            session.add(EventRow(**fields))
            if type_ == "ACK":
                session.add(AckRow(event_id=pk, incident_id=incident))
        return pk

    return store


def failing(body):
    return [each["text"] for each in body["conditions"] + body["in_the_way"] if not each["holds"]]


async def test_each_condition_that_was_asked_is_told_with_what_was_found(ask, sessions, people, profiled):
    pk = await an_incident(sessions, people.pks["nav"], level=4, tags=("a=1",))
    profile = (await profiled({"maxlevel": 3, "tags": ["a=1", "b=1"]}))["pk"]

    body = await ask.get(f"{ROOT}{profile}/explain/?incident={pk}")

    assert (body["profile"], body["incident"], body["event"], body["wanted"]) == (profile, pk, None, False)
    assert [(each["slug"], each["holds"]) for each in body["conditions"]] == [
        ("active", True), ("owner_active", True), ("filters", True), ("maxlevel", False), ("tags", True),
        ("tags", False), ("timeslots", True),
    ]  # fmt: skip
    (level, tag) = [each for each in body["conditions"] if not each["holds"]]
    assert (level["wanted"], level["found"]) == ("maxlevel 3", "the incident has level 4")
    assert level["about"].startswith("filter 'f")
    assert tag["text"].endswith("tags b=1: the incident has no tag b")
    assert [(each["slug"], each["holds"]) for each in body["in_the_way"]] == [
        ("destinations", True), ("quiet", True), ("maintenance", True),
    ]  # fmt: skip
    assert (body["withheld"], body["taken_as_now"], body["destinations"]) == (False, [], [])


async def test_an_event_is_explained_with_its_incident_as_it_was_then(ask, sessions, people, profiled, happened):
    pk = await an_incident(sessions, people.pks["nav"], ended=NOW - HOUR)
    start, ack, end, restart, other, last = [
        await happened(pk, type_, hours * HOUR)
        for type_, hours in (("STA", 9), ("ACK", 8), ("END", 7), ("RES", 6), ("OTH", 5), ("CLO", 1))
    ]
    profile = (await profiled({"open": True, "acked": False}))["pk"]

    async def found(event):
        body = await ask.get(f"{ROOT}{profile}/explain/?event={event}")
        assert "level" in body["taken_as_now"]
        return {each["slug"]: each["found"] for each in body["conditions"] if each["slug"] in ("open", "acked")}

    opened, acked = {"open": "the incident is open"}, {"acked": "the incident is acknowledged"}
    assert await found(start) == opened | {"acked": "the incident is not acknowledged"}
    assert await found(ack) == await found(restart) == await found(other) == opened | acked
    assert (await found(end))["open"].startswith("the incident is closed since")
    assert (await found(last))["open"].startswith("the incident is closed since")


async def test_maintenance_of_that_time_is_in_the_way(ask, sessions, people, profiled, happened):
    pk = await an_incident(sessions, people.pks["nav"])
    before, during = await happened(pk, "STA", 3 * HOUR), await happened(pk, "OTH", HOUR)
    profile = await profiled({"maxlevel": 5})
    task = {
        "start_time": (NOW - 2 * HOUR).isoformat(), "end_time": NOW.isoformat(), "description": "Upgrade",
        "filters": [(await ask.post("filters/", {"name": "m", "filter": {"open": True}}, who="admin"))["pk"]],
    }  # fmt: skip
    made = await ask.post("/api/v2/plannedmaintenance/", task, who="admin")

    assert failing(await ask.get(f"{ROOT}{profile['pk']}/explain/?event={before}")) == []
    body = await ask.get(f"{ROOT}{profile['pk']}/explain/?event={during}")
    assert failing(body) == [
        f"planned maintenance {made['pk']}: no planned maintenance: 'Upgrade' covers the incident at that time"
    ]
    assert (body["wanted"], body["withheld"]) == (True, True)


async def test_maintenance_that_the_matcher_no_longer_knows_is_in_the_way_of_what_was_then(
    ask, sessions, people, profiled, happened
):
    pk = await an_incident(sessions, people.pks["nav"])
    then = await happened(pk, "STA", 60 * 24 * HOUR)
    profile = await profiled({"maxlevel": 5})
    filter_ = (await ask.post("filters/", {"name": "m", "filter": {"open": True}}, who="admin"))["pk"]
    async with sessions.begin() as session:
        around = {"starts_at": NOW - 61 * 24 * HOUR, "ends_at": NOW - 59 * 24 * HOUR, "withdrawn": True}
        task = MaintenanceRow(created_by_id=people.pks["admin"], **around)
        task.filters = [await session.get_one(FilterRow, filter_)]
        session.add(task)

    assert (await ask.get(f"{ROOT}{profile['pk']}/explain/?event={then}"))["withheld"] is True


async def test_maintenance_that_comes_again_is_in_the_way_each_time(ask, sessions, people, profiled, happened):
    pk = await an_incident(sessions, people.pks["nav"])
    during, between = await happened(pk, "STA", 24 * HOUR), await happened(pk, "OTH", 21 * HOUR)
    profile = await profiled({"maxlevel": 5})
    start = NOW - 3 * 24 * HOUR - HOUR / 6
    task = {
        "start_time": start.isoformat(), "end_time": (start + HOUR).isoformat(), "repeats": {"every": "day"},
        "filters": [(await ask.post("filters/", {"name": "m", "filter": {"open": True}}, who="admin"))["pk"]],
    }  # fmt: skip
    await ask.post("/api/v3/plannedmaintenance/", task, who="admin")

    assert (await ask.get(f"{ROOT}{profile['pk']}/explain/?event={during}"))["withheld"] is True
    assert (await ask.get(f"{ROOT}{profile['pk']}/explain/?event={between}"))["withheld"] is False


async def test_what_became_of_an_event_is_told_for_each_destination(ask, sessions, people, profiled, happened):
    pk = await an_incident(sessions, people.pks["nav"])
    event = await happened(pk, "STA", HOUR)
    profile = await profiled({"maxlevel": 5})
    (destination,) = [each["pk"] for each in profile["destinations"]]
    fields = {
        "purpose": "event", "event_pk": event, "event_id": uuid4(), "incident_id": pk, "matched_at": NOW,
        "next_at": None, "code": None, "updated_at": NOW, "replay": 0, "progress": 1, "attempts": 1,
    }  # fmt: skip
    none = await ask.get(f"{ROOT}{profile['pk']}/explain/?event={event}")
    assert [(each["destination"], each["state"]) for each in none["destinations"]] == [(destination, "none")]

    async with sessions.begin() as session:
        session.add(NotificationRow(
            id=uuid4(), destination_id=destination, owner_id=people.pks["alice"], profiles=[profile["pk"]],
            state="suppressed", reason="planned maintenance 7: Upgrade", **fields,
        ))  # fmt: skip
        session.add(NotificationRow(
            id=uuid4(), destination_id=777, owner_id=people.pks["bob"], profiles=[99], state="sent", reason="", **fields
        ))  # fmt: skip

    (told,) = (await ask.get(f"{ROOT}{profile['pk']}/explain/?event={event}"))["destinations"]
    assert (told["destination"], told["state"], told["reason"]) == (
        destination, "suppressed", "planned maintenance 7: Upgrade",
    )  # fmt: skip
    assert (told["profiles"], told["purpose"]) == ([profile["pk"]], "event")


async def test_an_inactive_profile_and_a_quiet_owner_say_so(ask, sessions, people, profiled):
    pk = await an_incident(sessions, people.pks["nav"])
    profile = (await profiled({"maxlevel": 5}, active=False))["pk"]
    async with sessions.begin() as session:
        quiet = update(UserRow).where(UserRow.id == people.pks["alice"]).values(quiet_until=NOW + HOUR)
        await session.execute(quiet)

    assert failing(await ask.get(f"{ROOT}{profile}/explain/?incident={pk}")) == [
        "an active profile: it is not",
        f"an owner who is not quiet: it is quiet until {(NOW + HOUR).isoformat(sep=' ')}",
    ]


async def test_conditions_of_the_fallback_filter_are_asked_too(ask, sessions, people, profiled):
    pk = await an_incident(sessions, people.pks["nav"])
    profile = (await profiled({"maxlevel": 5}))["pk"]
    async with client(an_api(sessions, fallback=Filter(acked=True))) as http:
        key = people["alice"]["Authorization"].split()[1]
        body = (await http.get(f"{ROOT}{profile}/explain/?incident={pk}", headers=bearing(key))).json()

    (told,) = failing(body)
    assert told.endswith(", fallback: acked true: the incident is not acknowledged")


async def test_an_incident_is_found_by_every_pk_that_people_know(ask, sessions, people, profiled):
    pk = await an_incident(sessions, people.pks["nav"])
    profile = (await profiled({"maxlevel": 5}))["pk"]

    async with sessions.begin() as session:
        session.add(AliasRow(pk=5, incident_id=pk))

    assert (await ask.get(f"{ROOT}{profile}/explain/?incident=5"))["incident"] == pk
    assert (await ask.get(f"{ROOT}{profile}/explain/?incident= {pk} "))["incident"] == pk


@pytest.mark.parametrize(
    ("query", "status"),
    [
        ("", 400), ("incident=&event=", 400), ("incident=1&event=1", 400), ("incident=x", 400), ("event=-1", 400),
        ("incident=1.5", 400), ("incident=%00", 400), ("event=²", 400), ("incident=0", 404), ("event=7", 404),
        ("incident=" + "9" * 400, 404), ("event=" + "9" * 19, 404),
    ],
)  # fmt: skip
async def test_what_cannot_be_explained_is_refused(ask, profiled, query, status):
    profile = (await profiled({"maxlevel": 5}))["pk"]

    assert await ask.get(f"{ROOT}{profile}/explain/?{query}", status=status)


async def test_profiles_of_others_are_not_explained(ask, sessions, people, profiled):
    pk = await an_incident(sessions, people.pks["nav"])
    profile = (await profiled({"maxlevel": 5}))["pk"]

    for who in ("bob", "admin", "nav1"):
        await ask.get(f"{ROOT}{profile}/explain/?incident={pk}", who=who, status=404)
    await ask.get(f"{ROOT}{'9' * 30}/explain/?incident={pk}", status=404)


async def test_an_event_whose_incident_is_gone_is_not_explained(ask, sessions, people, profiled, happened):
    pk = await an_incident(sessions, people.pks["nav"])
    event = await happened(pk, "STA", HOUR)
    profile = (await profiled({"maxlevel": 5}))["pk"]
    async with sessions.begin() as session:
        await session.delete(await session.get_one(IncidentRow, pk))

    await ask.get(f"{ROOT}{profile}/explain/?event={event}", status=404)
