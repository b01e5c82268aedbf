"""The HTTP API as one user sees it."""

import asyncio
import json
import urllib.request
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager
from http import HTTPStatus
from typing import Any
from urllib.error import HTTPError
from urllib.parse import urlencode
from uuid import uuid4

from argus_cli.environment import Settings
from argus_cli.errors import MISUSED, UNAVAILABLE, Failure
from argus_database.configuration.tokens import digest_of, log_in, log_out
from argus_database.engine import Sessions

SECONDS_FOR_AN_ANSWER = 60
AWAY = frozenset({HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT})
WHERE = "ARGUS_URL says where it is; `argus up` starts everything."


class Api:
    """Asks the API with somebody's key."""

    def __init__(self, url: str, key: str) -> None:
        self._url = url.rstrip("/")
        self._key = key

    async def get(self, path: str, query: Mapping[str, object] | None = None) -> dict[str, Any]:
        """Return what is at `path` below `/api/v2/`.

        Raises:
            Failure: it was refused, or nobody answered.
        """
        return await asyncio.to_thread(self._ask, "GET", f"{path}?{urlencode(query)}" if query else path, None)

    async def post(self, path: str, body: Mapping[str, object], *, partly: str = "") -> dict[str, Any]:
        """Post `body`; a refusal that has a key `partly` is an answer, too.

        Raises:
            Failure: it was refused, or nobody answered.
        """
        return await asyncio.to_thread(self._ask, "POST", path, json.dumps(body).encode(), partly)

    def _ask(self, method: str, path: str, body: bytes | None, partly: str = "") -> dict[str, Any]:
        headers = {"Authorization": f"Token {self._key}", "Accept": "application/json"}
        if body is not None:
            headers |= {"Content-Type": "application/json", "Idempotency-Key": str(uuid4())}
        try:
            request = urllib.request.Request(f"{self._url}/api/v2/{path}", body, headers, method=method)  # noqa: S310
            with _OPENER.open(request, timeout=SECONDS_FOR_AN_ANSWER) as answer:
                return self._read(answer.read())
        except HTTPError as error:
            with error:
                return self._refused(error, error.read(), partly)
        except (OSError, ValueError) as error:
            reason = getattr(error, "reason", error)
            raise Failure(f"The API does not answer on {self._url}: {reason}", f"Is it running? {WHERE}", UNAVAILABLE) \
                from error  # fmt: skip

    def _refused(self, error: HTTPError, answer: bytes, partly: str) -> dict[str, Any]:
        if HTTPStatus.MULTIPLE_CHOICES <= error.code < HTTPStatus.BAD_REQUEST:
            raise Failure(f"{self._url} sends us to {error.headers['Location']}.", WHERE, MISUSED)
        try:
            body = json.loads(answer)
        except ValueError:
            body = f"{error.code} {error.reason}"
        if partly and isinstance(body, dict) and partly in body:
            return body
        said = f"The API refuses it: {in_words(body)}"
        if error.code in AWAY:
            raise Failure(said, "It may have been done in part; see, and try again.", UNAVAILABLE)
        if error.code == HTTPStatus.TOO_MANY_REQUESTS:
            raise Failure(said, f"Try again after {error.headers.get('Retry-After', 'some')} seconds.", UNAVAILABLE)
        raise Failure(said)

    def _read(self, answer: bytes) -> dict[str, Any]:
        try:
            body = json.loads(answer)
        except ValueError:
            body = None
        if not isinstance(body, dict):
            raise Failure(f"Something else than the API answers on {self._url}.", WHERE, MISUSED)
        return body


@asynccontextmanager
async def acting_as(where: Settings, sessions: Sessions, user: int) -> AsyncIterator[Api]:
    """Give the API as a user sees it, through a login that ends with the context.

    Raises:
        Failure: nobody has said where the API is.
    """
    if not where.url:
        raise Failure("Nobody has said where the API is.", WHERE, MISUSED)
    async with sessions.begin() as session:
        login = await log_in(session, user)
    try:
        yield Api(where.url, login.key)
    finally:
        async with sessions.begin() as session:
            await log_out(session, user, digest_of(login.key))


def in_words(body: object) -> str:
    """Return an error's body in one line: `tags, 0: The key of the tag cannot be empty.`."""
    return "; ".join(dict.fromkeys(" ".join(line.split()) for line in _lines(body, ())))


def _lines(body: object, path: tuple[str, ...]) -> Iterator[str]:
    match body:
        case dict():
            for name, value in body.items():
                yield from _lines(value, path if name in {"detail", "non_field_errors"} else (*path, str(name)))
        case list():
            for value in body:
                yield from _lines(value, path)
        case _:
            yield f"{', '.join(path)}: {body}" if path else str(body)


class _StayHere(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: a post would become a get, and the key would go to another address."""

    def redirect_request(self, *_: Any) -> None:
        """Return no request."""


_OPENER = urllib.request.build_opener(_StayHere)
