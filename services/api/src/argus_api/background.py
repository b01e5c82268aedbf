"""What goes on beside the answering of requests."""

import asyncio
from collections.abc import Coroutine, Mapping
from datetime import datetime
from typing import Any

from argus_api.database import Database
from argus_http.accounts import account, forget_expired, session_account
from argus_http.authentication import Credentials, Sessions, Tokens
from argus_http.last_seen import LastSeen, write_last_seen
from argus_http.principals import Account

SECONDS_BETWEEN_WRITES = 1.0
SECONDS_TO_END = 3.0

Work = Coroutine[Any, Any, None]


async def together(*side: Work, main: Work) -> None:
    """Run `main` to its end and `side` work beside it, which then has a few seconds to end by itself.

    Raises:
        ExceptionGroup: some of it failed.
    """
    async with asyncio.TaskGroup() as tasks:
        beside = [tasks.create_task(work) for work in side]
        await tasks.create_task(main)
        _, late = await asyncio.wait(beside, timeout=SECONDS_TO_END)
        for task in late:
            task.cancel()


def credentials(database: Database) -> Credentials:
    """Return what says who holds a token or a session, as PostgreSQL has it."""

    async def look_up(digest: str) -> Account | None:
        async with database.reading() as session:
            return await account(session, digest)

    async def look_up_session(digest: str) -> Account | None:
        async with database.reading() as session:
            return await session_account(session, digest)

    async def forget(digest: str) -> None:
        async with database.writing() as session:
            await forget_expired(session, digest)

    return Credentials(Tokens(look_up, forget=forget), Sessions(look_up_session))


async def keep_last_seen(last_seen: LastSeen, database: Database, stop: asyncio.Event) -> None:
    """Write when sources were last seen, looking once a second, until `stop` is set."""

    async def write(seen: Mapping[int, datetime]) -> None:
        async with database.writing() as session:
            await write_last_seen(session, seen)

    while not stop.is_set():
        try:
            async with asyncio.timeout(SECONDS_BETWEEN_WRITES):
                await stop.wait()
        except TimeoutError:
            await last_seen.flush(write)
