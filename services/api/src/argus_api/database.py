"""Sessions on PostgreSQL for requests: while it is away, they are told so at once and may try again."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress

from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.engine import Sessions
from argus_http.errors import Unavailable
from argus_runtime.health import Check

SECONDS_BETWEEN_CHECKS = 1.0
SECONDS_FOR_A_CHECK = 3.0
SECONDS_FOR_A_REQUEST = 15.0
"""A server that hangs must not keep requests for ever."""

WRITERS = 5
"""At a time: they wait for each other in PostgreSQL, each with a connection that readers would else wait for."""

AWAY = "PostgreSQL cannot be reached; try again."

log = logging.getLogger(__name__)


class Database:
    """Gives sessions, and knows whether PostgreSQL answers."""

    def __init__(self, sessions: Sessions, check: Check) -> None:
        self._sessions = sessions
        self._check = check
        self._away = False
        self._writers = asyncio.Semaphore(WRITERS)

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncSession]:
        """Give a session to read with.

        Raises:
            Unavailable: PostgreSQL is away.
        """
        async with self._guarded(), self._sessions() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a session whose transaction is committed at the end.

        Raises:
            Unavailable: PostgreSQL is away.
        """
        async with self._guarded(), self._writers, self._sessions.begin() as session:
            yield session

    def _guarded(self) -> AbstractAsyncContextManager[None]:
        if self._away:  # a request need not wait for the connection timeout again
            raise Unavailable(AWAY)
        return _translated()

    async def watch(self, stop: asyncio.Event) -> None:
        """Tell the check every second whether PostgreSQL answers, until `stop` is set."""
        while not stop.is_set():
            try:
                async with asyncio.timeout(SECONDS_FOR_A_CHECK), self._sessions() as session:
                    await session.execute(text("select 1 from users limit 1"))
            except (DBAPIError, PoolTimeoutError, TimeoutError, OSError) as error:
                self._away = not isinstance(error, PoolTimeoutError)
                self._check.failed(f"PostgreSQL does not answer: {_reason(error)}")
            else:
                self._away = False
                self._check.ok("PostgreSQL answers")
            with suppress(TimeoutError):
                async with asyncio.timeout(SECONDS_BETWEEN_CHECKS):
                    await stop.wait()


@asynccontextmanager
async def _translated() -> AsyncIterator[None]:
    try:
        async with asyncio.timeout(SECONDS_FOR_A_REQUEST):
            yield
    except (OperationalError, InterfaceError, PoolTimeoutError, OSError) as error:  # a timeout is an OSError
        log.warning("a request could not be answered: %s", _reason(error))
        raise Unavailable(AWAY) from error
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise Unavailable(AWAY) from error


def _reason(error: BaseException) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
