"""Who goes is forgotten by all that read the log; who is kept out is told nothing (specification 1.1, 1.18)."""

import asyncio
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select

from argus_database.configuration import outbox
from argus_database.configuration.destinations import add_destination
from argus_database.configuration.errors import InUse, Kept, Refused
from argus_database.configuration.filters import add_filter
from argus_database.configuration.leaving import delete_user
from argus_database.configuration.maintenance import add_maintenance, maintenance
from argus_database.configuration.profiles import add_profile
from argus_database.configuration.timeslots import add_timeslot
from argus_database.configuration.tokens import create_token
from argus_database.configuration.users import add_user, set_active
from argus_database.tables.accounts import TokenRow, UserRow
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import FilterRow, TimeslotRow
from argus_schemas.configuration import Filter
from tests.eventually import eventually
from tests.integration.api.rows import an_event, an_incident

HOUR = timedelta(hours=1)


@pytest.fixture
async def carol(sessions):
    """A user with something of everything; who the keys of its documents name."""
    async with sessions.begin() as session:
        user = (await add_user(session, "carol", email="carol@example.org")).id
        await create_token(session, "carol")
        slot = await add_timeslot(session, user, "never", [])
        filter_ = await add_filter(session, user, "f", Filter(maxlevel=1), public=True)
        hook = {"url": "http://x.example.org/"}
        destination = await add_destination(session, user, "webhook", hook, encrypt=lambda text, _: text)
        await add_profile(session, user, timeslots=[slot.id], filters=[filter_.id], destinations=[destination.id])
        await add_maintenance(session, user, filters=[filter_.id])
    return user, filter_.id


@pytest.fixture
def until_published(sessions):
    async def empty():
        async with sessions() as session:
            return await session.scalar(select(func.count()).select_from(OutboxRow)) == 0

    async def wait():
        await eventually(empty, within=20)

    return wait


async def test_each_document_of_a_user_who_is_deleted_has_its_tombstone(
    sessions, carol, relaying, published, until_published
):
    async with relaying():
        await until_published()
        before = dict(await published())
        async with sessions.begin() as session:
            await delete_user(session, "carol")
        await until_published()

    kinds = [key.partition(":")[0] for key in before]
    assert sorted(kinds) == ["destination", "destination", "maintenance", "profile"]
    assert None not in before.values()
    assert dict(await published()) == dict.fromkeys(before)
    async with sessions() as session:
        for table in (UserRow, TokenRow, TimeslotRow, FilterRow):
            assert await session.scalar(select(func.count()).select_from(table)) == 0


async def test_a_deletion_that_is_taken_back_leaves_no_tombstone(sessions, carol):
    async def waiting():
        async with sessions() as session:
            return (await session.scalars(select(OutboxRow.id))).all()

    before = await waiting()
    async with sessions() as session:
        await delete_user(session, "carol")
        await session.rollback()
    assert await waiting() == before


async def test_the_log_says_of_all_that_a_user_has_that_it_is_kept_out_and_let_in(
    sessions, carol, relaying, published, until_published
):
    async def owner_is_active():
        await until_published()
        latest = dict(await published())
        return {document.owner_active for key, document in latest.items() if not key.startswith("maintenance")}

    async with relaying():
        assert await owner_is_active() == {True}
        for active in (False, True):
            async with sessions.begin() as session:
                await set_active(session, "carol", active=active)
            assert await owner_is_active() == {active}


async def test_a_user_of_whom_incidents_tell_stays(people, sessions):
    incident = await an_incident(sessions, people.pks["nav"], tags=["host=x"])
    await an_event(sessions, incident, "ACK", people.pks["alice"])
    for who in ("alice", "nav1", "zabbix"):
        async with sessions() as session:
            with pytest.raises(Kept, match="only made inactive"):
                await delete_user(session, who)
    async with sessions() as session:
        with pytest.raises(Refused, match="no user named"):
            await delete_user(session, "nobody")


async def test_nobody_waits_while_it_is_looked_for_what_incidents_tell_of_a_user(people, sessions):
    """All events may have to be read for it, while others change configuration."""
    incident = await an_incident(sessions, people.pks["nav"])
    await an_event(sessions, incident, "ACK", people.pks["alice"])
    async with sessions.begin() as other, sessions() as session, asyncio.timeout(10):
        await outbox.lock(other)
        with pytest.raises(Kept, match="only made inactive"):
            await delete_user(session, "alice")


async def test_a_user_whose_filter_others_use_stays_until_they_do_not(people, sessions, carol):
    _, filter_ = carol
    now = datetime.now(UTC)
    async with sessions.begin() as session:
        admin = people.pks["admin"]
        task = await add_maintenance(session, admin, filters=[filter_], starts_at=now - 2 * HOUR, ends_at=now + HOUR)
        pk = task.id
    async with sessions() as session:
        with pytest.raises(InUse, match=rf"planned maintenance task\(s\): {pk}\."):
            await delete_user(session, "carol")
    async with sessions.begin() as session:
        (await maintenance(session, pk)).ends_at = now - HOUR
    async with sessions.begin() as session:
        await delete_user(session, "carol")
    async with sessions() as session:
        assert [each.id for each in (await maintenance(session, pk)).filters] == [filter_]
