"""Authentication with Argus's own words: a token, else a session (specification 2.2)."""

import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import NamedTuple

from litestar.enums import ScopeType
from litestar.middleware import ASGIMiddleware
from litestar.types import ASGIApp, Receive, Scope, Send

from argus_database.configuration.tokens import digest_of
from argus_http.cookies import csrf_fits, session_in
from argus_http.errors import ApiError, NotAuthenticated
from argus_http.principals import Account, Principal
from argus_http.remembered import SECONDS, LookUp, Remembered

KEYWORD = "token"
SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
"""Methods that change nothing, so that a session may use them without more."""


class Shown(NamedTuple):
    """What a request shows of its sender."""

    authorization: str | None = None
    cookie: str | None = None
    csrf: str | None = None
    method: str = "GET"


Holder = Callable[[Shown], Awaitable[Principal]]


def names_token(header: str | None) -> bool:
    """Tell whether an `Authorization` header is one with a token."""
    words = (header or "").split(maxsplit=1)
    return bool(words) and words[0].lower() == KEYWORD


def key_in(header: str | None) -> str:
    """Return the key in an `Authorization` header.

    Raises:
        NotAuthenticated: there is none, with Argus's reason.
    """
    if not names_token(header):
        raise NotAuthenticated
    words = (header or "").split()
    if len(words) == 1:
        raise NotAuthenticated("Invalid token header. No credentials provided.")
    if len(words) > 2:
        raise NotAuthenticated("Invalid token header. Token string should not contain spaces.")
    return words[1]


class Tokens:
    """Says who holds a token."""

    def __init__(
        self,
        look_up: LookUp,
        *,
        forget: Callable[[str], Awaitable[None]] | None = None,
        clock: Callable[[], float] = time.monotonic,
        remembered: float = SECONDS,
    ) -> None:
        self._forget = forget
        self.remembered = Remembered(look_up, clock=clock, seconds=remembered)

    async def holder(self, header: str | None) -> Principal:
        """Return whom the `Authorization` header names.

        Raises:
            NotAuthenticated: nobody who may come in.
        """
        digest = digest_of(key_in(header))
        account = await self.remembered.account(digest)
        if account is None:
            raise NotAuthenticated("Invalid token.")
        if account.kind != "knox" and not account.active:
            raise NotAuthenticated("User inactive or deleted.")
        if _is_over(account):
            self.remembered.forget(digest)
            if self._forget is not None:
                await self._forget(digest)
            raise NotAuthenticated("Invalid token." if account.kind == "knox" else "Token has expired.")
        if not account.active:
            raise NotAuthenticated("User inactive or deleted.")
        return account.principal


class Sessions:
    """Says whose browser is logged in."""

    def __init__(self, look_up: LookUp) -> None:
        self.remembered = Remembered(look_up)

    async def holder(self, shown: Shown) -> Principal:
        """Return whose session the cookie names.

        Raises:
            NotAuthenticated: nobody's.
            ApiError: 403, it would change something without the token that proves that its own page sent it.
        """
        key = session_in(shown.cookie)
        account = None if key is None else await self.remembered.account(digest_of(key))
        if key is None or account is None or not account.active or _is_over(account):
            raise NotAuthenticated
        if shown.method not in SAFE:
            check_csrf(key, shown.csrf)
        return account.principal


class Credentials:
    """Says who sends a request: by its token, or where it names none by its session."""

    def __init__(self, tokens: Tokens, sessions: Sessions) -> None:
        self._tokens = tokens
        self._sessions = sessions

    async def holder(self, shown: Shown) -> Principal:
        """Return who sends the request.

        Raises:
            NotAuthenticated: nobody who may come in.
        """
        if shown.cookie is None or names_token(shown.authorization):
            return await self._tokens.holder(shown.authorization)
        return await self._sessions.holder(shown)

    def forget(self, user: int | None) -> None:
        """Believe nothing of what was known of a user, or of everybody."""
        self._tokens.remembered.forget_user(user)
        self._sessions.remembered.forget_user(user)


class Authentication(ASGIMiddleware):
    """Puts the principal into the request as its `user`; handlers with `opt={"public": True}` need none."""

    scopes = (ScopeType.HTTP,)
    exclude_opt_key = "public"

    def __init__(self, holder: Holder) -> None:
        self._holder = holder

    async def handle(self, scope: Scope, receive: Receive, send: Send, next_app: ASGIApp) -> None:
        """Authenticate, then go on."""
        scope["user"] = await self._holder(shown_in(scope))
        await next_app(scope, receive, send)


def shown_in(scope: Scope) -> Shown:
    """Return what the headers of a request show of its sender."""
    authorization = cookie = csrf = None
    for name, value in scope["headers"]:
        if name == b"authorization":
            authorization = authorization or value.decode("latin-1")
        elif name == b"cookie":  # HTTP/2 may send several
            cookie = value.decode("latin-1") if cookie is None else f"{cookie}; {value.decode('latin-1')}"
        elif name == b"x-csrftoken":
            csrf = value.decode("latin-1")
    return Shown(authorization, cookie, csrf, scope["method"] if scope["type"] == ScopeType.HTTP else "")


def check_csrf(key: str, sent: str | None) -> None:
    """Refuse what does not come from a page of ours.

    Raises:
        ApiError: 403, with the reason.
    """
    if not sent:
        raise ApiError(403, {"detail": "CSRF Failed: CSRF token missing."})
    if not csrf_fits(key, sent):
        raise ApiError(403, {"detail": "CSRF Failed: CSRF token from the 'X-Csrftoken' HTTP header incorrect."})


def _is_over(account: Account) -> bool:
    return account.expires_at is not None and account.expires_at <= datetime.now(UTC)
