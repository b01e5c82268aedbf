"""What other processes change of accounts, so that a token that was given up elsewhere is none here either."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

import psycopg

from argus_database.configuration.changes import CHANNEL, user_in
from argus_database.engine import connect_arguments, database_url

SECONDS_BETWEEN_TRIES = 1.0
SECONDS_BETWEEN_LOOKS = 5.0
"""A connection that died silently is found out by then."""


async def hear(url: str, forget: Callable[[int | None], None], stop: asyncio.Event) -> None:
    """Call `forget` with each user whose account changes, until `stop` is set; None: anybody's may have.

    While PostgreSQL is away, accounts are believed for as long as ever: five seconds.
    """
    async with asyncio.TaskGroup() as tasks:
        listening = tasks.create_task(_listen(url, forget))
        await stop.wait()
        listening.cancel()


async def _listen(url: str, forget: Callable[[int | None], None]) -> None:
    plain = database_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    while True:
        with suppress(psycopg.Error, OSError):
            await _follow(plain, forget)
        await asyncio.sleep(SECONDS_BETWEEN_TRIES)


async def _follow(conninfo: str, forget: Callable[[int | None], None]) -> None:
    connection = await psycopg.AsyncConnection.connect(
        conninfo,
        autocommit=True,
        **connect_arguments("argus-api-listen", None),  # type: ignore[arg-type]  # all are what psycopg knows
    )
    try:
        await connection.execute(f"LISTEN {CHANNEL}")
        forget(None)  # what was announced before nobody heard
        while True:
            async for announcement in connection.notifies(timeout=SECONDS_BETWEEN_LOOKS):
                forget(user_in(announcement.payload))
            await connection.execute("select 1")
    finally:
        await connection.close()
