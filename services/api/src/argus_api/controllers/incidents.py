"""Reading incidents in v2 and v3."""

from datetime import UTC, datetime
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from argus_api.context import Asked, Context, answer, query_of
from argus_api.controllers.narrowing import narrowed
from argus_api.controllers.reads import LISTED, MINE, Incidents
from argus_api.details import Details
from argus_api.repositories import incidents as repository
from argus_api.repositories.counting import count
from argus_api.repositories.shown import ShownIncident
from argus_http import v2, v3
from argus_http.described import showing
from argus_http.errors import not_found
from argus_http.pagination import cursor_in, page, size_in
from argus_http.shapes import IncidentShape

V3 = "/api/v3/"


@get(["/api/v2/incidents/", "/api/v3/incidents/"], **showing(Incidents, query=LISTED))
async def list_incidents(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List incidents, newest first, or count them."""
    return await _listed(request, api, mine=False)


@get(["/api/v2/incidents/mine/", "/api/v3/incidents/mine/"], **showing(Incidents, query=MINE))
async def list_my_incidents(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List the incidents of the source that asks."""
    return await _listed(request, api, mine=True)


@get(
    ["/api/v2/incidents/{pk:int}/", "/api/v3/incidents/{pk:int}/"],
    **showing(IncidentShape, query=LISTED),
)
async def show_incident(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show one incident, if it fits what the query asks for."""
    if not request.scope["query_string"]:
        details: Details = request.app.state.details
        at, found = datetime.now(UTC), await details.get(pk)
    else:
        async with api.database.reading() as session:
            where = await narrowed(session, request, api)
            at, found = where.now, await repository.incident(session, pk, where)
    if found is None:
        raise not_found("Incident")
    return answer(_shown(request, api, at, found))


async def _listed(request: Asked, api: Context, *, mine: bool) -> Response[bytes]:
    query = query_of(request)
    cursor, size = cursor_in(query), size_in(query)
    async with api.database.reading() as session:
        where = await narrowed(session, request, api, mine=mine)
        if "count" in query:
            counted = await count(session, where, api.count_within)
            return answer(
                {"count": counted.number, "params": query} | ({"estimated": True} if counted.estimated else {})
            )
        rows, until = await repository.incidents(session, where, cursor, size)
    found = page(rows, cursor, size, lambda incident: (incident.start_time, incident.pk), until)
    results = [_shown(request, api, where.now, each) for each in found.rows]
    return answer(found.body(results, api.address(request), query))


def _shown(request: Asked, api: Context, at: datetime, incident: ShownIncident) -> dict[str, Any]:
    acked = incident.acked
    if request.scope["path"].startswith(V3):
        return v3.incident(incident, acked=acked, at=at, zone=api.zone, last_seen=incident.last_seen)
    return v2.incident(incident, acked=acked, at=at, zone=api.zone)
