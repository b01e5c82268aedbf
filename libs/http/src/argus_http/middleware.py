"""What every response gets: our version; and the redirect for a path without its last slash."""

from importlib.metadata import version
from urllib.parse import quote

from litestar.enums import ScopeType
from litestar.types import ASGIApp, HTTPResponseStartEvent, Message, Receive, Scope, Send

VERSION = version("argus-http")
_VERSION_HEADER = (b"argus-stream-version", VERSION.encode())

SLASHED = ("/api/v2/", "/api/v3/")
"""Where paths end in a slash (specification 0, 19)."""


def compatible(app: ASGIApp) -> ASGIApp:
    """Return `app` with our version on each response, and 301 for a missing slash; wrap the whole application."""

    async def wrapped(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != ScopeType.HTTP:
            await app(scope, receive, send)
            return

        async def versioned(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", []), _VERSION_HEADER]
            await send(message)

        path = scope["path"]
        if path.startswith(SLASHED) and not path.endswith("/"):
            await _redirect(scope, versioned)
        else:
            await app(scope, receive, versioned)

    return wrapped


async def _redirect(scope: Scope, send: Send) -> None:
    raw = scope.get("raw_path") or quote(scope["path"]).encode()
    query = scope.get("query_string", b"")
    location = raw.split(b"?")[0] + b"/" + (b"?" + query if query else b"")
    start: HTTPResponseStartEvent = {
        "type": "http.response.start",
        "status": 301,
        "headers": [(b"location", location), (b"content-length", b"0")],
    }
    await send(start)
    await send({"type": "http.response.body", "body": b"", "more_body": False})
