"""Planned maintenance: seen by all, changed by staff."""

from datetime import UTC, datetime
from functools import partial
from typing import cast

from litestar import Response, delete, get, post, route
from litestar.params import FromPath

from argus_api import shapes, shapes_v3
from argus_api.context import CHANGES, Api, Asked, Context, is_v3, shown
from argus_api.controllers.wished import wished
from argus_api.database import repeated
from argus_api.wishes.bodies import MaintenanceBody, MaintenanceChanges
from argus_api.wishes.maintenance import MaintenanceWish, maintenance_wish
from argus_database.configuration import maintenance
from argus_database.tables.maintenance import MaintenanceRow
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, CHANGING, DELETING, LISTING, READING, refusing
from argus_http.errors import forbidden
from argus_schemas.schedules import Repeats

ALL = ["/api/v2/plannedmaintenance/", "/api/v3/plannedmaintenance/"]
ONE = [each + "{pk:int}/" for each in ALL]


@get(ALL, **refusing(LISTING))
async def list_maintenance(request: Asked, api: Api) -> Response[list[shapes.Maintenance]]:
    """List the tasks of all users."""
    async with api.database.reading() as session:
        rows = await maintenance.all_maintenance(session)
    if is_v3(request):
        return shown([cast("shapes.Maintenance", shapes_v3.listed_maintenance(row, api.zone)) for row in rows])
    return shown([shapes.maintenance(row, api.zone) for row in rows])


@post(ALL, request_max_body_size=LARGEST_BODY, **refusing(ADDING, MaintenanceBody))
@repeated
async def add_maintenance(request: Asked, api: Api) -> Response[shapes.Maintenance]:
    """Add a task, from now on and for ever unless the body says otherwise; staff only."""
    _check_staff(request)
    wish = await _wished(request, api)
    async with api.database.writing() as session:
        row = await maintenance.add_maintenance(
            session, request.user.pk, filters=wish.filters or (), starts_at=wish.starts_at, ends_at=wish.ends_at,
            description=wish.description or "", tell_after=wish.tell_after is not False,
            repeats=wish.repeats if isinstance(wish.repeats, Repeats) else None,
        )  # fmt: skip
        return shown(_shape(request, api, await maintenance.maintenance(session, row.id)), 201)


@get(ONE, **refusing(READING))
async def show_maintenance(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Maintenance]:
    """Show a task."""
    async with api.database.reading() as session:
        row = await maintenance.maintenance(session, pk)
    return shown(_shape(request, api, row))


@route(ONE, http_method=CHANGES, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, MaintenanceChanges))
@repeated
async def change_maintenance(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Maintenance]:
    """Change what the body names of a task, until 12 hours after its end; staff only."""
    _check_staff(request)
    wish = await _wished(request, api)
    async with api.database.writing() as session:
        await maintenance.change_maintenance(
            session, request.user.pk, pk, filters=wish.filters, starts_at=wish.starts_at, ends_at=wish.ends_at,
            description=wish.description, repeats=wish.repeats, tell_after=wish.tell_after,
            of_nearest=not is_v3(request),
        )  # fmt: skip
        return shown(_shape(request, api, await maintenance.maintenance(session, pk)))


@delete(ONE, status_code=204, **refusing(DELETING))
@repeated
async def remove_maintenance(request: Asked, api: Api, pk: FromPath[int]) -> None:
    """Delete a task that has not begun; staff only."""
    _check_staff(request)
    async with api.database.writing() as session:
        await maintenance.delete_maintenance(session, pk)


async def _wished(request: Asked, api: Context) -> MaintenanceWish:
    return await wished(request, api, partial(maintenance_wish, v3=is_v3(request), zone_name=api.zone_name))


def _shape(request: Asked, api: Context, row: MaintenanceRow) -> shapes.Maintenance:
    if is_v3(request):
        return cast("shapes.Maintenance", shapes_v3.maintenance(row, api.zone, datetime.now(UTC)))
    return shapes.maintenance(row, api.zone)


def _check_staff(request: Asked) -> None:
    if not request.user.is_staff:
        raise forbidden()
