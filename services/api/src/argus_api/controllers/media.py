"""Media, and the roots under which they and destinations stand."""

from litestar import Response, get
from litestar.params import FromPath

from argus_api import shapes
from argus_api.context import Api, Asked, shown
from argus_http.described import LISTING, READING, refusing
from argus_http.errors import invalid, not_found

ROOTS = ["/api/v2/notificationprofiles/", "/api/v3/notificationprofiles/"]


def under(path: str) -> list[str]:
    """Return `path` in both versions."""
    return [root + path for root in ROOTS]


@get(under("media/"), **refusing(LISTING))
async def list_media(api: Api) -> Response[list[shapes.Medium]]:
    """List the ways to reach people."""
    return shown([shapes.medium(plugin.kind) for plugin in api.media.values()])


@get(under("media/{slug:str}/"), **refusing(READING))
async def show_medium(api: Api, slug: FromPath[str]) -> Response[shapes.Medium]:
    """Show a medium."""
    if slug not in api.media:
        raise not_found("Media")
    return shown(shapes.medium(api.media[slug].kind))


@get(under("media/{slug:str}/json_schema/"), **refusing(READING))
async def show_medium_schema(request: Asked, api: Api, slug: FromPath[str]) -> Response[shapes.SettingsSchema]:
    """Describe the settings of a medium's destinations as JSON Schema."""
    if slug not in api.media:
        raise invalid([f'Medium "{slug}" is not installed.'])
    schema = api.media[slug].kind.schema() | {"$id": api.url(request, f"/json-schema/{slug}")}
    return shown({"json_schema": schema})
