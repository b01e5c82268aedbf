"""JSON on a page, for who looks at the API with a browser."""

from html import escape

import msgspec
from litestar.types import HTTPResponseStartEvent, Message, Send

PAGE = """<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8"><title>Argus API</title></head>
<body><h1>{path}</h1><pre>{status}</pre><pre>{body}</pre></body></html>
"""
REPLACED = frozenset({b"content-type", b"content-length"})


def on_page(path: str, send: Send) -> Send:
    """Return what sends an answer in JSON as a page."""
    begun: list[HTTPResponseStartEvent] = []
    pieces: list[bytes] = []

    async def sent(message: Message) -> None:
        if message["type"] == "http.response.start":
            begun.append(message)
            return
        if message["type"] == "http.response.body":
            pieces.append(message["body"])
            if message["more_body"]:
                return
            await _send_page(path, begun[0], b"".join(pieces), send)

    return sent


async def _send_page(path: str, start: HTTPResponseStartEvent, body: bytes, send: Send) -> None:
    type_ = next((value for name, value in start["headers"] if name.lower() == b"content-type"), b"")
    if type_.startswith(b"application/json") and body:
        page = PAGE.format(path=escape(path), status=start["status"], body=escape(_indented(body))).encode()
        kept = [(name, value) for name, value in start["headers"] if name.lower() not in REPLACED]
        length = str(len(page)).encode()
        start["headers"] = [*kept, (b"content-type", b"text/html; charset=utf-8"), (b"content-length", length)]
        body = page
    await send(start)
    await send({"type": "http.response.body", "body": body, "more_body": False})


def _indented(body: bytes) -> str:
    return msgspec.json.format(body, indent=2).decode()
