"""A change of configuration leaves in the outbox whatever is another document after it."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest

from argus_database.configuration.destinations import add_destination, change_destination
from argus_database.configuration.filters import add_filter, change_filter
from argus_database.configuration.maintenance import (
    FOREVER,
    add_maintenance,
    cancel_maintenance,
    change_maintenance,
)
from argus_database.configuration.profiles import add_profile, change_profile
from argus_database.configuration.sources import add_source, rename_source, source_of_slug
from argus_database.configuration.timeslots import add_timeslot, change_timeslot, delete_timeslot
from argus_database.configuration.users import add_user, set_email
from argus_database.configuration.wishes import Wish
from argus_media import HIDDEN
from argus_schemas.configuration import Filter
from argus_schemas.schedules import Recurrence

WORK = Recurrence(days=(1, 2, 3, 4, 5), start=time(8), end=time(16))
NOW = datetime.now(UTC)


def encrypt(text: str, bound_to: str) -> str:
    return f"encrypted:{bound_to}:{text[::-1]}"


@pytest.fixture
def left(sessions, outbox):
    """What a write leaves in the outbox, by key; a write takes a session and a user's pk."""

    async def run(write):
        before = len(await outbox())
        async with sessions.begin() as session:
            await write(session)
        return dict((await outbox())[before:])

    return run


@pytest.fixture
async def alice(sessions):
    async with sessions.begin() as session:
        return (await add_user(session, "alice", email="alice@example.org")).id


async def test_a_task_is_published_when_it_changes_and_when_it_is_cancelled(left, sessions, alice):
    async with sessions.begin() as session:
        filter_ = (await add_filter(session, alice, "f", Filter(maxlevel=1))).id
        task = (await add_maintenance(session, alice, filters=[filter_], ends_at=NOW + timedelta(days=1))).id
    key = f"maintenance:{task}"

    changed = await left(lambda session: change_maintenance(session, alice, task, ends_at=FOREVER, description="d"))
    assert (changed[key].ends_at, changed[key].description) == (None, "d")
    at = datetime.now(UTC)
    assert (await left(lambda session: cancel_maintenance(session, task, at)))[key].ends_at == at
    assert await left(lambda session: cancel_maintenance(session, task, at + timedelta(1))) == {}


async def test_a_changed_destination_is_published_and_a_managed_one_with_its_heir(left, sessions, alice, outbox):
    ((managed, _),) = await outbox()
    pk = int(managed.partition(":")[2])
    address = {"email_address": "new@example.org"}
    said = await left(lambda session: change_destination(session, alice, pk, settings=address, encrypt=encrypt))
    assert [document.settings["email_address"] for document in said.values()] == [
        "new@example.org",
        "alice@example.org",
    ]
    assert next(iter(said)) == managed


async def test_a_secret_that_stays_is_published_as_it_was(left, sessions, alice):
    async with sessions.begin() as session:
        settings = {"url": "http://x.example.org/", "secret": "c2VjcmV0"}
        hook = await add_destination(session, alice, "webhook", settings, encrypt=encrypt)
    moved = {"url": "http://y.example.org/", "secret": HIDDEN}
    said = await left(lambda session: change_destination(session, alice, hook.id, settings=moved, encrypt=encrypt))
    assert said[f"destination:{hook.id}"].settings == {
        "url": "http://y.example.org/", "secret": encrypt("c2VjcmV0", f"destination:{hook.id}:secret"),
    }  # fmt: skip


async def test_another_address_is_published_and_none_takes_the_destination_back(left, alice):
    said = await left(lambda session: set_email(session, "alice", "new@example.org"))
    addresses = [document.settings["email_address"] for document in said.values()]
    assert addresses == ["alice@example.org", "new@example.org"]
    assert list((await left(lambda session: set_email(session, "alice", ""))).values()) == [None]


async def test_a_profile_that_keeps_a_timeslot_is_published_without_the_one_that_goes(left, sessions, alice):
    async with sessions.begin() as session:
        filter_ = (await add_filter(session, alice, "f", Filter(maxlevel=1))).id
        slots = [(await add_timeslot(session, alice, name, [WORK])).id for name in ("first", "second")]
        profile = (await add_profile(session, alice, timeslots=slots, filters=[filter_])).id
    key = f"profile:{profile}"

    said = await left(lambda session: delete_timeslot(session, alice, slots[0]))
    assert [each.pk for each in said[key].timeslots] == [slots[1]]
    assert (await left(lambda session: change_profile(session, alice, profile, Wish(active=False))))[
        key
    ].active is False
    assert (await left(lambda session: delete_timeslot(session, alice, slots[1]))) == {key: None}


