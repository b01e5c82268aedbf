"""How much one may configure: what is too large or too many is refused with a reason."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from argus_database.configuration.limits import (
    LARGEST_FILTER,
    MOST_NAMED,
    MOST_NAMED_BY_ALL,
    MOST_OWNED,
    MOST_TASKS,
    MOST_TYPES,
)
from argus_database.tables.accounts import SourceTypeRow
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import DestinationRow, FilterRow, ProfileRow, TimeslotRow, profile_filters

ROOT = "/api/v2/notificationprofiles/"
MAINTENANCE = "/api/v2/plannedmaintenance/"
TYPES = "/api/v2/incidents/source-types/"
DAY = timedelta(days=1)


def tags_of(size):
    """Conditions that take so many bytes as they are stored."""
    frame, each = len('{"tags":[]}'), 100
    many = (size - frame) // (each + 3)
    rest = size - frame - many * (each + 3) + 1
    tags = [f"k={number:04}".ljust(each, "x") for number in range(many)]
    return {"tags": [*tags[:-1], tags[-1] + "x" * rest]}


async def test_a_filter_has_at_most_32_kib(ask):
    full = await ask.post("filters/", {"name": "full", "filter": tags_of(LARGEST_FILTER)})
    one = f"filters/{full['pk']}/"
    larger = {"name": "larger", "filter": tags_of(LARGEST_FILTER + 1)}
    refusal = {"filter": ["Ensure this field has no more than 32768 bytes."]}
    assert await ask.post("filters/", larger, status=400) == refusal
    assert await ask.patch(one, larger, status=400) == refusal
    assert await ask.get(one) == full


async def test_the_name_of_a_type_has_at_most_255_characters(ask):
    refusal = ["Ensure this field has no more than 255 characters."]
    assert await ask.post(TYPES, {"name": "x" * 256}, status=400) == {"name": refusal}
    await ask.post(TYPES, {"name": "x" * 255})
    body = {"name": "f", "filter": {"source_types": ["x" * 255, "x" * 256]}}
    assert await ask.post("filters/", body, status=400) == {"filter": {"source_types": {"1": refusal}}}


@pytest.mark.parametrize("named", ["timeslots", "filters", "destinations"])
async def test_who_names_too_many_things_is_refused_before_any_is_looked_up(ask, statements, named):
    many = list(range(1, MOST_NAMED + 2))
    body = {"name": "p", "timeslots": [1], "filters": [1], named: many}
    refusal = {named: [f"Ensure this field has no more than {MOST_NAMED} elements."]}
    await ask.get("timeslots/")  # so that the token is known
    with statements() as executed:
        assert await ask.post("", body, status=400) == refusal
    assert executed == []


async def test_lists_of_tasks_and_timeslots_have_the_same_limit(ask):
    refusal = [f"Ensure this field has no more than {MOST_NAMED} elements."]
    many = list(range(1, MOST_NAMED + 2))
    assert await ask.post(MAINTENANCE, {"filters": many}, who="admin", status=400) == {"filters": refusal}
    recurrences = [{"days": [1], "start": "08:00", "end": "16:00"}] * (MOST_NAMED + 1)
    body = {"name": "t", "time_recurrences": recurrences}
    assert await ask.post("timeslots/", body, status=400) == {"time_recurrences": refusal}


async def test_the_profiles_of_a_user_name_so_much_together_and_no_more(ask, sessions, people):
    user = {"user_id": people.pks["admin"]}
    slot = (await ask.get("timeslots/", who="admin"))[0]["pk"]
    async with sessions.begin() as session:
        filters = insert(FilterRow).returning(FilterRow.id)
        pks = (await session.scalars(filters, [user | {"name": f"f{number}"} for number in range(MOST_NAMED)])).all()
        there = (MOST_NAMED_BY_ALL - 3) // MOST_NAMED
        profiles = insert(ProfileRow).returning(ProfileRow.id)
        full = (await session.scalars(profiles, [user | {"timeslot_id": slot} for _ in range(there)])).all()
        links = [{"profile_id": profile, "filter_id": pk} for profile in full for pk in pks]
        await session.execute(insert(profile_filters), links)
    rest = MOST_NAMED_BY_ALL - len(links)

    last = await ask.post("", {"timeslot": slot, "filters": pks[: rest - 1]}, who="admin")
    refusal = {"non_field_errors": [f"The profiles of one user can name at most {MOST_NAMED_BY_ALL} things together."]}
    assert await ask.post("", {"timeslot": slot, "filters": pks[:1]}, who="admin", status=400) == refusal
    more = {"filters": pks[:rest]}
    assert await ask.patch(f"{last['pk']}/", more, who="admin", status=400) == refusal
    assert await ask.get(f"{last['pk']}/", who="admin") == last
    await ask.patch(f"{last['pk']}/", {"name": "last"}, who="admin")


@pytest.fixture
async def filter_(ask):
    return (await ask.post("filters/", {"name": "first", "filter": {"open": True}}, who="admin"))["pk"]


@pytest.fixture
def fill(sessions):
    """Adds rows like those that are given, until there are one fewer than the most."""

    async def run(kind, row, most, *those):
        async with sessions.begin() as session:
            there = await session.scalar(select(func.count()).select_from(kind).where(*those))
            await session.execute(insert(kind), [row(number) for number in range(most - 1 - there)])

    return run


async def posted_at_once(http, headers, url, bodies):
    answers = await asyncio.gather(*(http.post(url, json=body, headers=headers) for body in bodies))
    refused = [answer.json() for answer in answers if answer.status_code == 400]
    assert sorted(answer.status_code for answer in answers) == [201, 400], [answer.text for answer in answers]
    return refused[0]


KINDS: dict[str, tuple[Any, Callable[[Any], dict[str, Any]]]] = {
    "filters": (FilterRow, lambda number: {"name": f"n{number}", "filter": {}}),
    "timeslots": (TimeslotRow, lambda number: {"name": f"n{number}"}),
    "destinations": (
        DestinationRow,
        lambda number: {"media": "webhook", "settings": {"url": f"http://x.example.org/{number}"}},
    ),
    "profiles": (ProfileRow, lambda number: {"name": f"n{number}"}),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_of_two_at_once_the_last_thing_that_a_user_may_have_is_one(ask, http, people, fill, filter_, kind):
    table, row = KINDS[kind]
    user = people.pks["admin"]
    slot = (await ask.get("timeslots/", who="admin"))[0]["pk"]
    more = {"user_id": user} | ({"timeslot_id": slot} if kind == "profiles" else {})
    await fill(table, lambda number: row(number) | more, MOST_OWNED, table.user_id == user)
    bodies: dict[str, Callable[[str], dict[str, Any]]] = {
        "filters": lambda name: {"name": name},
        "timeslots": lambda name: {"name": name, "time_recurrences": []},
        "destinations": lambda name: {"media": "email", "settings": {"email_address": f"{name}@example.org"}},
        "profiles": lambda name: {"name": name, "timeslot": slot, "filters": [filter_]},
    }
    url = ROOT if kind == "profiles" else f"{ROOT}{kind}/"

    refused = await posted_at_once(http, people["admin"], url, [bodies[kind](name) for name in ("a", "b")])

    assert refused == {"non_field_errors": [f"There can be at most {MOST_OWNED} {kind} of one user."]}
    await ask.delete(f"{url}{await newest(ask, url)}/", who="admin")
    await ask.post(url, bodies[kind]("c"), who="admin")


async def newest(ask, url):
    return max(each["pk"] for each in await ask.get(url, who="admin"))


async def test_a_managed_destination_has_no_heir_where_there_is_no_room(ask, people, fill):
    (managed,) = [each["pk"] for each in await ask.get("destinations/")]
    user = people.pks["alice"]
    _, row = KINDS["destinations"]
    theirs = DestinationRow.user_id == user
    await fill(DestinationRow, lambda number: row(number) | {"user_id": user}, MOST_OWNED + 1, theirs)
    change = {"settings": {"email_address": "other@example.org"}}
    refused = await ask.patch(f"destinations/{managed}/", change, status=400)
    assert refused == {"non_field_errors": [f"There can be at most {MOST_OWNED} destinations of one user."]}
    await ask.patch(f"destinations/{managed}/", {"label": "mine"})


async def test_of_two_at_once_the_last_task_is_one_and_those_that_have_ended_do_not_count(
    ask, http, people, fill, filter_
):
    ended = await ask.post(MAINTENANCE, {"filters": [filter_], **times(-DAY / 12, -DAY / 24)}, who="admin")
    now = datetime.now(UTC)
    row = {"created_by_id": people.pks["admin"], "starts_at": now}
    await fill(MaintenanceRow, lambda _: row | {"ends_at": now + DAY}, MOST_TASKS + 1)  # the one that ended counts here

    refused = await posted_at_once(http, people["admin"], MAINTENANCE, [{"filters": [filter_]}] * 2)

    there = f"There can be at most {MOST_TASKS} planned maintenance tasks that have not ended."
    assert refused == {"non_field_errors": [there]}
    again = {"end_time": (now + DAY).isoformat()}
    assert await ask.patch(f"{MAINTENANCE}{ended['pk']}/", again, who="admin", status=400) == refused
    going_on = max(each["pk"] for each in await ask.get(MAINTENANCE))
    await ask.patch(f"{MAINTENANCE}{going_on}/", {"description": "still"}, who="admin")
    await ask.patch(f"{MAINTENANCE}{ended['pk']}/", {"description": "was short"}, who="admin")


async def test_where_more_tasks_and_names_are_than_may_be_one_can_have_fewer(ask, people, sessions, fill, filter_):
    await fill(MaintenanceRow, lambda _: {"created_by_id": people.pks["admin"]}, MOST_TASKS + 3)
    task = max(each["pk"] for each in await ask.get(MAINTENANCE))
    await ask.patch(f"{MAINTENANCE}{task}/", {"end_time": datetime.now(UTC).isoformat()}, who="admin")

    slot = (await ask.get("timeslots/", who="admin"))[0]["pk"]
    user = {"user_id": people.pks["admin"]}
    async with sessions.begin() as session:
        filters = insert(FilterRow).returning(FilterRow.id)
        many = (await session.scalars(filters, [user | {"name": f"f{number}"} for number in range(900)])).all()
        profiles = insert(ProfileRow).returning(ProfileRow.id)
        full = (await session.scalars(profiles, [user | {"timeslot_id": slot} for _ in range(6)])).all()
        links = [{"profile_id": profile, "filter_id": pk} for profile in full for pk in many]
        await session.execute(insert(profile_filters), links)
    fewer = {"active": False, "filters": [filter_], "timeslots": [slot]}
    assert (await ask.patch(f"{full[0]}/", fewer, who="admin"))["active"] is False


def times(start, end):
    now = datetime.now(UTC)
    return {"start_time": (now + start).isoformat(), "end_time": (now + end).isoformat()}


async def test_of_two_at_once_the_last_type_of_sources_is_one(http, people, fill):
    await fill(SourceTypeRow, lambda number: {"name": f"t{number}"}, MOST_TYPES)
    refused = await posted_at_once(http, people["alice"], TYPES, [{"name": "a"}, {"name": "b"}])
    assert refused == {"non_field_errors": [f"There can be at most {MOST_TYPES} types of sources."]}
