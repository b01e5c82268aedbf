"""Sources and their types (specification 2.10.1, 2.10.3)."""

from datetime import UTC, timedelta
from typing import Any

from litestar import Response, get, patch, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath

from argus_api.context import Asked, Context, answer
from argus_api.repositories import accounts as repository
from argus_database.configuration import sources
from argus_database.configuration.errors import Refused
from argus_database.tables.accounts import SourceRow
from argus_http import durations
from argus_http.bodies import LARGEST_BODY, content
from argus_http.errors import ApiError, forbidden, invalid, not_found
from argus_http.fields import NOT_URL, Fields, Wrong, filled, text
from argus_http.moments import shown
from argus_http.urls import is_absolute

ROOTS = ["/api/v2/incidents/sources/", "/api/v3/incidents/sources/"]
ONE = [f"{root}{{pk:int}}/" for root in ROOTS]
TYPES = "/api/v2/incidents/source-types/"

LONGEST_NAME = 255
SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT = timedelta(minutes=1), timedelta(days=1)


@get(ROOTS)
async def list_sources(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List all sources."""
    async with api.database.reading() as session:
        rows = await repository.sources(session)
    return answer([_shown(row, request, api) for row in rows])


@post(ROOTS, request_max_body_size=LARGEST_BODY)
async def add_source(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """Add a source with its user; a superuser may."""
    _check_superuser(request)
    fields = Fields(await content(request), UTC)
    name, type_ = _name(fields, "name"), _name(fields, "type")
    base_url = fields.read("base_url", _url, "", null=True)
    username = fields.read("username", lambda value: text(value, 150), "", null=True)
    heartbeat = fields.read("heartbeat_frequency", _heartbeat, None, null=True)
    fields.check()
    try:
        async with api.database.writing() as session:
            await sources.check_type_exists(session, type_)
            row = await sources.add_source(
                session, name, type_, base_url=base_url, username=username or None, heartbeat_frequency=heartbeat,
                spare_slug="source",
            )  # fmt: skip
            return answer(_shown(row, request, api), 201)
    except Refused as refused:
        raise _as_form(refused) from None


@get(ONE)
async def show_source(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show a source."""
    async with api.database.reading() as session:
        row = await repository.source(session, pk)
    if row is None:
        raise not_found("SourceSystem")
    return answer(_shown(row, request, api))


@put(ONE, request_max_body_size=LARGEST_BODY)
async def rename_source(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Give a source another name; a superuser may."""
    return await _renamed(request, api, pk, required=True)


@patch(ONE, request_max_body_size=LARGEST_BODY)
async def change_source(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Give a source another name if the body has one; a superuser may."""
    return await _renamed(request, api, pk, required=False)


@get(TYPES)
async def list_types(api: NamedDependency[Context]) -> Response[bytes]:
    """List the types of sources."""
    async with api.database.reading() as session:
        names = await repository.source_types(session)
    return answer([{"name": name} for name in names])


@post(TYPES, request_max_body_size=LARGEST_BODY)
async def add_type(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """Add a type of sources."""
    fields = Fields(await content(request), UTC)
    name = _name(fields, "name")
    fields.check()
    async with api.database.writing() as session:
        await sources.add_source_type(session, name)
    return answer({"name": name}, 201)


@get(TYPES + "{name:str}/")
async def show_type(api: NamedDependency[Context], name: FromPath[str]) -> Response[bytes]:
    """Show a type of sources."""
    async with api.database.reading() as session:
        if name not in await repository.source_types(session):
            raise not_found("SourceSystemType")
    return answer({"name": name})


async def _renamed(request: Asked, api: Context, pk: int, *, required: bool) -> Response[bytes]:
    _check_superuser(request)
    fields = Fields(await content(request), UTC)
    name = _name(fields, "name") if required or "name" in fields else None
    try:
        async with api.database.writing() as session:
            row = await repository.source(session, pk)
            if row is None:
                raise not_found("SourceSystem")
            fields.check()
            if name is not None:
                await sources.rename_source(session, row, name)
            return answer(_shown(row, request, api))
    except Refused as refused:
        raise _as_form(refused) from None


def _check_superuser(request: Asked) -> None:
    if not request.user.is_superuser:
        raise forbidden()


def _as_form(refused: Refused) -> ApiError:
    """Return a refusal as Argus's form words it."""
    return invalid({refused.field or "__all__": [refused.message]})


def _name(fields: Fields, name: str) -> str:
    return fields.read(name, lambda value: filled(value, LONGEST_NAME), "", required=True)


def _url(value: Any) -> str:
    said = text(value, LONGEST_NAME * 8)
    if said and not (is_absolute(said) and said.lower().startswith("http")):
        raise Wrong([NOT_URL])
    return said


def _heartbeat(value: Any) -> timedelta | None:
    said = text(value)
    if not said:
        return None
    frequency = durations.parsed(said)
    if frequency is None:
        raise Wrong(["Enter a valid duration."])
    if frequency < SHORTEST_HEARTBEAT:
        raise Wrong([f"Ensure this value is greater than or equal to {SHORTEST_HEARTBEAT}."])
    if frequency > LONGEST_HEARTBEAT:
        raise Wrong([f"Ensure this value is less than or equal to {LONGEST_HEARTBEAT}."])
    return frequency


def _shown(row: SourceRow, request: Asked, api: Context) -> dict[str, Any]:
    body = {
        "pk": row.id, "name": row.name, "type": {"name": row.type}, "user": row.user_id, "base_url": row.base_url,
    }  # fmt: skip
    if request.url.path.startswith("/api/v3/"):
        body["last_seen"] = shown(row.last_seen, api.zone)
    return body