async def test_what_is_said_again_is_not_published_again(left, sessions, alice):
    filter_, addressed = Filter(maxlevel=1), {"email_address": "x@example.org"}
    async with sessions.begin() as session:
        pks = [(await add_filter(session, alice, name, filter_)).id for name in ("f", "g")]
        slots = [(await add_timeslot(session, alice, name, [WORK])).id for name in ("first", "second")]
        mail = (await add_destination(session, alice, "email", addressed, encrypt=encrypt)).id
        wish = Wish("p", timeslots=slots, filters=pks, destinations=[mail], active=True)
        profile = (await add_profile(session, alice, name="p", timeslots=slots, filters=pks, destinations=[mail])).id
        times: dict[str, Any] = {"starts_at": NOW, "ends_at": NOW + timedelta(days=1)}
        task = (await add_maintenance(session, alice, filters=pks, description="d", **times)).id

    for again in (
        lambda session: change_filter(session, alice, pks[0], name="f", filter_=filter_, public=False),
        lambda session: change_timeslot(session, alice, slots[0], name="first", recurrences=[WORK], zone="UTC"),
        lambda session: change_destination(session, alice, mail, label="", settings=addressed, encrypt=encrypt),
        lambda session: change_profile(session, alice, profile, wish),
        lambda session: change_profile(session, alice, profile, Wish(timeslots=slots[::-1], filters=pks[::-1])),
        lambda session: change_maintenance(session, alice, task, filters=pks[::-1], description="d", **times),
    ):
        assert await left(again) == {}


async def test_what_an_ended_task_covered_stays_when_its_filter_changes(left, sessions, alice):
    async with sessions.begin() as session:
        pk = (await add_filter(session, alice, "f", Filter(maxlevel=1))).id
        began, minute = NOW - timedelta(days=1), timedelta(minutes=1)
        ended = (await add_maintenance(session, alice, filters=[pk], starts_at=began, ends_at=NOW - minute)).id
        lasting = (await add_maintenance(session, alice, filters=[pk], starts_at=began)).id

    said = await left(lambda session: change_filter(session, alice, pk, filter_=Filter(maxlevel=2)))
    levels = {key: [each.filter.maxlevel for each in task.filters] for key, task in said.items()}
    assert levels == {f"maintenance:{ended}": [1], f"maintenance:{lasting}": [2]}
    again = await left(lambda session: change_filter(session, alice, pk, filter_=Filter(maxlevel=3)))
    assert list(again) == [f"maintenance:{lasting}"]
    said = await left(lambda session: change_maintenance(session, alice, ended, description="late"))
    assert said[f"maintenance:{ended}"].filters[0].filter.maxlevel == 1


async def test_a_source_that_keeps_its_name_is_not_published_again(left, sessions):
    async with sessions.begin() as session:
        await add_source(session, "nav1", "nav")

    async def rename(session, name):
        await rename_source(session, await source_of_slug(session, "nav1"), name)

    assert await left(lambda session: rename(session, "nav1")) == {}
    assert len(await left(lambda session: rename(session, "nav2"))) == 1


async def test_one_more_thing_in_a_profile_or_a_task_is_published(left, sessions, alice):
    async with sessions.begin() as session:
        pks = [(await add_filter(session, alice, name, Filter(maxlevel=1))).id for name in ("f", "g")]
        slots = [(await add_timeslot(session, alice, name, [WORK])).id for name in ("first", "second")]
        profile = (await add_profile(session, alice, timeslots=slots[:1], filters=pks[:1])).id
        task = (await add_maintenance(session, alice, filters=pks[:1], starts_at=NOW)).id
    key = f"profile:{profile}"

    said = await left(lambda session: change_profile(session, alice, profile, Wish(filters=pks)))
    assert [each.pk for each in said[key].filters] == pks
    said = await left(lambda session: change_profile(session, alice, profile, Wish(timeslots=slots)))
    assert [each.pk for each in said[key].timeslots] == slots
    said = await left(lambda session: change_maintenance(session, alice, task, filters=pks))
    assert [each.pk for each in said[f"maintenance:{task}"].filters] == pks
