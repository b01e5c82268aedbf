"""`argus profile` turns profiles on and off, whosever they are."""

import asyncio

import pytest
from sqlalchemy import select

from argus_database.configuration.filters import add_filter
from argus_database.configuration.profiles import add_profile
from argus_database.configuration.users import add_user
from argus_database.engine import open_database
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import ProfileRow, TimeslotRow
from argus_schemas.configuration import Filter, Profile
from argus_schemas.topics import RULES


@pytest.fixture
def profiles(database_url):
    """Return the pks of an active and an inactive profile."""

    async def write():
        async with open_database(database_url) as sessions, sessions.begin() as session:
            user = await add_user(session, "alice")
            (timeslot,) = await session.scalars(select(TimeslotRow.id))
            filter_ = await add_filter(session, user.id, "all", Filter(maxlevel=5))
            return [
                (
                    await add_profile(
                        session, user.id, timeslots=[timeslot], filters=[filter_.id], name=f"{active}", active=active
                    )
                ).id
                for active in (True, False)
            ]

    return asyncio.run(write())


def rows(database_url, statement):
    async def read():
        async with open_database(database_url) as sessions, sessions() as session:
            return (await session.execute(statement)).all()

    return asyncio.run(read())


@pytest.mark.rule(163)
def test_profiles_are_toggled_and_those_that_are_not_there_reported(argus, database_url, profiles):
    on, off = profiles

    result = argus("profile", "toggle", str(on), "999", str(off), str(2**70), str(on), code=1)

    assert result.stdout == f"Profile {on} is inactive.\nProfile {off} is active.\n"
    assert result.stderr == f"There is no profile 999.\nThere is no profile {2**70}.\n"
    assert rows(database_url, select(ProfileRow.id, ProfileRow.active).order_by(ProfileRow.id)) == [
        (on, False), (off, True),
    ]  # fmt: skip


def test_who_matches_is_told_of_a_toggle(argus_json, database_url, profiles):
    on, _ = profiles

    assert argus_json("profile", "toggle", str(on)) == {"active": {str(on): False}, "unknown": []}

    published = select(OutboxRow.value).where(OutboxRow.topic == RULES.name, OutboxRow.key == f"profile:{on}")
    *_, (last,) = rows(database_url, published.order_by(OutboxRow.id))
    profile = RULES.decode(last)
    assert isinstance(profile, Profile)
    assert not profile.active


def test_a_profile_is_named_by_its_pk(argus):
    argus("profile", "toggle", code=2)
    argus("profile", "toggle", "all", code=2)
