"""Connections to PostgreSQL."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from types import MappingProxyType

from sqlalchemy import URL, AdaptedConnection, Engine, make_url
from sqlalchemy.event import listen
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine

Sessions = async_sessionmaker[AsyncSession]
"""Gives sessions: `async with sessions.begin() as session` is a unit of work."""

CONNECT_SECONDS = 3
POOL_WAIT_SECONDS = 5


NO_SETTINGS: Mapping[str, str] = MappingProxyType({})

READS = {
    "jit": "off",
    "plan_cache_mode": "force_custom_plan",
    "parallel_setup_cost": "20000",
    "random_page_cost": "1.1",
}
"""For lists that anybody may ask for: planned for the values in them, since a rare word, source or tag needs another
plan than a frequent one; neither compiled nor, unless they count millions, spread over processes, of which each takes
longer to begin than a page; and along the index of a filter, although its rows lie apart: most are in memory."""


def database_url(url: str) -> URL:
    """Return `url` for psycopg 3, whichever driver it names or none."""
    return make_url(url).set(drivername="postgresql+psycopg")


def connect_arguments(
    application: str, idle_in_transaction: timedelta | None, settings: Mapping[str, str] = NO_SETTINGS
) -> dict[str, object]:
    """Return what psycopg needs so that a dead server is noticed soon and every session speaks UTC."""
    options = "-c timezone=UTC"
    if idle_in_transaction is not None:
        milliseconds = int(idle_in_transaction.total_seconds() * 1000)
        options += f" -c idle_in_transaction_session_timeout={milliseconds}"
    options += "".join(f" -c {name}={value}" for name, value in settings.items())
    return {
        "connect_timeout": CONNECT_SECONDS,
        "options": options,
        "application_name": application,
        "keepalives_idle": 5,
        "keepalives_interval": 2,
        "keepalives_count": 3,
    }


@asynccontextmanager
async def open_database(
    url: str,
    *,
    application: str = "argus",
    pool_size: int = 5,
    overflow: int = 5,
    idle_in_transaction: timedelta | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
) -> AsyncIterator[Sessions]:
    """Give sessions on the database at `url`; nothing is connected until the first statement.

    A session that does nothing inside a transaction for `idle_in_transaction` is ended by the server. `settings` are
    PostgreSQL's own, for all sessions.
    """
    engine = create_async_engine(
        database_url(url),
        pool_size=pool_size,
        max_overflow=overflow,
        pool_timeout=POOL_WAIT_SECONDS,
        # A connection that died in an outage would else fail the first request after it.
        pool_pre_ping=True,
        connect_args=connect_arguments(application, idle_in_transaction, settings),
    )
    ending = _Ending(engine.sync_engine)
    try:
        yield async_sessionmaker(engine, expire_on_commit=False)
    finally:
        ending.begun = True
        await engine.dispose()


class _Ending:
    """Closes connections that come back, or are opened, after their engine was disposed of: its pool forgets them.

    So it is with an answer that was given up and is still being cancelled when its service ends.
    """

    def __init__(self, engine: Engine) -> None:
        self.begun = False
        for event in ("connect", "checkin"):
            listen(engine, event, self.take_back)

    def take_back(self, connection: AdaptedConnection | None, _record: object) -> None:
        """Close a connection, once the end has begun; the pool calls it."""
        if self.begun and connection is not None:
            connection.driver_connection.pgconn.finish()  # its own `close` does no more, and has to be awaited
