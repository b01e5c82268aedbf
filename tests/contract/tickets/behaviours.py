"""How a ticket system may behave that is not well."""

import asyncio
import gzip
from collections.abc import Callable
from typing import Any

from aiohttp import web


def answers(status: int, body: Any = None, **headers: str) -> Callable[[web.Request], Any]:
    """Return a behaviour: answer this."""

    async def answer(_request: web.Request) -> web.Response:
        if isinstance(body, bytes):
            return web.Response(status=status, body=body, headers=headers)
        return web.json_response(body, status=status, headers=headers)

    return answer


async def hangs(_request: web.Request) -> web.Response:
    await asyncio.Event().wait()
    raise AssertionError


async def breaks_off(request: web.Request) -> web.Response:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


async def floods(request: web.Request) -> web.StreamResponse:
    """Answer without end."""
    response = web.StreamResponse(status=201, headers={"Content-Type": "application/json"})
    await response.prepare(request)
    while True:
        await response.write(b'{"a": "' + b"x" * 100_000)


async def redirects_away(_request: web.Request) -> web.Response:
    return web.Response(status=307, headers={"Location": "http://localhost:9/elsewhere"})


async def redirects_without_end(request: web.Request) -> web.Response:
    return web.Response(status=308, headers={"Location": str(request.rel_url)})


async def repeats_the_secret(request: web.Request) -> web.Response:
    return web.Response(status=422, text=f"bad request: {dict(request.headers)} {'x' * 5000}")


GZIPPED = gzip.compress(b'{"html_url": "https://x.example.org"}')
