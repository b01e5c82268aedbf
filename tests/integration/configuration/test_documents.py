"""Each configuration write leaves the documents that it changes in the outbox."""

import asyncio
from datetime import UTC, datetime, time, timedelta
from itertools import pairwise

import pytest
from sqlalchemy import select

from argus_database.configuration import passwords
from argus_database.configuration.destinations import add_destination, delete_destination
from argus_database.configuration.errors import InUse, NoSuch, Refused
from argus_database.configuration.filters import add_filter, change_filter, delete_filter
from argus_database.configuration.maintenance import add_maintenance, delete_maintenance
from argus_database.configuration.profiles import add_profile, change_profile, delete_profile
from argus_database.configuration.publish import everything
from argus_database.configuration.sources import add_source
from argus_database.configuration.timeslots import add_timeslot, change_timeslot, delete_timeslot
from argus_database.configuration.tokens import create_token, digest_of
from argus_database.configuration.users import add_user, set_active, set_password
from argus_database.configuration.wishes import Wish
from argus_database.tables.accounts import UserRow
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import DestinationRow, TimeslotRow
from argus_schemas.configuration import Filter
from argus_schemas.schedules import Recurrence

WORK = Recurrence(days=(1, 2, 3, 4, 5), start=time(8), end=time(16))


def encrypt(text: str, bound_to: str) -> str:
    return f"encrypted:{bound_to}:{text[::-1]}"


async def a_profile(session, user, **changes):
    filter_ = await add_filter(session, user, "bad ones", Filter(maxlevel=2))
    slot = await add_timeslot(session, user, "work", [WORK])
    hook = await add_destination(session, user, "webhook", {"url": "http://x.example.org/"}, encrypt=encrypt)
    wishes = {"name": "mine", "timeslots": [slot.id], "filters": [filter_.id], "destinations": [hook.id]} | changes
    return await add_profile(session, user, **wishes), filter_, slot, hook


async def test_a_new_user_has_all_the_time_and_a_destination_for_the_address(sessions, outbox):
    async with sessions.begin() as session:
        user = await add_user(session, "alice", password="pw", email="alice@example.org", first_name="Alice")

    async with sessions() as session:
        slot = await session.scalar(select(TimeslotRow).where(TimeslotRow.user_id == user.id))
        destination = await session.scalar(select(DestinationRow).where(DestinationRow.user_id == user.id))
    assert (slot.name, destination.managed) == ("All the time", True)
    assert await passwords.fits("pw", user.password)
    assert not await passwords.fits("wrong", user.password)
    ((key, document),) = await outbox()
    assert key == f"destination:{destination.id}"
    assert document.settings == {"email_address": "alice@example.org"}


async def test_a_name_that_is_taken_or_cannot_be_is_refused(sessions):
    async with sessions.begin() as session:
        await add_user(session, "alice")
        with pytest.raises(Refused, match="already"):
            await add_user(session, "alice")
        with pytest.raises(Refused, match="letters"):
            await add_user(session, "a lice")
        with pytest.raises(Refused, match="address"):
            await add_user(session, "bob", email="nonsense")


async def test_a_source_comes_with_its_user_and_a_token_is_known_by_its_digest(sessions, outbox):
    async with sessions.begin() as session:
        source = await add_source(session, "NAV Oslo", "nav", base_url="http://nav.example.org/")
        key = await create_token(session, "NAV-Oslo", expires=timedelta(days=1))

    (_, before), (_, document) = await outbox()
    assert (source.slug, document.slug, document.source.username) == ("nav-oslo", "nav-oslo", "NAV-Oslo")
    assert before.tokens == ()
    assert [token.digest for token in document.tokens] == [digest_of(key)]
    assert document.tokens[0].expires_at > datetime.now(UTC)
    assert document.version > before.version
    assert len(key) == 64


async def test_a_slug_is_unique_and_follows_its_rules(sessions):
    async with sessions.begin() as session:
        await add_source(session, "nav", "nav", slug="shared")
        assert (await add_source(session, "shared", "nav")).slug == "shared-2"
        for slug in ("shared", "Nav", "a b", "a.b", "", "x" * 61):
            with pytest.raises(Refused, match="slug"):
                await add_source(session, "other", "nav", slug=slug)
        with pytest.raises(Refused, match="already exists"):
            await add_source(session, "nav", "nav")
        with pytest.raises(Refused, match="lowercase"):
            await add_source(session, "nav", "123")


@pytest.mark.parametrize(
    "url",
    ["notaurl", "nav.example.org", "ftp://nav.example.org/", "http://", "http://a b/", "http://[1", "http://nav/"],
)
async def test_the_url_of_a_source_is_one_of_the_web(sessions, url):
    async with sessions.begin() as session:
        with pytest.raises(Refused, match="no URL"):
            await add_source(session, "nav", "nav", base_url=url)


