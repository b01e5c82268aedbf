"""One address for all services: a streaming reverse proxy."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector, web
from multidict import CIMultiDict, CIMultiDictProxy
from yarl import URL

HOP_BY_HOP = frozenset(
    ("connection", "keep-alive", "proxy-authenticate", "proxy-authorization", "proxy-connection", "te", "trailer")
) | {"transfer-encoding", "upgrade", "expect"}
FORWARDED = frozenset(("x-forwarded-for", "x-forwarded-proto"))
NOT_ADDED = ("User-Agent", "Accept", "Accept-Encoding", "Content-Type")
"""What aiohttp's client would say where the caller said nothing."""
PIECE = 64 * 1024
"""Bodies up to this size are passed on in one piece, which costs half as much as a stream."""
BODY_SECONDS = 20.0
"""For a body that is passed on in one piece; for a stream the service has its own patience."""
HEAD_SECONDS = 60.0
"""For the next request, the last byte of its head included."""
LONGEST_LINE = 64 * 1024
IDLE_SECONDS = 3.0
"""Less than a service keeps an idle connection, so that none is used while it is being closed."""

Route = Callable[[str, str], str]
"""Gives the root of the service that answers a method and path."""


class Gateway:
    """Passes each request on to the service that `route` names, and its answer back."""

    def __init__(self, route: Route, session: ClientSession, body_seconds: float = BODY_SECONDS) -> None:
        self._route = route
        self._session = session
        self._body_seconds = body_seconds

    async def handle(self, request: web.BaseRequest) -> web.StreamResponse:
        """Answer one request."""
        if not request.raw_path.startswith("/"):  # `OPTIONS *`, `CONNECT host:port`, an address of elsewhere
            return web.json_response({"detail": "The address is none of ours."}, status=400)
        try:
            body = await _body(request, self._body_seconds)
        except TimeoutError:
            detail = {"detail": "The request did not arrive in time."}
            return web.json_response(detail, status=408, headers={"Connection": "close"})
        try:
            answer = await self._ask(request, body)
        except (ClientError, TimeoutError, OSError):
            return _unavailable()
        async with answer:
            return await _pass_back(request, answer)

    async def _ask(self, request: web.BaseRequest, body: bytes | AsyncIterator[bytes] | None) -> ClientResponse:
        headers = _passed_on(request.headers, without=FORWARDED)
        headers["X-Forwarded-For"] = request.remote or ""
        headers["X-Forwarded-Proto"] = request.scheme
        url = URL(self._route(request.method, request.path) + request.raw_path, encoded=True)
        return await self._session.request(request.method, url, headers=headers, data=body, allow_redirects=False)


@asynccontextmanager
async def gateway(
    route: Route, port: int, host: str = "127.0.0.1", *,
    head_seconds: float = HEAD_SECONDS, body_seconds: float = BODY_SECONDS,
) -> AsyncIterator[None]:  # fmt: skip
    """Serve the gateway for the length of a block."""
    async with ClientSession(
        connector=TCPConnector(limit=0, keepalive_timeout=IDLE_SECONDS),
        timeout=ClientTimeout(total=None, sock_connect=5),
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        skip_auto_headers=NOT_ADDED,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
        read_bufsize=PIECE,
    ) as session:
        runner = web.ServerRunner(_server(Gateway(route, session, body_seconds), head_seconds), shutdown_timeout=1)
        await runner.setup()
        try:
            await web.TCPSite(runner, host, port, backlog=1024).start()
            yield
        finally:
            await runner.cleanup()


def _server(served: Gateway, head_seconds: float) -> web.Server:
    return web.Server(
        served.handle,
        handler_cancellation=True,  # a reader of events that goes away is gone for the service too
        auto_decompress=False,
        access_log=None,
        keepalive_timeout=head_seconds,
        max_line_size=LONGEST_LINE,
        max_field_size=LONGEST_LINE,
    )


async def _body(request: web.BaseRequest, seconds: float) -> bytes | AsyncIterator[bytes] | None:
    if not request.can_read_body:
        return None
    if request.headers.get("Expect", "").lower() == "100-continue":
        await request.writer.write(b"HTTP/1.1 100 Continue\r\n\r\n")
        request.writer.output_size = 0
    if (request.content_length or PIECE + 1) <= PIECE:
        async with asyncio.timeout(seconds):
            return await request.read()
    return request.content.iter_any()


async def _pass_back(request: web.BaseRequest, answer: ClientResponse) -> web.StreamResponse:
    headers = _passed_on(answer.headers)
    if request.method != "HEAD" and (answer.content_length or PIECE + 1) <= PIECE:
        try:
            body = await answer.read()
        except (ClientError, OSError):
            return _unavailable()
        return web.Response(status=answer.status, reason=answer.reason, headers=headers, body=body)
    response = web.StreamResponse(status=answer.status, reason=answer.reason, headers=headers)
    await response.prepare(request)
    try:
        async for piece in answer.content.iter_any():
            await response.write(piece)
    except (ClientError, OSError):
        _break_off(request)  # too late for a status: the caller must not take this for the whole
    else:
        await response.write_eof()
    return response


def _break_off(request: web.BaseRequest) -> None:
    if request.transport is not None:
        request.transport.close()


def _passed_on(headers: CIMultiDictProxy[str], *, without: frozenset[str] = frozenset()) -> CIMultiDict[str]:
    """Return the headers that concern the other end, not this connection."""
    named = {name.strip().lower() for name in headers.get("Connection", "").split(",")}
    left_out = HOP_BY_HOP | named | without
    return CIMultiDict((name, value) for name, value in headers.items() if name.lower() not in left_out)


def _unavailable() -> web.Response:
    detail = {"detail": "The service does not answer at the moment."}
    return web.json_response(detail, status=503, headers={"Retry-After": "1"})
