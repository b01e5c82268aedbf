"""What anybody may read: versions, schemas, whether we live; and that v1 is gone."""

from typing import Any

import msgspec
from litestar import Request, Response, get, route
from litestar.enums import HttpMethod

from argus_api.context import answer
from argus_http.middleware import VERSION

ARGUS_VERSION = "2.10.2"
"""The version of Argus whose API this is; a glue service checks it."""

OPENAPI = "application/vnd.oai.openapi"
JSON_KINDS = ("application/json", f"{OPENAPI}+json")
PUBLIC = {"public": True}
METHODS = [HttpMethod.GET, HttpMethod.POST, HttpMethod.PUT, HttpMethod.PATCH, HttpMethod.DELETE]


@get("/api/", opt=PUBLIC)
async def show_metadata() -> Response[bytes]:
    """Tell which versions of the API there are."""
    return answer(
        {
            "server-version": ARGUS_VERSION,
            "argus-stream-version": VERSION,
            "api-version": {"stable": "v2"},
            "jsonapi-schema": {"stable": "/api/schema/", "v2": "/api/v2/schema/", "v3": "/api/v3/schema/"},
            "ticket_plugin": None,
            "destination_plugins": [
                "argus.notificationprofile.media.email.EmailNotification",
                "argus_dispatch.media.webhook",
            ],
        }
    )


@get(["/api/schema/", "/api/v2/schema/", "/api/v3/schema/"], opt=PUBLIC)
async def show_schema(request: Request[Any, Any, Any]) -> Response[bytes]:
    """Describe the API as OpenAPI; JSON, which is YAML too."""
    accepted = request.headers.get("accept", "")
    as_json = request.query_params.get("format") == "json" or any(kind in accepted for kind in JSON_KINDS)
    kind = JSON_KINDS[1] if as_json else OPENAPI
    return Response(msgspec.json.encode(request.app.openapi_schema.to_schema()), media_type=kind)


@get("/.still-alive/", opt=PUBLIC, status_code=204)
async def still_alive() -> None:
    """Say nothing, which says that we live."""


@route(["/api/v1/", "/api/v1/{rest:path}"], http_method=METHODS, opt=PUBLIC, status_code=410, include_in_schema=False)
async def gone() -> Response[bytes]:
    """Tell that v1 is no more."""
    return answer({"status_code": 410, "status": "API v1 has been removed"}, 410)
