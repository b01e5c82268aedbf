"""Browsers log in and out; the session's cookies are made here, and its CSRF token is asked for by authentication."""

from typing import Any
from urllib.parse import urlsplit

from litestar import Request, Response, post

from argus_api.context import Api, Context
from argus_api.database import repeated
from argus_api.logins import WRONG, tried_in
from argus_api.wishes.accounts import LoginBody
from argus_database.configuration import changes, sessions
from argus_database.configuration.errors import Refused
from argus_database.configuration.tokens import digest_of
from argus_http import cookies
from argus_http.bodies import LARGEST_BODY
from argus_http.described import refusing
from argus_http.errors import ApiError, invalid


@post(
    "/accounts/login/", opt={"public": True}, status_code=204, request_max_body_size=LARGEST_BODY,
    **refusing((400, 403, 413, 415, 429, 503), LoginBody),
)  # fmt: skip
async def log_in(request: Request[Any, Any, Any], api: Api) -> Response[None]:
    """Log a browser in with a name and a password: it gets a session."""
    _check_origin(request, api)
    entrant = await api.logins.entrant(await tried_in(request))
    if entrant is None:
        raise invalid({"non_field_errors": [WRONG]})
    try:
        async with api.database.writing() as session:
            key = await sessions.open_session(session, entrant.pk, kept=entrant.kept)
            await changes.note_login(session, entrant.pk)
    except Refused:
        raise invalid({"non_field_errors": [WRONG]}) from None
    return Response(None, status_code=204, cookies=cookies.given(key))


@post("/accounts/logout/", status_code=204, **refusing((401, 403, 503)))
@repeated
async def log_out(request: Request[Any, Any, Any], api: Api) -> Response[None]:
    """End the session of the browser that asks."""
    key = cookies.session_in(request.headers.get("cookie"))
    if key is not None:
        async with api.database.writing() as session:
            user = await sessions.close_session(session, digest_of(key))
        if user is not None:  # None would be everybody
            api.credentials.forget(user)
    return Response(None, status_code=204, cookies=cookies.taken())


def _check_origin(request: Request[Any, Any, Any], api: Context) -> None:
    """Refuse pages of others, which would log a browser in under a name that its user does not know.

    Raises:
        ApiError: 403, as Argus words it.
    """
    origin = request.headers.get("origin")
    ours = {request.headers.get("host"), _host(api.base_url)}
    if origin is not None and (_host(origin) is None or _host(origin) not in ours):
        detail = f"CSRF Failed: Origin checking failed - {origin} does not match any trusted origins."
        raise ApiError(403, {"detail": detail})


def _host(url: str) -> str | None:
    try:
        return urlsplit(url).netloc or None
    except ValueError:
        return None
