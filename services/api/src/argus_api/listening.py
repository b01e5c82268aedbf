"""The relay's own connection to PostgreSQL: it holds the lock that makes the relay one, and hears of new rows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, NamedTuple

from psycopg import AsyncConnection

from argus_database.configuration.outbox import CHANNEL
from argus_database.engine import CONNECT_SECONDS, database_url

Connection = AsyncConnection[tuple[Any, ...]]

LOCK = 0x4172677573_03
"""The advisory lock of the relay: whoever holds it publishes, the other api processes wait."""

NEXT = """
    select id, topic, key, value, created_at from (
        select *, row_number() over next as number, sum(coalesce(octet_length(value), 0)) over next as bytes
        from (select * from outbox where id > %s order by id limit %s) few
        window next as (order by id)
    ) counted
    where number = 1 or bytes <= %s order by id
"""


class Row(NamedTuple):
    """A row of the outbox."""

    id: int
    topic: str
    key: str
    value: bytes | None
    created_at: datetime


class Outbox:
    """The outbox, for the one who holds the lock; losing the connection loses the lock with it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def is_ours(self) -> bool:
        """Take the lock if nobody has it, and tell whether we do."""
        return await takes(self._connection, LOCK)

    async def listen(self) -> None:
        """Be told of new rows from now on."""
        await self._connection.execute(f"listen {CHANNEL}")

    async def rows(self, after: int, most: int, most_bytes: int) -> Sequence[Row]:
        """Return the next rows after an id, in the order of their commits: so many at most, and no more bytes.

        One is returned however large it is.
        """
        cursor = await self._connection.execute(NEXT, [after, most, most_bytes])
        return [Row(*row) for row in await cursor.fetchall()]

    async def remove(self, ids: Sequence[int]) -> None:
        """Delete rows that are published."""
        await self._connection.execute("delete from outbox where id = any(%s)", [list(ids)])

    async def until_announced(self, seconds: float) -> None:
        """Return when new rows were announced, also since the last time, or after `seconds`."""
        async for _ in self._connection.notifies(timeout=seconds, stop_after=1):
            return


@asynccontextmanager
async def open_outbox(url: str) -> AsyncIterator[Outbox]:
    """Give the outbox of the database at `url` on a connection of its own."""
    async with connected(url, "argus relay") as connection:
        yield Outbox(connection)


@asynccontextmanager
async def connected(url: str, application: str) -> AsyncIterator[Connection]:
    """Give a connection that commits by itself; a lock of its session ends with it."""
    plain = database_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await AsyncConnection.connect(
        plain,
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        application_name=application,
        options="-c timezone=UTC",
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
    )
    try:
        yield connection
    finally:
        await connection.close()


async def takes(connection: Connection, lock: int) -> bool:
    """Take an advisory lock if nobody has it, and tell whether we do."""
    cursor = await connection.execute("select pg_try_advisory_lock(%s)", [lock])
    row = await cursor.fetchone()
    return row is not None and bool(row[0])
