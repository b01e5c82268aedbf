"""Token authentication with Argus's own words (specification 2.2)."""

import asyncio
import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from argus_http.errors import NotAuthenticated
from argus_http.principals import Account, Principal

KEYWORD = "token"
REMEMBERED = 5.0
"""Seconds for which a token's account is believed without asking again."""
MOST_REMEMBERED = 10_000

LookUp = Callable[[str], Awaitable[Account | None]]
"""From the SHA-256 digest of a token to what it leads to; None: there is no such token."""


def digest_of(key: str) -> str:
    """Return what is stored of a token."""
    return hashlib.sha256(key.encode()).hexdigest()


def key_in(header: str | None) -> str:
    """Return the key in an `Authorization` header.

    Raises:
        NotAuthenticated: there is none, with Argus's reason.
    """
    words = (header or "").split()
    if not words or words[0].lower() != KEYWORD:
        raise NotAuthenticated
    if len(words) == 1:
        raise NotAuthenticated("Invalid token header. No credentials provided.")
    if len(words) > 2:
        raise NotAuthenticated("Invalid token header. Token string should not contain spaces.")
    return words[1]


class Tokens:
    """Says who holds a key; asks `look_up` at most once in five seconds for each, once at a time."""

    def __init__(
        self,
        look_up: LookUp,
        *,
        forget: Callable[[str], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.monotonic,
        remembered: float = REMEMBERED,
    ) -> None:
        self._look_up = look_up
        self._forget = forget
        self._clock = clock
        self._remembered = remembered
        self._known: OrderedDict[str, tuple[float, Account]] = OrderedDict()
        self._asking: dict[str, asyncio.Task[Account | None]] = {}

    async def holder(self, header: str | None) -> Principal:
        """Return whom the `Authorization` header names.

        Raises:
            NotAuthenticated: nobody who may come in.
        """
        key = key_in(header)
        digest = digest_of(key)
        account = await self._account(digest)
        if account is None:
            raise NotAuthenticated("Invalid token.")
        if account.kind != "knox" and not account.active:
            raise NotAuthenticated("User inactive or deleted.")
        if account.expires_at is not None and account.expires_at <= datetime.now(UTC):
            self._known.pop(digest, None)
            if self._forget is not None:
                await self._forget(digest)
            raise NotAuthenticated("Invalid token." if account.kind == "knox" else "Token has expired.")
        if not account.active:
            raise NotAuthenticated("User inactive or deleted.")
        return account.principal

    async def _account(self, digest: str) -> Account | None:
        known = self._known.get(digest)
        if known is not None and self._clock() - known[0] < self._remembered:
            return known[1]
        asking = self._asking.get(digest)
        if asking is None:
            asking = self._asking[digest] = asyncio.create_task(self._ask(digest))
            asking.add_done_callback(lambda _: self._asking.pop(digest, None))
        return await asyncio.shield(asking)

    async def _ask(self, digest: str) -> Account | None:
        asked_at = self._clock()
        account = await self._look_up(digest)
        self._known.pop(digest, None)
        if account is not None:
            self._known[digest] = (asked_at, account)
            if len(self._known) > MOST_REMEMBERED:
                self._known.popitem(last=False)
        return account


class Authentication(ASGIMiddleware):
    """Puts the principal into the request as its `user`; handlers with `opt={"public": True}` need none."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "public"

    def __init__(self, holder: Callable[[str | None], Awaitable[Principal]]) -> None:
        self._holder = holder

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Authenticate, then go on."""
        header = next((value.decode("latin-1") for name, value in scope["headers"] if name == b"authorization"), None)
        scope["user"] = await self._holder(header)
        await next_app(scope, receive, send)
