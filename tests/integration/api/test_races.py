"""Writes of configuration that meet each other, or what has gone, are refused with a reason (4xx)."""

import asyncio

import pytest
from sqlalchemy import delete

from argus_database.configuration import outbox
from argus_database.tables.accounts import UserRow
from tests.eventually import eventually
from tests.integration.api.waiting import somebody_waits

ROOT = "/api/v2/notificationprofiles/"


@pytest.fixture
async def things(ask):
    """Bodies that make something, by where they are posted."""
    filter_ = await ask.post("filters/", {"name": "used", "filter": {"open": True}}, who="admin")
    slot = (await ask.get("timeslots/", who="admin"))[0]
    return {
        f"{ROOT}filters/": {"name": "x"},
        f"{ROOT}timeslots/": {"name": "x", "time_recurrences": []},
        f"{ROOT}destinations/": {"media": "email", "settings": {"email_address": "x@example.org"}},
        ROOT: {"name": "x", "timeslot": slot["pk"], "filters": [filter_["pk"]]},
    }


async def test_of_the_same_thing_at_the_same_time_one_is_made(http, people, things):
    for url, body in things.items():
        answers = await asyncio.gather(*(http.post(url, json=body, headers=people["admin"]) for _ in range(4)))
        assert sorted(answer.status_code for answer in answers) == [201, 400, 400, 400], url


async def test_what_vanishes_while_it_is_changed_is_not_there(http, people, things):
    for url, body in things.items():
        made = await http.post(url, json=body, headers=people["admin"])
        one = f"{url}{made.json()['pk']}/"
        changes = [http.patch(one, json=body, headers=people["admin"]) for _ in range(3)]
        answers = await asyncio.gather(*changes, http.delete(one, headers=people["admin"]))
        codes = [answer.status_code for answer in answers]
        assert set(codes[:3]) <= {200, 404}, url
        assert codes[3] == 204, url


async def test_who_has_just_been_deleted_adds_nothing(http, people, things, sessions):
    await http.get(ROOT, headers=people["bob"])  # so that the token is remembered
    async with sessions.begin() as session:
        await session.execute(delete(UserRow).where(UserRow.username == "bob"))
    for url, body in things.items():
        refused = await http.post(url, json=body, headers=people["bob"])
        assert 400 <= refused.status_code < 500, (url, refused.text)


async def test_writes_that_wait_for_one_another_hold_up_no_reader(http, people, sessions):
    async with sessions.begin() as session:
        await outbox.lock(session)
        body = {"media": "email", "settings": {"email_address": "x@example.org"}}
        url = f"{ROOT}destinations/"
        waiting = [asyncio.create_task(http.post(url, json=body, headers=people["alice"])) for _ in range(20)]
        await eventually(lambda: somebody_waits(sessions, "advisory"))
        async with asyncio.timeout(3):  # well below what a request waits for a connection
            for _ in range(3):
                assert (await http.get(url, headers=people["bob"])).status_code == 200
                assert (await http.get("/api/v2/incidents/", headers=people["bob"])).status_code == 200
    codes = sorted([(await answer).status_code for answer in waiting])
    assert codes == [201] + [400] * 19
