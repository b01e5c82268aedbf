"""What holds for every address of the API, in both services (specification 2.1.2).

Answered before a handler is looked for: what is no address (404), a form that we do not have (406), a method that the
address does not have (405, naming those that it has), and OPTIONS. HEAD is GET without its body.
"""

import msgspec
from litestar.enums import HttpMethod, ScopeType
from litestar.types import ASGIApp, HTTPScope, Message, Receive, Scope, Send

from argus_http.authentication import Authentication
from argus_http.errors import JSON, ApiError
from argus_http.negotiation import PAGE, wanted
from argus_http.pages import on_page
from argus_http.resources import Resource, is_nowhere, resource_at


class Conventions:
    """An application in front of another; `authentication` says who may know what an address is."""

    def __init__(self, app: ASGIApp, authentication: Authentication) -> None:
        self._app = app
        self._authentication = authentication

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or let the application answer."""
        if scope["type"] != ScopeType.HTTP:
            await self._app(scope, receive, send)
            return
        resource = resource_at(scope["path"])
        if scope["method"] == "HEAD":
            send = _without_body(send)
        if resource is None:
            await self._elsewhere(scope, receive, send)
            return
        try:
            if wanted(_accepted(scope), scope["query_string"]) == PAGE:
                send = on_page(scope["path"], send)
            if scope["method"] not in resource.methods or scope["method"] == "OPTIONS":
                await self._tell_methods(resource, scope, receive, send)
            else:
                await self._pass_on(scope, receive, send)
        except ApiError as error:
            await _send(send, error.status, error.body, error.headers)

    async def _elsewhere(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if is_nowhere(scope["path"]):
            await _send(send, 404, {"detail": "Not found."}, {})
        else:
            await self._pass_on(scope, receive, send)

    async def _pass_on(self, scope: HTTPScope, receive: Receive, send: Send) -> None:
        if scope["method"] == "HEAD":
            scope["method"] = HttpMethod.GET
        await self._app(scope, receive, send)

    async def _tell_methods(self, resource: Resource, scope: HTTPScope, receive: Receive, send: Send) -> None:
        method, allow = str(scope["method"]), {"Allow": resource.allow}

        async def tell(_scope: Scope, _receive: Receive, send: Send) -> None:
            if method == "OPTIONS" and method in resource.methods:
                await _send(send, 200, resource.description(), allow)
            else:
                await _send(send, 405, {"detail": f'Method "{method}" not allowed.'}, allow)

        if resource.public:
            await tell(scope, receive, send)
        else:
            await self._authentication.handle(scope, receive, send, tell)


def _accepted(scope: HTTPScope) -> str:
    return ",".join(value.decode("latin-1") for name, value in scope["headers"] if name == b"accept")


def _without_body(send: Send) -> Send:
    async def headers_only(message: Message) -> None:
        if message["type"] == "http.response.body":
            message["body"] = b""
        await send(message)

    return headers_only


async def _send(send: Send, status: int, body: object, headers: dict[str, str]) -> None:
    encoded = msgspec.json.encode(body)
    named = {"content-type": JSON, "content-length": str(len(encoded)), "vary": "Accept"} | headers
    await send(
        {
            "type": "http.response.start",
            "status": status,
            "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in named.items()],
        }
    )
    await send({"type": "http.response.body", "body": encoded, "more_body": False})
