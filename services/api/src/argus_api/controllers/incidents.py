"""Reading incidents in v2 and v3."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.context import Asked, Context, answer, query_of
from argus_api.controllers.narrowing import narrowed
from argus_api.repositories import incidents as repository
from argus_api.repositories.where import Where
from argus_domain.states import is_acked
from argus_http import v2, v3
from argus_http.errors import not_found
from argus_http.pagination import cursor_in, page, size_in
from argus_schemas.incident import Incident

V3 = "/api/v3/"


@get(["/api/v2/incidents/", "/api/v3/incidents/"])
async def list_incidents(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List incidents, newest first, or count them."""
    return await _listed(request, api, mine=False)


@get(["/api/v2/incidents/mine/", "/api/v3/incidents/mine/"])
async def list_my_incidents(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List the incidents of the source that asks."""
    return await _listed(request, api, mine=True)


@get(["/api/v2/incidents/{pk:int}/", "/api/v3/incidents/{pk:int}/"])
async def show_incident(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show one incident, if it fits what the query asks for."""
    async with api.database.reading() as session:
        where = await narrowed(session, request, api)
        found = await repository.incident(session, pk, where)
        if found is None:
            raise not_found("Incident")
        (shown,) = await _shown(session, request, api, where, [found])
    return answer(shown)


async def _listed(request: Asked, api: Context, *, mine: bool) -> Response[bytes]:
    query = query_of(request)
    cursor, size = cursor_in(query), size_in(query)
    async with api.database.reading() as session:
        where = await narrowed(session, request, api, mine=mine)
        if "count" in query:
            return answer({"count": await repository.count(session, where), "params": query})
        rows = await repository.incidents(session, where, cursor, size)
        found = page(rows, cursor, size, lambda incident: (incident.start_time, incident.pk))
        results = await _shown(session, request, api, where, found.rows)
    return answer(found.body(results, api.url(request, _slashed(request.url.path)), query))


async def _shown(
    session: AsyncSession, request: Asked, api: Context, where: Where, incidents: Sequence[Incident]
) -> list[dict[str, Any]]:
    at, zone = where.now, api.zone
    if not request.url.path.startswith(V3):
        return [v2.incident(each, acked=is_acked(each, at), at=at, zone=zone) for each in incidents]
    seen = await repository.last_seen(session, (each.source.pk for each in incidents))
    return [
        v3.incident(each, acked=is_acked(each, at), at=at, zone=zone, last_seen=seen.get(each.source.pk))
        for each in incidents
    ]


def _slashed(path: str) -> str:
    return path.rstrip("/") + "/"
