"""The relay's own connection to PostgreSQL: it holds the lock that makes the relay one, and hears of new rows."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import NamedTuple

from psycopg import AsyncConnection

from argus_database.configuration.outbox import CHANNEL
from argus_database.engine import CONNECT_SECONDS, database_url

LOCK = 0x4172677573_03
"""The advisory lock of the relay: whoever holds it publishes, the other api processes wait."""


class Row(NamedTuple):
    """A row of the outbox."""

    id: int
    topic: str
    key: str
    value: bytes | None
    created_at: datetime


class Outbox:
    """The outbox, for the one who holds the lock; losing the connection loses the lock with it."""

    def __init__(self, connection: AsyncConnection[tuple[object, ...]]) -> None:
        self._connection = connection

    async def is_ours(self) -> bool:
        """Take the lock if nobody has it, and tell whether we do."""
        cursor = await self._connection.execute("select pg_try_advisory_lock(%s)", [LOCK])
        row = await cursor.fetchone()
        return row is not None and bool(row[0])

    async def listen(self) -> None:
        """Be told of new rows from now on."""
        await self._connection.execute(f"listen {CHANNEL}")

    async def rows(self, after: int, most: int) -> Sequence[Row]:
        """Return the next rows after an id, in the order of their commits."""
        cursor = await self._connection.execute(
            "select id, topic, key, value, created_at from outbox where id > %s order by id limit %s", [after, most]
        )
        return [Row(*row) for row in await cursor.fetchall()]  # type: ignore[arg-type]  # psycopg cannot know the columns

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
    plain = database_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    connection = await AsyncConnection.connect(
        plain,
        autocommit=True,
        connect_timeout=CONNECT_SECONDS,
        application_name="argus relay",
        options="-c timezone=UTC",
        keepalives_idle=5,
        keepalives_interval=2,
        keepalives_count=3,
    )
    try:
        yield Outbox(connection)
    finally:
        await connection.close()
