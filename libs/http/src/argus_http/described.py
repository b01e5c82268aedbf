"""What a handler reads and answers by itself, told to the OpenAPI document."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

import msgspec
from litestar import Litestar
from litestar.di import Provide
from litestar.openapi import OpenAPIConfig
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Components, OpenAPIMediaType, Operation, Parameter, RequestBody, SecurityScheme
from litestar.routes import HTTPRoute
from litestar.types import ControllerRouterHandler

from argus_http.errors import JSON
from argus_http.middleware import NOT_SLASHED, SLASHED, VERSION
from argus_http.versions import by_version

PLACE = "#/components/schemas/{name}"
ROOTS = frozenset({"/api", "/api/schema", "/.still-alive", "/.error", "/accounts/login", "/accounts/logout"})
"""Paths beside those of the versions that end in a slash, too."""
SECURITY = {
    "token": SecurityScheme(
        type="apiKey", name="Authorization", security_scheme_in="header", description="`Token <key>`."
    ),
    "session": SecurityScheme(
        type="apiKey", name="sessionid", security_scheme_in="cookie", description="That of a browser that logged in."
    ),
}


class Detail(msgspec.Struct):
    """Why something is refused."""

    detail: str


Query = Mapping[str, tuple[Any, str]]

ERRORS: dict[int, tuple[Any, str]] = {
    400: (Any, "What was wrong: by field, as a list, or as a text."),
    401: (Detail, "Nobody, or nobody that we know."),
    403: (Any, "Not for this user."),
    404: (Detail, "There is none."),
    405: (Detail, "This is turned off."),
    409: (Detail, "Somebody else has just changed what it is about."),
    413: (Detail, "Too large."),
    415: (Detail, "A body of another type."),
    422: (Detail, "This `Idempotency-Key` was used for another request."),
    429: (Detail, "Too much at once; `Retry-After` says when."),
    502: (Any, "The ticket system, or its plugin, failed."),
    503: (Any, "What decides cannot be reached; a later try may succeed."),
}
WRITING = (400, 401, 404, 413, 415, 422, 429, 503)
"""What any write request about an incident may meet."""
LISTING = (401, 503)
READING = (400, 401, 404, 503)
ADDING = (400, 401, 403, 409, 413, 415, 503)
CHANGING = (*ADDING, 404)
DELETING = (400, 401, 403, 404, 409, 503)
"""What requests about configuration may meet."""


def described(
    answer: Any,
    status: int = 200,
    *,
    body: Any = None,
    query: Query | None = None,
    errors: Iterable[int] = WRITING,
    early: bool = True,
) -> dict[str, Any]:
    """Return what a handler's decorator takes: its answer, its errors, its body and its parameters.

    With `early`, 202 is the answer to `Prefer: respond-async`.
    """
    answers = {status: ResponseSpec(answer, generate_examples=False, description="As it is stored.")}
    if early:
        told = "As it was said, before it is stored (`Prefer: respond-async`)."
        answers[202] = ResponseSpec(answer, generate_examples=False, description=told)
    refusals = refusing(errors, body, query)
    return refusals | {"responses": answers | refusals["responses"]}


def refusing(errors: Iterable[int], body: Any = None, query: Query | None = None) -> dict[str, Any]:
    """Return what the decorator of a handler takes whose answer is told by its annotation: errors, body, parameters."""
    refusals = {
        code: ResponseSpec(shape, generate_examples=False, description=description)
        for code, (shape, description) in sorted(ERRORS.items())
        if code in set(errors)
    }
    heeds = body is not None or query is not None
    return {"responses": refusals} | ({"operation_class": heeding(body, query)} if heeds else {})


def showing(answer: Any, errors: Iterable[int] = READING, query: Query | None = None) -> dict[str, Any]:
    """Return what the decorator of a handler that shows something takes: its answer, its errors, its parameters."""
    return described(answer, query=query, errors=errors, early=False)


def heeding(body: Any = None, query: Query | None = None) -> type[Operation]:
    """Return the operations that read a body, if any, and heed these parameters: the type of each, what it means."""
    content = None if body is None else RequestBody(content=_content(body), required=True)
    query = query or {}
    schemas, _ = msgspec.json.schema_components([type_ for type_, _ in query.values()], ref_template=PLACE)
    found = [
        Parameter(name=name, param_in="query", schema=cast("Any", schema), description=meaning)
        for (name, (_, meaning)), schema in zip(query.items(), schemas, strict=True)
    ]

    @dataclass
    class Heeding(Operation):
        def __post_init__(self) -> None:
            self.request_body = content or self.request_body
            if found:
                self.parameters = [*(self.parameters or ()), *found]

    return Heeding


def _content(body: Any) -> dict[str, OpenAPIMediaType]:
    """Return the body as plain JSON, which stays as it is in the document; forms are read too, but cannot say all."""
    (schema,), _ = msgspec.json.schema_components([body], ref_template=PLACE)
    return {JSON: OpenAPIMediaType(schema=cast("Any", schema))}


def document(
    handlers: Sequence[ControllerRouterHandler],
    bodies: Iterable[Any],
    dependencies: Mapping[str, Provide] | None = None,
) -> dict[str, Any]:
    """Return the OpenAPI document of handlers and of the bodies that they read; its paths are as they are asked for."""
    config = OpenAPIConfig(
        title="Argus Stream", version=VERSION, use_handler_docstrings=True, render_plugins=[], path="/-",
        components=Components(security_schemes=dict(SECURITY)), security=[{name: []} for name in SECURITY],
    )  # fmt: skip
    app = Litestar(handlers, dependencies=dependencies, openapi_config=config, logging_config=None)
    found = app.openapi_schema.to_schema()
    found["paths"] = {_slashed(path): methods for path, methods in found["paths"].items()}
    for path, method in _public(app):
        found["paths"].get(path, {}).get(method, {})["security"] = []
    for told in _responses(found):
        if any(content.get("schema") == {"type": "null"} for content in told.get("content", {}).values()):
            del told["content"]
    _, schemas = msgspec.json.schema_components(list(bodies), ref_template=PLACE)
    found.setdefault("components", {}).setdefault("schemas", {}).update(schemas)
    return by_version(found)


def part(document: Mapping[str, Any]) -> dict[str, Any]:
    """Return what another document can be joined with: paths and schemas."""
    return {"paths": document["paths"], "schemas": document["components"]["schemas"]}


def joined(document: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Return the document with the `part` of another; they share paths, but no method of one."""
    paths = {path: dict(methods) for path, methods in document["paths"].items()}
    for path, methods in other["paths"].items():
        paths.setdefault(path, {}).update(methods)
    schemas = document["components"]["schemas"] | other["schemas"]
    components = document["components"] | {"schemas": schemas}
    return {**document, "paths": dict(sorted(paths.items())), "components": components}


def _responses(document: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    for methods in document["paths"].values():
        for operation in methods.values():
            yield from operation["responses"].values()


def _public(app: Litestar) -> Iterator[tuple[str, str]]:
    for route in app.routes:
        if isinstance(route, HTTPRoute):
            for handler in route.route_handlers:
                if handler.opt.get("public"):
                    yield from ((_slashed(route.path_format), method.lower()) for method in handler.http_methods)


def _slashed(path: str) -> str:
    bare = not path.startswith(SLASHED) or path in NOT_SLASHED
    return path if bare and path not in ROOTS else path + "/"
