"""Keys for the API: got with a password or another key, and given up (specification 2.2)."""

from typing import Any, TypedDict

from litestar import Request, Response, post

from argus_api import context
from argus_api.context import Api, Asked, Context
from argus_api.database import repeated
from argus_api.logins import WRONG, tried_in
from argus_api.wishes.accounts import LoginBody
from argus_database.configuration import changes, tokens
from argus_database.configuration.errors import NoSuch
from argus_database.configuration.tokens import digest_of
from argus_http.authentication import Shown, key_in, names_token
from argus_http.bodies import LARGEST_BODY
from argus_http.described import refusing
from argus_http.errors import ApiError, NotAuthenticated, invalid
from argus_http.fields import BLANK, NUL, NULL, REQUIRED
from argus_http.moments import shown

PUBLIC = {"public": True}
CODES = {
    REQUIRED: "required", NULL: "null", BLANK: "blank", NUL: "null_characters_not_allowed", WRONG: "authorization",
}  # fmt: skip
"""What Argus calls some of its errors inside."""
NO_TOKEN = "No token for the user '{}' exists, one needs to be created in the admin interface."  # noqa: S105


class Key(TypedDict):
    """A token."""

    token: str


class Login(Key):
    """A token, and until when it counts."""

    expiry: str


@post(
    "/api/v2/token-auth/", opt=PUBLIC, status_code=200, request_max_body_size=LARGEST_BODY,
    **refusing((400, 413, 415, 429, 503), LoginBody),
)  # fmt: skip
async def give_token(request: Request[Any, Any, Any], api: Api) -> Response[Key]:
    """Give a token for a name and a password; the one that was given before counts no longer."""
    user = await _with_password(request, api)
    async with api.database.writing() as session:
        key = await tokens.renew_token(session, user, api.logins.lifetime)
        await changes.note_login(session, user)
    api.credentials.forget(user)
    return context.shown(Key(token=key))


@post("/api/v2/auth/refresh-token/", status_code=200, **refusing((400, 401, 403, 503)))
@repeated
async def refresh_token(request: Asked, api: Api) -> Response[Key]:
    """Give another token in place of the one that is used here."""
    header = request.headers.get("authorization")
    presented = digest_of(key_in(header)) if names_token(header) else ""
    try:
        async with api.database.writing() as session:
            key = await tokens.replace_token(session, request.user.pk, presented, api.logins.lifetime)
    except NoSuch:
        raise NotAuthenticated("Invalid token.") from None
    if key is None:
        raise invalid([NO_TOKEN.format(request.user.username)])
    api.credentials.forget(request.user.pk)
    return context.shown(Key(token=key))


@post(
    "/api/v2/auth/token/login/", opt=PUBLIC, status_code=200, request_max_body_size=LARGEST_BODY,
    **refusing((403, 413, 429, 503), LoginBody),
)  # fmt: skip
async def log_in(request: Request[Any, Any, Any], api: Api) -> Response[Login]:
    """Give a token that counts for ten hours, for a name and a password, or without a body for another token."""
    by_password = bool(await request.body())
    header = request.headers.get("authorization")
    try:
        if by_password:
            user = await _with_password(request, api)
        else:
            user = (await api.credentials.holder(Shown(header))).pk
    except ApiError as error:
        if error.status not in {400, 401, 415}:
            raise
        raise ApiError(403, {"detail": _as_text(error.body)}) from None
    try:
        async with api.database.writing() as session:
            login = await tokens.log_in(session, user, "" if by_password else digest_of(key_in(header)))
            if by_password:
                await changes.note_login(session, user)
    except NoSuch:
        raise ApiError(403, {"detail": "Invalid token."}) from None
    expiry = shown(login.expires_at, api.zone) or ""
    return context.shown(Login(expiry=expiry, token=login.key))


@post("/api/v2/auth/token/logout/", status_code=204, **refusing((401, 403, 503)))
async def log_out(request: Asked, api: Api) -> None:
    """Give up the token of a login that is used here."""
    await _log_out(request, api, everywhere=False)


@post("/api/v2/auth/token/logoutall", status_code=204, **refusing((401, 403, 503)))
async def log_out_everywhere(request: Asked, api: Api) -> None:
    """Give up the tokens of all logins of the user."""
    await _log_out(request, api, everywhere=True)


@repeated
async def _log_out(request: Asked, api: Context, *, everywhere: bool) -> None:
    digest = digest_of(key_in(request.headers.get("authorization")))
    async with api.database.writing() as session:
        user = await tokens.login_holder(session, digest)
        if user is None:
            raise NotAuthenticated("Invalid token.")
        await tokens.log_out(session, user, None if everywhere else digest)
    api.credentials.forget(user)


async def _with_password(request: Request[Any, Any, Any], api: Context) -> int:
    entrant = await api.logins.entrant(await tried_in(request))
    if entrant is None:
        raise invalid({"non_field_errors": [WRONG]})
    return entrant.pk


def _as_text(body: Any) -> str:
    """Return an error as the text that Argus makes of it."""
    if "detail" in body and isinstance(body["detail"], str):
        return str(body["detail"])
    fields = (f"{name!r}: [{', '.join(map(_detail, errors))}]" for name, errors in body.items())
    return "{" + ", ".join(fields) + "}"


def _detail(text: str) -> str:
    return f"ErrorDetail(string={text!r}, code={CODES.get(text, 'invalid')!r})"
