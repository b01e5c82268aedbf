"""The connection to the read model: one that listens, one that asks, and the knowledge whether they are there."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack, suppress
from typing import Any, TypeVar

import psycopg
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.announcements import CHANNEL, Announcement
from argus_database.configuration import changes
from argus_database.engine import Sessions, connect_arguments, database_url
from argus_database.failures import FAILURES, Failure, failure, is_there
from argus_ingest.metrics import DATABASE_FAILURES
from argus_ingest.readmodel import repository
from argus_ingest.readmodel.patience import Patience
from argus_ingest.readmodel.positions import Positions
from argus_ingest.readmodel.repository import Connection
from argus_runtime.health import Check
from argus_runtime.kafka.records import Partition

SECONDS_TO_CONNECT = 3.0
SECONDS_TO_ANSWER = 1.5
SECONDS_BETWEEN_TRIES = 0.5
SECONDS_BETWEEN_CHECKS = 1.0
SECONDS_BETWEEN_READS = 0.05
"""While somebody waits: an announcement is a hint only."""

T = TypeVar("T")
log = logging.getLogger(__name__)


class Unreachable(Exception):
    """PostgreSQL is away; known at once, not after a timeout."""


class BrokenOff(Unreachable):
    """PostgreSQL is there, but did not do this: it took too long, or something else was in its way."""


class Postgres:
    """Asks the read model, and never lets a request wait for a server that is known to be away."""

    def __init__(self, url: str, sessions: Sessions, positions: Positions, check: Check) -> None:
        self._url = url
        self._sessions = sessions
        self.positions = positions
        """How far the store is, as far as PostgreSQL has said."""
        self._check = check
        self._asking: Connection | None = None
        self._forget: Callable[[int | None], None] = lambda _: None
        self._lost = asyncio.Event()
        self._patience = Patience(SECONDS_TO_ANSWER)
        self.tried = asyncio.Event()
        """Set once it is known whether PostgreSQL is there."""

    @property
    def reachable(self) -> bool:
        """Whether PostgreSQL answered lately."""
        return self._asking is not None

    def on_account(self, forget: Callable[[int | None], None]) -> None:
        """Call `forget` with each user whose account changes, or None where that may have been anybody's."""
        self._forget = forget

    async def ask(self, question: Callable[[Connection], Awaitable[T]]) -> T:
        """Return the answer of `question`, one statement that reads, on the connection that commits by itself.

        Raises:
            BrokenOff: PostgreSQL gave it up, twice if something else was in its way.
            Unreachable: PostgreSQL is away.
        """
        return await self._guarded(question)

    async def work(self, work: Callable[[AsyncSession], Awaitable[T]], *, tells: bool = True) -> T:
        """Do `work` in a transaction of a session, which is its only effect.

        What writes may wait for a lock that somebody else holds; then it `tells` nothing of the server.

        Raises:
            BrokenOff: PostgreSQL gave it up, twice if something else was in its way.
            Unreachable: PostgreSQL is away, or too slow with this.
        """

        async def within(_connection: Connection) -> T:
            async with self._sessions.begin() as session:
                return await work(session)

        return await self._guarded(within, tells=tells)

    async def _guarded(self, question: Callable[[Connection], Awaitable[T]], *, tells: bool = True) -> T:
        try:
            return await self._asked(question, tells=tells)
        except BrokenOff as error:
            if failure(error.__cause__ or error) is not Failure.CONFLICT:
                raise
            return await self._asked(question, tells=tells)

    async def _asked(self, question: Callable[[Connection], Awaitable[T]], *, tells: bool) -> T:
        connection = self._asking
        if connection is None:
            raise Unreachable
        try:
            return await self._patience.answer(question(connection))
        except FAILURES as error:
            DATABASE_FAILURES.labels(failure(error) or "refused").inc()
            if is_there(error):
                raise BrokenOff from error
            if tells and connection is self._asking:
                self._lose(error)
            raise Unreachable from error

    async def watch(self) -> None:
        """Keep connected and follow the store's positions until cancelled."""
        while True:
            try:
                await self._connected()
            except (*FAILURES, Unreachable) as error:  # without its tables it is as good as away
                self._lose(error)
            await asyncio.sleep(SECONDS_BETWEEN_TRIES)

    async def _connected(self) -> None:
        async with AsyncExitStack() as ending:
            async with asyncio.timeout(SECONDS_TO_CONNECT):
                listening = await self._open("argus-ingest-listen", ending)
                asking = await self._open("argus-ingest", ending)
                await listening.execute(f"LISTEN {CHANNEL}")
                await listening.execute(f"LISTEN {changes.CHANNEL}")
                self._take(await repository.positions(asking))
            self._win(asking)
            self._forget(None)  # what was announced before nobody heard
            try:
                async with asyncio.TaskGroup() as tasks:
                    tasks.create_task(self._listen(listening))
                    tasks.create_task(self._read())
                    tasks.create_task(self._until_lost())
            except* (*FAILURES, Unreachable) as errors:
                self._lose(errors.exceptions[0])

    async def _open(self, application: str, ending: AsyncExitStack) -> Connection:
        conninfo = database_url(self._url).set(drivername="postgresql").render_as_string(hide_password=False)
        arguments: dict[str, Any] = connect_arguments(application, None)
        connection = await psycopg.AsyncConnection.connect(conninfo, autocommit=True, **arguments)
        ending.push_async_callback(connection.close)  # not `async with`, which would talk to a server that hangs
        return connection

    async def _listen(self, connection: Connection) -> None:
        async for announcement in connection.notifies():
            if announcement.channel == changes.CHANNEL:
                self._forget(changes.user_in(announcement.payload))
                continue
            with suppress(ValueError):  # whoever may connect may announce anything
                said = Announcement.read(announcement.payload)
                self.positions.moved(Partition(said.topic, said.partition), said.next_offset, said)
        raise Unreachable

    async def _read(self) -> None:
        while True:
            with suppress(BrokenOff):
                self._take(await self.ask(repository.positions))
            self.positions.check()
            if self.positions.waiting:
                await asyncio.sleep(SECONDS_BETWEEN_READS)
            else:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self.positions.somebody_waits(), SECONDS_BETWEEN_CHECKS)
                await asyncio.sleep(SECONDS_BETWEEN_READS)

    async def _until_lost(self) -> None:
        await self._lost.wait()
        raise Unreachable

    def _take(self, found: dict[Partition, int]) -> None:
        for partition, next_offset in found.items():
            self.positions.moved(partition, next_offset)

    def _win(self, asking: Connection) -> None:
        self._lost.clear()
        self._asking = asking
        self.positions.reachable = True
        self._check.ok("PostgreSQL answers")
        self.tried.set()

    def _lose(self, error: BaseException) -> None:
        if self._asking is not None:
            log.warning("PostgreSQL is away: %s", error)
        self._asking = None
        self.positions.lost()
        self._lost.set()
        self._check.failed(f"PostgreSQL is away: {type(error).__name__}")
        self.tried.set()
