"""`argus user quiet` lets a user be told of nothing for a while."""

import asyncio
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from argus_database.engine import open_database
from argus_database.tables.accounts import UserRow


def quiet_until(database_url):
    async def read():
        async with open_database(database_url) as sessions, sessions() as session:
            return await session.scalar(select(UserRow.quiet_until).where(UserRow.username == "alice"))

    return asyncio.run(read())


def test_a_user_is_told_of_nothing_until_then_and_told_again(argus, database_url):
    argus("user", "add", "alice")
    until = (datetime.now(UTC) + timedelta(days=1)).replace(microsecond=0)

    said = argus("user", "quiet", "alice", "--until", until.replace(tzinfo=None).isoformat())
    assert said.output == f"alice is quiet until {until:%Y-%m-%d %H:%M} UTC.\n"
    assert quiet_until(database_url) == until

    assert argus("user", "quiet", "alice").output == "alice is told.\n"
    assert quiet_until(database_url) is None


def test_a_moment_that_cannot_be_and_a_user_who_is_not_there_are_refused(argus):
    argus("user", "add", "alice")
    argus("user", "quiet", "alice", "--until", "soon", code=2)
    assert "past" in argus("user", "quiet", "alice", "--until", "2001-01-01", code=1).output
    assert "30 days" in argus("user", "quiet", "alice", "--until", "9999-12-31T23:59:59", code=1).output
    assert "no user named" in argus("user", "quiet", "nobody", code=1).output
