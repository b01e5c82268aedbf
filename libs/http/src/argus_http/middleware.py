"""What every response gets: our version; a redirect for a missing last slash; 400 for a host that is none."""

from functools import lru_cache
from importlib.metadata import version
from urllib.parse import quote, urlsplit

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

from argus_http.authentication import Authentication
from argus_http.conventions import Conventions

VERSION = version("argus-http")
_VERSION_HEADER = (b"argus-stream-version", VERSION.encode())

SLASHED = ("/api/v2/", "/api/v3/")
"""Where paths end in a slash (specification 0, 19)."""

NOT_SLASHED = frozenset({"/api/v2/auth/token/logoutall"})
"""Where they do not (specification 2.2.4)."""

_NO_HOST = b'{"detail":"Invalid host header"}'


def compatible(app: ASGIApp, authentication: Authentication) -> ASGIApp:
    """Return `app` with our version on each response, 301 for a missing slash, and 400 for a `Host` that names none.

    Behind them are the conventions of all addresses.

    It wraps the whole application, in which then every request has an address.
    """
    conventions = Conventions(app, authentication)

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return

        async def versioned(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), _VERSION_HEADER]
            await send(message)

        path = scope["path"]
        if not all(_names_a_host(value) for name, value in scope["headers"] if name == b"host"):
            await _answer(versioned, 400, _NO_HOST, (b"content-type", b"application/json"))
        elif path.startswith(SLASHED) and not path.endswith("/") and path not in NOT_SLASHED:
            await _redirect(scope, versioned)
        else:
            await conventions(scope, receive, versioned)

    return wrapped


async def _redirect(scope: Scope, send: Send) -> None:
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope.get("query_string", b"")
    location = raw.split(b"?")[0] + b"/" + (b"?" + query if query else b"")
    await _answer(send, 301, b"", (b"location", location))


async def _answer(send: Send, status: int, body: bytes, header: tuple[bytes, bytes]) -> None:
    start: HTTPResponseStartEvent = {
        "type": "http.response.start",
        "status": status,
        "headers": [header, (b"content-length", str(len(body)).encode())],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


@lru_cache(maxsize=256)
def _names_a_host(header: bytes) -> bool:
    try:
        return urlsplit(b"//" + header).port != -1  # raises where there is a port that is none
    except ValueError:
        return False