async def test_a_name_without_letters_for_a_slug_needs_one_that_is_said(sessions):
    async with sessions.begin() as session:
        with pytest.raises(Refused, match="--slug"):
            await add_source(session, "ÆØÅ", "nav")
        assert (await add_source(session, "ÆØÅ", "nav", slug="aeoeaa")).slug == "aeoeaa"


async def test_a_taken_username_of_a_source_gets_a_suffix(sessions):
    async with sessions.begin() as session:
        await add_user(session, "nav")
        source = await add_source(session, "nav", "nav")
        user = await session.get(UserRow, source.user_id)
    assert user.username.startswith("nav_")


async def test_secrets_are_encrypted_before_they_reach_a_row(sessions, outbox):
    async with sessions.begin() as session:
        user = await add_user(session, "alice")
        settings = {"url": "http://x.example.org/", "secret": "c2VjcmV0", "extra": 1}
        row = await add_destination(session, user.id, "webhook", settings, encrypt=encrypt)

    expected = {"url": "http://x.example.org/", "secret": encrypt("c2VjcmV0", f"destination:{row.id}:secret")}
    ((_, document),) = await outbox()
    assert row.settings == expected
    assert document.settings == expected


@pytest.mark.parametrize(
    ("media", "settings", "label", "reason"),
    [
        ("pigeon", {}, None, "object does not exist"),
        ("webhook", {"url": "http://x.example.org/"}, None, "these settings"),
        ("webhook", {"url": "http://y.example.org/"}, "home", "this medium and label"),
        ("webhook", {"url": "http://y.example.org/"}, "x" * 51, "no more than 50"),
    ],
)
async def test_a_destination_is_refused(sessions, media, settings, label, reason):
    async with sessions.begin() as session:
        user = (await add_user(session, "alice")).id
        await add_destination(session, user, "webhook", {"url": "http://x.example.org/"}, label="home", encrypt=encrypt)
        with pytest.raises(Refused, match=reason):
            await add_destination(session, user, media, settings, label=label, encrypt=encrypt)


async def test_a_profile_embeds_its_filters_and_timeslots(sessions, outbox):
    async with sessions.begin() as session:
        user = (await add_user(session, "alice")).id
        profile, filter_, slot, hook = await a_profile(session, user)

    key, document = (await outbox())[-1]
    assert (key, document.owner, document.owner_active) == (f"profile:{profile.id}", user, True)
    assert [(each.pk, each.filter.maxlevel) for each in document.filters] == [(filter_.id, 2)]
    assert [(each.pk, each.recurrences) for each in document.timeslots] == [(slot.id, (WORK,))]
    assert document.destinations == (hook.id,)


async def test_changing_what_is_embedded_publishes_what_embeds_it(sessions, outbox):
    async with sessions.begin() as session:
        user = (await add_user(session, "alice")).id
        profile, filter_, slot, _ = await a_profile(session, user)
        await add_maintenance(session, user, filters=[filter_.id], description="works")

    async with sessions.begin() as session:
        await change_filter(session, user, filter_.id, filter_=Filter(maxlevel=4))
    (rule, task) = (await outbox())[-2:]
    assert [rule[1].filters[0].filter.maxlevel, task[1].filters[0].filter.maxlevel] == [4, 4]

    async with sessions.begin() as session:
        await change_timeslot(session, user, slot.id, recurrences=[], zone="Europe/Oslo")
    assert (await outbox())[-1][1].timeslots[0].zone == "Europe/Oslo"

    async with sessions.begin() as session:
        await change_profile(session, user, profile.id, Wish(active=False))
    assert (await outbox())[-1][1].active is False


async def test_who_leaves_takes_profiles_destinations_and_source_along(sessions, outbox):
    async with sessions.begin() as session:
        source = await add_source(session, "nav", "nav")
        await a_profile(session, source.user_id)
    before = len(await outbox())
    async with sessions.begin() as session:
        await set_active(session, "nav", active=False)

    left = (await outbox())[before:]
    assert [key.split(":")[0] for key, _ in left] == ["source", "destination", "profile"]
    latest = dict(left)
    assert latest[f"source:{source.id}"].active is False
    assert {each.owner_active for key, each in latest.items() if not key.startswith("source")} == {False}


async def test_what_is_in_use_stays(sessions):
    async with sessions.begin() as session:
        user = (await add_user(session, "alice")).id
        profile, filter_, _, hook = await a_profile(session, user)
        with pytest.raises(InUse, match="mine"):
            await delete_filter(session, user, filter_.id)
        with pytest.raises(InUse, match="mine"):
            await delete_destination(session, user, hook.id)
        await delete_profile(session, user, profile.id)
        await delete_filter(session, user, filter_.id)
        await delete_destination(session, user, hook.id)


