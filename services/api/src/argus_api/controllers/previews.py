"""Incidents that a filter, a profile or a planned maintenance task accepts now."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from litestar import Response, get, post
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.context import Api, Asked, Context, shown
from argus_api.controllers.wished import wished
from argus_api.repositories import filtering
from argus_api.repositories.where import Where
from argus_api.wishes.bodies import ConditionsBody
from argus_api.wishes.filters import conditions_wish
from argus_database.configuration.errors import Absent
from argus_database.configuration.maintenance import maintenance
from argus_database.configuration.profiles import own_profile
from argus_database.configuration.repeating import nearest
from argus_database.tables.profiles import FilterRow
from argus_http import v2
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, described, showing
from argus_http.errors import invalid
from argus_http.shapes import IncidentShape
from argus_schemas.configuration import Filter, from_blob

Incidents = list[dict[str, Any]]
ROOT = "/api/v2/notificationprofiles/"


@post(
    [ROOT + "filterpreview/", ROOT + "preview/"],
    request_max_body_size=LARGEST_BODY,
    status_code=200,
    **described(list[IncidentShape], body=ConditionsBody, errors=ADDING, early=False),
)
async def preview_filter(request: Asked, api: Api) -> Response[Incidents]:
    """List the newest incidents that the conditions in the body accept, 1,000 at most."""
    where = Where(datetime.now(UTC))
    where.fits(from_blob(await wished(request, api, conditions_wish)))
    async with api.database.reading() as session:
        return await _listed(session, api, where)


@get(ROOT + "{pk:int}/incidents/", **showing(list[IncidentShape]))
async def list_incidents_of_profile(request: Asked, api: Api, pk: FromPath[int]) -> Response[Incidents]:
    """List the newest incidents that at least one filter of one's own profile accepts, 1,000 at most."""
    where = Where(datetime.now(UTC))
    async with api.database.reading() as session:
        try:
            profile = await own_profile(session, request.user.pk, pk)
        except Absent:
            raise invalid([f"Notification profile with pk={pk} does not exist."]) from None
        where.fits_any(_conditions_of(profile.filters))
        return await _listed(session, api, where)


@get("/api/v3/plannedmaintenance/{pk:int}/incidents/", **showing(list[IncidentShape]))
async def list_incidents_of_maintenance(api: Api, pk: FromPath[int]) -> Response[Incidents]:
    """List the open incidents that a task covers now, 1,000 at most; before and after its time there are none."""
    now = datetime.now(UTC)
    where = Where(now)
    async with api.database.reading() as session:
        task = await maintenance(session, pk)
        filtering.covered(where, *nearest(task, now), _conditions_of(task.filters))
        return await _listed(session, api, where)


def _conditions_of(rows: Sequence[FilterRow]) -> list[Filter]:
    return [from_blob(row.filter) for row in rows]


async def _listed(session: AsyncSession, api: Context, where: Where) -> Response[Incidents]:
    found = await filtering.newest(session, where)
    return shown([v2.incident(each, acked=each.acked, at=where.now, zone=api.zone) for each in found])
