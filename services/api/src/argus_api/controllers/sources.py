"""Sources and their types (specification 2.10.1, 2.10.3)."""

from datetime import UTC, timedelta
from typing import Any, NotRequired, TypedDict

from litestar import Response, get, patch, post, put
from litestar.params import FromPath

from argus_api import context
from argus_api.context import Api, Asked, Context
from argus_api.database import repeated
from argus_api.repositories import accounts as repository
from argus_api.wishes.accounts import SourceBody, SourceNameBody, SourceTypeBody
from argus_database.configuration import sources
from argus_database.configuration.errors import Refused
from argus_database.configuration.sources import LONGEST_NAME
from argus_database.tables.accounts import SourceRow
from argus_domain import durations
from argus_domain.urls import is_web
from argus_http.bodies import LARGEST_BODY, content
from argus_http.described import ADDING, CHANGING, LISTING, READING, refusing
from argus_http.errors import ApiError, forbidden, invalid, not_found
from argus_http.fields import NOT_URL, Fields, Wrong, filled, text
from argus_http.moments import shown

ROOTS = ["/api/v2/incidents/sources/", "/api/v3/incidents/sources/"]
ONE = [f"{root}{{pk:int}}/" for root in ROOTS]
TYPES = "/api/v2/incidents/source-types/"

SHORTEST_HEARTBEAT, LONGEST_HEARTBEAT = timedelta(minutes=1), timedelta(days=1)


class Type(TypedDict):
    """A type of sources."""

    name: str


class ListedSource(TypedDict):
    """A source; v3 says when it was last seen."""

    pk: int
    name: str
    type: Type
    user: int
    base_url: str
    last_seen: NotRequired[str | None]


@get(ROOTS, **refusing(LISTING))
async def list_sources(request: Asked, api: Api) -> Response[list[ListedSource]]:
    """List all sources."""
    async with api.database.reading() as session:
        rows = await repository.sources(session)
    return context.shown([_shown(row, request, api) for row in rows])


@post(ROOTS, request_max_body_size=LARGEST_BODY, **refusing(ADDING, SourceBody))
@repeated
async def add_source(request: Asked, api: Api) -> Response[ListedSource]:
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
            return context.shown(_shown(row, request, api), 201)
    except Refused as refused:
        raise _as_form(refused) from None


@get(ONE, **refusing(READING))
async def show_source(request: Asked, api: Api, pk: FromPath[int]) -> Response[ListedSource]:
    """Show a source."""
    async with api.database.reading() as session:
        row = await repository.source(session, pk)
    if row is None:
        raise not_found("SourceSystem")
    return context.shown(_shown(row, request, api))


@put(ONE, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, SourceNameBody))
async def rename_source(request: Asked, api: Api, pk: FromPath[int]) -> Response[ListedSource]:
    """Give a source another name; a superuser may."""
    return await _renamed(request, api, pk, required=True)


@patch(ONE, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, SourceNameBody))
async def change_source(request: Asked, api: Api, pk: FromPath[int]) -> Response[ListedSource]:
    """Give a source another name if the body has one; a superuser may."""
    return await _renamed(request, api, pk, required=False)


@get(TYPES, **refusing(LISTING))
async def list_types(api: Api) -> Response[list[Type]]:
    """List the types of sources."""
    async with api.database.reading() as session:
        names = await repository.source_types(session)
    return context.shown([Type(name=name) for name in names])


@post(TYPES, request_max_body_size=LARGEST_BODY, **refusing(ADDING, SourceTypeBody))
@repeated
async def add_type(request: Asked, api: Api) -> Response[Type]:
    """Add a type of sources."""
    fields = Fields(await content(request), UTC)
    name = _name(fields, "name")
    fields.check()
    async with api.database.writing() as session:
        await sources.add_source_type(session, name)
    return context.shown(Type(name=name), 201)


@get(TYPES + "{name:str}/", **refusing(READING))
async def show_type(api: Api, name: FromPath[str]) -> Response[Type]:
    """Show a type of sources."""
    async with api.database.reading() as session:
        if name not in await repository.source_types(session):
            raise not_found("SourceSystemType")
    return context.shown(Type(name=name))


@repeated
async def _renamed(request: Asked, api: Context, pk: int, *, required: bool) -> Response[ListedSource]:
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
            return context.shown(_shown(row, request, api))
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
    if said and not is_web(said):
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


def _shown(row: SourceRow, request: Asked, api: Context) -> ListedSource:
    body = ListedSource(pk=row.id, name=row.name, type=Type(name=row.type), user=row.user_id, base_url=row.base_url)
    if request.url.path.startswith("/api/v3/"):
        body["last_seen"] = shown(row.last_seen, api.zone)
    return body
