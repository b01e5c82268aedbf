"""Who one is, who others are, and the sources."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from argus_api.context import Asked, Context, answer
from argus_api.repositories import accounts as repository
from argus_database.tables.accounts import SourceRow, UserRow
from argus_http.errors import not_found
from argus_http.moments import shown


@get("/api/v2/auth/user/")
async def show_me(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """Show who asks."""
    async with api.database.reading() as session:
        row = await repository.user(session, request.user.pk)
    if row is None:
        raise not_found("User")
    admin = api.url(request, "/admin/") if row.is_staff else None
    return answer(_user(row) | {"admin_url": admin})


@get("/api/v2/auth/users/{pk:int}/")
async def show_user(api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show a user."""
    async with api.database.reading() as session:
        row = await repository.user(session, pk)
    if row is None:
        raise not_found("User")
    return answer(_user(row))


@get(["/api/v2/incidents/sources/", "/api/v3/incidents/sources/"])
async def list_sources(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List all sources."""
    async with api.database.reading() as session:
        rows = await repository.sources(session)
    return answer([_source(row, request, api) for row in rows])


@get(["/api/v2/incidents/sources/{pk:int}/", "/api/v3/incidents/sources/{pk:int}/"])
async def show_source(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show a source."""
    async with api.database.reading() as session:
        row = await repository.source(session, pk)
    if row is None:
        raise not_found("SourceSystem")
    return answer(_source(row, request, api))


@get("/api/v2/incidents/source-types/")
async def list_source_types(api: NamedDependency[Context]) -> Response[bytes]:
    """List the types of sources."""
    async with api.database.reading() as session:
        names = await repository.source_types(session)
    return answer([{"name": name} for name in names])


def _user(row: UserRow) -> dict[str, Any]:
    return {"username": row.username, "first_name": row.first_name, "last_name": row.last_name, "email": row.email}


def _source(row: SourceRow, request: Asked, api: Context) -> dict[str, Any]:
    body = {
        "pk": row.id,
        "name": row.name,
        "type": {"name": row.type},
        "user": row.user_id,
        "base_url": row.base_url,
    }
    if request.url.path.startswith("/api/v3/"):
        body["last_seen"] = shown(row.last_seen, api.zone)
    return body
