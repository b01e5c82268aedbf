"""Media, and destinations of the user who asks."""

from typing import Any

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from argus_api import shapes, wishes
from argus_api.context import Asked, Context, answer
from argus_database.configuration import destinations
from argus_database.configuration.errors import Kept
from argus_database.configuration.owned import own
from argus_database.tables.profiles import DestinationRow
from argus_http.bodies import LARGEST_BODY, content
from argus_http.errors import invalid, not_found
from argus_http.fields import REQUIRED, Fields, Wrong, text
from argus_schemas.media import MEDIA

ROOTS = ["/api/v2/notificationprofiles/", "/api/v3/notificationprofiles/"]


def under(path: str) -> list[str]:
    """Return `path` in both versions."""
    return [root + path for root in ROOTS]


@get(under("media/"))
async def list_media() -> Response[bytes]:
    """List the ways to reach people."""
    return answer([shapes.medium(kind) for kind in MEDIA.values()])


@get(under("media/{slug:str}/"))
async def show_medium(slug: FromPath[str]) -> Response[bytes]:
    """Show a medium."""
    if slug not in MEDIA:
        raise not_found("Media")
    return answer(shapes.medium(MEDIA[slug]))


@get(under("media/{slug:str}/json_schema/"))
async def show_medium_schema(request: Asked, api: NamedDependency[Context], slug: FromPath[str]) -> Response[bytes]:
    """Describe the settings of a medium's destinations as JSON Schema."""
    if slug not in MEDIA:
        raise invalid([f'Medium "{slug}" is not installed.'])
    kind = MEDIA[slug]
    schema = kind.settings.model_json_schema()
    known = {"title": f"{kind.name} Settings", "$id": api.url(request, f"/json-schema/{slug}")}
    return answer({"json_schema": schema | known})


@get(under("destinations/"))
async def list_destinations(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List one's own destinations."""
    async with api.database.reading() as session:
        rows = await destinations.own_destinations(session, request.user.pk)
    return answer([_shown(row, request) for row in rows])


@post(under("destinations/"), request_max_body_size=LARGEST_BODY)
async def add_destination(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """Add a destination; its secrets are encrypted before they are kept."""
    fields = Fields(await content(request), api.zone)
    media = fields.read("media", _medium, "", required=True)
    label = fields.read("label", lambda value: text(value, destinations.LONGEST_LABEL), "", null=True)
    if "settings" not in fields:
        fields.errors["settings"] = [REQUIRED]
    fields.check()
    settings = wishes.settings(media, fields.raw("settings"))
    async with api.database.writing() as session:
        row = await destinations.add_destination(
            session, request.user.pk, media, settings, label=label, encrypt=api.encrypt
        )
    return answer(_shown(row, request), 201)


@get(under("destinations/{pk:int}/"))
async def show_destination(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show one of one's own destinations."""
    async with api.database.reading() as session:
        row = await own(session, DestinationRow, request.user.pk, pk)
    return answer(_shown(row, request))


@delete(under("destinations/{pk:int}/"), status_code=204)
async def remove_destination(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> None:
    """Delete one of one's own destinations, unless a profile uses it."""
    try:
        async with api.database.writing() as session:
            await destinations.delete_destination(session, request.user.pk, pk)
    except Kept as error:
        raise invalid([error.message]) from None


def _medium(value: Any) -> str:
    slug = str(value)
    if slug not in MEDIA:
        raise Wrong([f'Invalid pk "{slug[:100]}" - object does not exist.'])
    return slug


def _shown(row: DestinationRow, request: Asked) -> dict[str, Any]:
    return shapes.destination(row, v3=request.url.path.startswith("/api/v3/"))
