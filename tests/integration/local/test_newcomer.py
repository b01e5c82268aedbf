import stat

import pytest
from sqlalchemy import delete, func, select

from argus_database.configuration.users import add_user
from argus_database.engine import open_database
from argus_database.tables.accounts import SourceRow, TokenRow, UserRow
from argus_database.tables.outbox import OutboxRow
from argus_database.tables.profiles import ProfileRow
from argus_local.data import DataFolder
from argus_local.newcomer import welcome


@pytest.fixture
async def sessions(database_url):
    async with open_database(database_url) as sessions:
        yield sessions


@pytest.fixture
def data(tmp_path):
    return DataFolder(tmp_path)


async def count(sessions, row) -> int:
    async with sessions() as session:
        return int(await session.scalar(select(func.count()).select_from(row)))


async def test_a_newcomer_finds_an_administrator_a_source_and_a_profile_that_tells_everything(sessions, data):
    credentials = await welcome(sessions, data, demo=True)

    assert set(credentials["admin"]) == {"username", "password", "token"}
    assert {"user_token", "source_token", "username", "password"} <= set(credentials["demo"])
    async with sessions() as session:
        admin = await session.scalar(select(UserRow).where(UserRow.username == "admin"))
        assert admin.is_superuser
        source = await session.scalar(select(SourceRow))
        assert source.slug == "demo"
    assert await count(sessions, ProfileRow) == 1
    assert await count(sessions, OutboxRow) >= 3


async def test_credentials_stay_as_they_are_at_the_next_start(sessions, data):
    first = await welcome(sessions, data, demo=True)

    assert await welcome(sessions, data, demo=True) == first
    assert await count(sessions, TokenRow) == 3
    assert stat.S_IMODE(data.credentials.stat().st_mode) == 0o600


async def test_lost_credentials_are_made_anew_for_the_same_accounts(sessions, data):
    first = await welcome(sessions, data, demo=True)
    data.credentials.unlink()

    second = await welcome(sessions, data, demo=True)

    assert second["admin"]["token"] != first["admin"]["token"]
    assert await count(sessions, UserRow) == 3
    assert await count(sessions, ProfileRow) == 1


async def test_accounts_that_may_be_somebodys_keep_their_passwords(sessions, data):
    async with sessions.begin() as session:
        await add_user(session, "admin", password="known to somebody", is_superuser=True)
    async with sessions() as session:
        before = await session.scalar(select(UserRow.password))

    credentials = await welcome(sessions, data, demo=False, new_passwords=False)

    assert credentials["admin"]["password"] is None
    assert credentials["admin"]["token"]
    async with sessions() as session:
        assert await session.scalar(select(UserRow.password)) == before


async def test_credentials_of_another_database_are_not_trusted(sessions, data):
    first = await welcome(sessions, data, demo=True)
    async with sessions.begin() as session:
        await session.execute(delete(TokenRow))

    second = await welcome(sessions, data, demo=True)

    assert second["demo"]["source_token"] != first["demo"]["source_token"]


async def test_without_the_demo_there_is_an_administrator_alone(sessions, data):
    credentials = await welcome(sessions, data, demo=False)

    assert list(credentials) == ["admin"]
    assert await count(sessions, UserRow) == 1