async def test_what_is_deleted_leaves_a_tombstone(sessions, outbox):
    async with sessions.begin() as session:
        user = (await add_user(session, "alice")).id
        profile, filter_, slot, hook = await a_profile(session, user)
        tomorrow = datetime.now(UTC) + timedelta(days=1)
        task = await add_maintenance(session, user, filters=[filter_.id], starts_at=tomorrow)
    async with sessions.begin() as session:
        await delete_timeslot(session, user, slot.id)
        await delete_destination(session, user, hook.id)
        await delete_maintenance(session, task.id)

    latest = dict(await outbox())
    assert latest[f"profile:{profile.id}"] is None
    assert latest[f"destination:{hook.id}"] is None
    assert latest[f"maintenance:{task.id}"].deleted


async def test_what_is_somebody_elses_and_private_cannot_be_used(sessions):
    async with sessions.begin() as session:
        alice = (await add_user(session, "alice")).id
        bob = (await add_user(session, "bob")).id
        _, filter_, slot, hook = await a_profile(session, alice)
        public = await add_filter(session, alice, "public", Filter(maxlevel=1), public=True)
        own = await add_timeslot(session, bob, "work", [WORK])

        with pytest.raises(NoSuch):
            await add_profile(session, bob, timeslots=[own.id], filters=[filter_.id])
        with pytest.raises(NoSuch):
            await add_profile(session, bob, timeslots=[own.id], filters=[public.id], destinations=[hook.id])
        with pytest.raises(Refused, match="timeslot"):
            await add_profile(session, bob, timeslots=[slot.id], filters=[public.id])
        with pytest.raises(NoSuch):
            await change_filter(session, bob, public.id, name="mine now")
        with pytest.raises(Refused, match="empty"):
            await add_profile(session, bob, timeslots=[own.id], filters=[])
        await add_profile(session, bob, timeslots=[own.id], filters=[public.id])


async def test_a_password_can_be_changed(sessions):
    async with sessions.begin() as session:
        await add_user(session, "alice")
        await set_password(session, "alice", "new")
    async with sessions() as session:
        kept = await session.scalar(select(UserRow.password))
    assert await passwords.fits("new", kept)
    assert kept.startswith("$argon2")


async def test_what_rolls_back_leaves_nothing_in_the_outbox(sessions, outbox):
    async with sessions() as session:
        await add_source(session, "nav", "nav")
        await session.rollback()
    assert await outbox() == []


async def test_versions_are_in_the_order_of_commits_under_concurrent_writers(sessions, outbox):
    async with sessions.begin() as session:
        user = (await add_user(session, "alice")).id
        profile, filter_, slot, _ = await a_profile(session, user)
    seen: list[int] = []

    async def watch(done):
        while not done.is_set():
            async with sessions() as session:
                ids = list(await session.scalars(select(OutboxRow.id).order_by(OutboxRow.id)))
            assert ids[: len(seen)] == seen, "a lower id became visible after a higher one"
            seen[:] = ids

    async def write(number):
        for turn in range(5):
            async with sessions.begin() as session:
                another = Filter(tags=(f"writer={number}-{turn}",))
                await change_filter(session, user, filter_.id, filter_=another)
                await asyncio.sleep(0)
            async with sessions.begin() as session:
                await change_timeslot(session, user, slot.id, name=f"slot {number} {turn}")

    done = asyncio.Event()
    watching = asyncio.create_task(watch(done))
    await asyncio.gather(*(write(number) for number in range(6)))
    done.set()
    await watching

    documents = [document for key, document in await outbox() if key == f"profile:{profile.id}"]
    assert len(documents) == 61
    versions = [document.version for document in documents]
    assert versions == sorted(versions)
    async with sessions() as session:
        rows = await session.scalars(select(OutboxRow.id))
        assert set(versions) <= set(rows)
    for earlier, later in pairwise(documents):
        changed = (earlier.filters != later.filters) + (earlier.timeslots != later.timeslots)
        assert changed <= 1, "a document went back to what an earlier write had already changed"


async def test_everything_can_be_published_anew(sessions, outbox):
    async with sessions.begin() as session:
        source = await add_source(session, "nav", "nav")
        await a_profile(session, source.user_id)
    before = dict(await outbox())
    async with sessions.begin() as session:
        await everything(session)

    after = dict(await outbox())
    assert before.keys() == after.keys()
    assert all(after[key].version > before[key].version for key in before)


async def test_what_could_never_be_published_is_refused(sessions, outbox):
    large = Filter(tags=tuple(f"k={number:08}".ljust(300, "x") for number in range(100)))
    async with sessions.begin() as session:
        user = (await add_user(session, "alice")).id
        slot = await add_timeslot(session, user, "work", [WORK])
        filters = [(await add_filter(session, user, f"large {number}", large)).id for number in range(36)]
        await add_profile(session, user, timeslots=[slot.id], filters=filters[:30], name="some")
    async with sessions() as session:
        with pytest.raises(Refused, match="can be published"):
            await add_profile(session, user, timeslots=[slot.id], filters=filters, name="all")
    assert len(await outbox()) == 1
