"""Sessions on PostgreSQL for requests: while it is away, they are told so at once and may try again."""

import asyncio
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, suppress
from functools import wraps
from typing import ParamSpec, TypeVar

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.metrics import FAILURES as COUNTED
from argus_api.metrics import REPEATED
from argus_database.engine import Sessions
from argus_database.failures import FAILURES, Failure, failure, is_there
from argus_http.errors import Unavailable
from argus_runtime.health import Check

SECONDS_BETWEEN_CHECKS = 1.0
SECONDS_FOR_A_CHECK = 3.0
SECONDS_FOR_A_REQUEST = 15.0
"""A server that hangs must not keep requests for ever."""

WRITERS = 5
"""At a time: they wait for each other in PostgreSQL, each with a connection that readers would else wait for."""

TOLD = {
    Failure.AWAY: "PostgreSQL cannot be reached; try again.",
    Failure.SLOW: "PostgreSQL took too long over this request; ask for less, or try again.",
    Failure.CONFLICT: "Another request was in the way of this one in PostgreSQL; try again.",
    Failure.BUSY: "PostgreSQL has no connection, memory or space to spare; try again.",
}

log = logging.getLogger(__name__)

P = ParamSpec("P")
T = TypeVar("T")


class InTheWay(Unavailable):
    """A transaction was rolled back since another was in its way; nothing of it has happened."""


def repeated(handle: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[T]]:
    """Do it once more where another transaction was in the way; for what has no effect but in one transaction."""

    @wraps(handle)
    async def twice(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return await handle(*args, **kwargs)
        except InTheWay:
            REPEATED.inc()
            return await handle(*args, **kwargs)

    return twice


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
            Unavailable: PostgreSQL is away, or could not do it now.
        """
        async with self._guarded(), self._sessions() as session:
            yield session

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncSession]:
        """Give a session whose transaction is committed at the end.

        Raises:
            InTheWay: another transaction was in its way.
            Unavailable: PostgreSQL is away, or could not do it now.
        """
        async with self._guarded(), self._writers, self._sessions.begin() as session:
            yield session

    def _guarded(self) -> AbstractAsyncContextManager[None]:
        if self._away:  # a request need not wait for the connection timeout again
            COUNTED.labels(Failure.AWAY).inc()
            raise Unavailable(TOLD[Failure.AWAY])
        return _translated()

    async def watch(self, stop: asyncio.Event) -> None:
        """Tell the check every second whether PostgreSQL answers, until `stop` is set."""
        while not stop.is_set():
            try:
                async with asyncio.timeout(SECONDS_FOR_A_CHECK), self._sessions() as session:
                    await session.execute(text("select 1 from users limit 1"))
            except FAILURES as error:
                self._away = not is_there(error)
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
    except FAILURES as error:
        meaning = failure(error)
        if meaning is None:
            raise
        COUNTED.labels(meaning).inc()
        log.warning("a request could not be answered (%s): %s", meaning, _reason(error))
        raise (InTheWay if meaning is Failure.CONFLICT else Unavailable)(TOLD[meaning]) from error


def _reason(error: BaseException) -> str:
    lines = str(getattr(error, "orig", None) or error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
