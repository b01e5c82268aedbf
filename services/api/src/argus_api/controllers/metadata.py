"""What anybody may read: versions, schemas, whether we live; and that v1 is gone."""

from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Literal, TypedDict

import msgspec
from litestar import MediaType, Request, Response, get, route
from litestar.di import NamedDependency
from litestar.enums import HttpMethod
from litestar.openapi.spec import OpenAPIMediaType, OpenAPIResponse, OpenAPIType, Schema

from argus_api.context import Context, answer
from argus_http.described import heeding, showing
from argus_http.middleware import VERSION

ARGUS_VERSION = "2.10.2"
"""The version of Argus whose API this is; a glue service checks it."""

OPENAPI = "application/vnd.oai.openapi"
JSON_KINDS = ("application/json", f"{OPENAPI}+json")
KNOWN_TO_ARGUS = {"email": "argus.notificationprofile.media.email.EmailNotification"}
"""How Argus names the media that are in both."""

PUBLIC = {"public": True}
ERRORS = ("400", "401", "403", "404", "410", "500")
METHODS = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]


Metadata = TypedDict(
    "Metadata",
    {
        "server-version": str,
        "argus-stream-version": str,
        "api-version": dict[str, str],
        "jsonapi-schema": dict[str, str],
        "ticket_plugin": str | None,
        "destination_plugins": list[str],
    },
)


@dataclass
class Telling(heeding(query={"format": (Literal["json"], "Say that it is JSON.")})):  # type: ignore[misc]  # made of values
    """Gives the document under either of its types."""

    def __post_init__(self) -> None:
        super().__post_init__()
        content = {kind: OpenAPIMediaType(schema=Schema(type=OpenAPIType.OBJECT)) for kind in (OPENAPI, JSON_KINDS[1])}
        self.responses = {"200": OpenAPIResponse(description="This document.", content=dict(content))}


@get("/api/", opt=PUBLIC, **showing(Metadata, ()))
async def show_metadata(api: NamedDependency[Context]) -> Response[bytes]:
    """Tell which versions of the API there are, and which plugins."""
    return answer(
        {
            "server-version": ARGUS_VERSION,
            "argus-stream-version": VERSION,
            "api-version": {"stable": "v2"},
            "jsonapi-schema": {"stable": "/api/schema/", "v2": "/api/v2/schema/", "v3": "/api/v3/schema/"},
            "ticket_plugin": api.ticket_plugin or None,
            "destination_plugins": [
                KNOWN_TO_ARGUS.get(slug, plugin.open.replace(":", ".")) for slug, plugin in api.media.items()
            ],
        }
    )


@get(["/api/schema/", "/api/v2/schema/", "/api/v3/schema/"], opt=PUBLIC, operation_class=Telling)
async def show_schema(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Describe the API as OpenAPI; JSON, which is YAML too."""
    accepted = request.headers.get("accept", "")
    as_json = request.query_params.get("format") == "json" or any(kind in accepted for kind in JSON_KINDS)
    kind = JSON_KINDS[1] if as_json else OPENAPI
    return Response(msgspec.json.encode(request.app.state.document()), media_type=kind)


@get("/.still-alive/", opt=PUBLIC, status_code=204)
async def still_alive() -> None:
    """Say nothing, which says that we live."""


@get("/.error/", include_in_schema=False)
async def show_error(request: Request[Any, Any, Any]) -> Response[str]:
    """Show the page of an error, for who looks after them."""
    code = request.query_params.get("status-code", "")
    status = int(code) if code in ERRORS else 400
    page = f"<!DOCTYPE html><title>{status}</title><h1>{status} {HTTPStatus(status).phrase}</h1>"
    return Response(page, status_code=status, media_type=MediaType.HTML)


@route(["/api/v1/", "/api/v1/{rest:path}"], http_method=METHODS, opt=PUBLIC, status_code=410, include_in_schema=False)
async def gone() -> Response[bytes]:
    """Tell that v1 is no more."""
    return answer({"status_code": 410, "status": "API v1 has been removed"}, 410)
