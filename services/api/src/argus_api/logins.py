"""Logging in with a password: as slow for names that there are not, and soon refused to who guesses."""

import asyncio
from collections.abc import AsyncIterator, Callable, Collection
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from litestar import Request

from argus_api.database import Database
from argus_api.metrics import LOGINS
from argus_api.repositories import accounts as repository
from argus_database.configuration import login_limits, passwords, users
from argus_database.configuration.login_limits import Key, Limits
from argus_database.tables.accounts import UserRow
from argus_http.bodies import content
from argus_http.errors import Unavailable, throttled
from argus_http.fields import BLANK, NOT_TEXT, Fields, Wrong, filled

AT_ONCE = passwords.AT_ONCE
MOST_WAITING = 50
"""Beyond that, who wants to log in is asked to come again: about two seconds of work wait already."""

LONGEST_NAME = 254
LONGEST_PASSWORD = 4096
WRONG = "Unable to log in with provided credentials."


class Tried(NamedTuple):
    """What somebody tries to log in with, and from where."""

    username: str
    password: str
    address: str


class Entrant(NamedTuple):
    """A user who gave the right password, and the hash that is kept of it."""

    pk: int
    kept: str


def _now() -> datetime:
    return datetime.now(UTC)


class Logins:
    """Knows who gives the right password.

    Passwords are computed a few at a time in threads, and only so many may wait for that: a storm of logins takes its
    time, while other requests are answered. The limits are looked at before the wait, and again right before the
    computation, so that many guesses at once are no more than as many as are computed at once.
    """

    def __init__(
        self,
        database: Database,
        *,
        limits: Limits = Limits(),  # noqa: B008  it is frozen
        most_waiting: int = MOST_WAITING,
        lifetime: timedelta = timedelta(days=14),
        clock: Callable[[], datetime] = _now,
        hasher: passwords.Hasher = passwords.HASHER,
    ) -> None:
        self._database = database
        self._limits = limits
        self._clock = clock
        self._hasher = hasher
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._most_waiting = most_waiting
        self._waiting = 0
        self.lifetime = lifetime
        """For which a token of `token-auth` counts."""

    async def entrant(self, tried: Tried) -> Entrant | None:
        """Return who may come in with this password, or None.

        Raises:
            ApiError: 429, too many have failed with this name or from this address.
            Unavailable: too many log in at the moment, or PostgreSQL is away.
        """
        await self._allowed(tried)
        async with self._slot():
            keys = await self._allowed(tried)
            async with self._database.reading() as session:
                found = await repository.user_named(session, tried.username)
            right = await passwords.fits(tried.password, found.password if found else None, self._hasher)
            if found is None or not right or not found.is_active:
                async with self._database.writing() as session:
                    await login_limits.count_failure(session, keys, self._clock())
                LOGINS.labels("refused").inc()
                return None
            kept = await self._keep(found, tried)
        LOGINS.labels("accepted").inc()
        return Entrant(found.id, kept)

    async def _allowed(self, tried: Tried) -> Collection[Key]:
        """Return what a failure counts for, or raise 429."""
        now = self._clock()
        async with self._database.reading() as session:
            known = await login_limits.is_known(session, tried.username, tried.address, now)
            keys = self._limits.keys(tried.username, tried.address, known=known)
            seconds = await login_limits.seconds_to_wait(session, keys, now)
        if seconds:
            LOGINS.labels("throttled").inc()
            raise throttled(seconds)
        return keys

    async def _keep(self, user: UserRow, tried: Tried) -> str:
        """Keep from where a user comes, and a hash of the password with the parameters of today; return the hash."""
        kept = user.password or ""
        outdated = passwords.is_outdated(kept, self._hasher)
        renewed = await passwords.hashed(tried.password, self._hasher) if outdated else None
        async with self._database.writing() as session:
            await login_limits.note_address(session, user.id, tried.address, self._clock())
            if renewed is not None:
                await users.renew_hash(session, user.id, kept, renewed)
        return renewed or kept

    @asynccontextmanager
    async def _slot(self) -> AsyncIterator[None]:
        if self._waiting >= self._most_waiting:
            raise Unavailable("Too many log in at the moment; try again.")
        self._waiting += 1
        try:
            async with self._slots:
                yield
        finally:
            self._waiting -= 1


async def tried_in(request: Request[Any, Any, Any]) -> Tried:
    """Return what a request tries to log in with.

    Raises:
        ApiError: 400, a name or a password is missing.
    """
    fields = Fields(await content(request), UTC)
    username = fields.read("username", lambda value: filled(value, LONGEST_NAME), "", required=True)
    password = fields.read("password", _password, "", required=True)
    fields.check()
    return Tried(username, password, request.client.host if request.client else "")


def _password(value: Any) -> str:
    """Return a password as it was typed, blanks included."""
    if isinstance(value, bool) or not isinstance(value, str | int | float):
        raise Wrong([NOT_TEXT])
    said = str(value)
    if not said:
        raise Wrong([BLANK])
    if len(said) > LONGEST_PASSWORD:
        raise Wrong([f"Ensure this field has no more than {LONGEST_PASSWORD} characters."])
    return said.encode(errors="replace").decode()
