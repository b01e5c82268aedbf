"""Planned maintenance: seen by all, changed by staff."""

from litestar import Response, delete, get, post, route
from litestar.params import FromPath

from argus_api import shapes
from argus_api.context import CHANGES, Api, Asked, shown
from argus_api.controllers.wished import wished
from argus_api.database import repeated
from argus_api.wishes.bodies import MaintenanceBody, MaintenanceChanges
from argus_api.wishes.maintenance import maintenance_wish
from argus_database.configuration import maintenance
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, CHANGING, DELETING, LISTING, READING, refusing
from argus_http.errors import forbidden

ROOT = "/api/v2/plannedmaintenance/"
ONE = ROOT + "{pk:int}/"


@get(ROOT, **refusing(LISTING))
async def list_maintenance(api: Api) -> Response[list[shapes.Maintenance]]:
    """List the tasks of all users."""
    async with api.database.reading() as session:
        rows = await maintenance.all_maintenance(session)
    return shown([shapes.maintenance(row, api.zone) for row in rows])


@post(ROOT, request_max_body_size=LARGEST_BODY, **refusing(ADDING, MaintenanceBody))
@repeated
async def add_maintenance(request: Asked, api: Api) -> Response[shapes.Maintenance]:
    """Add a task, from now on and for ever unless the body says otherwise; staff only."""
    _check_staff(request)
    wish = await wished(request, api, maintenance_wish)
    async with api.database.writing() as session:
        row = await maintenance.add_maintenance(
            session, request.user.pk, filters=wish.filters or (), starts_at=wish.starts_at, ends_at=wish.ends_at,
            description=wish.description or "",
        )  # fmt: skip
        return shown(shapes.maintenance(await maintenance.maintenance(session, row.id), api.zone), 201)


@get(ONE, **refusing(READING))
async def show_maintenance(api: Api, pk: FromPath[int]) -> Response[shapes.Maintenance]:
    """Show a task."""
    async with api.database.reading() as session:
        row = await maintenance.maintenance(session, pk)
    return shown(shapes.maintenance(row, api.zone))


@route(ONE, http_method=CHANGES, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, MaintenanceChanges))
@repeated
async def change_maintenance(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Maintenance]:
    """Change what the body names of a task, until 12 hours after its end; staff only."""
    _check_staff(request)
    wish = await wished(request, api, maintenance_wish)
    async with api.database.writing() as session:
        await maintenance.change_maintenance(
            session, request.user.pk, pk, filters=wish.filters, starts_at=wish.starts_at, ends_at=wish.ends_at,
            description=wish.description,
        )  # fmt: skip
        return shown(shapes.maintenance(await maintenance.maintenance(session, pk), api.zone))


@delete(ONE, status_code=204, **refusing(DELETING))
@repeated
async def remove_maintenance(request: Asked, api: Api, pk: FromPath[int]) -> None:
    """Delete a task that has not begun; staff only."""
    _check_staff(request)
    async with api.database.writing() as session:
        await maintenance.delete_maintenance(session, pk)


def _check_staff(request: Asked) -> None:
    if not request.user.is_staff:
        raise forbidden()
