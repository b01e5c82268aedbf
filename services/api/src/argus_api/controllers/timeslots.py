"""Timeslots of the user who asks."""

from litestar import Response, delete, get, post, route
from litestar.params import FromPath

from argus_api import shapes
from argus_api.context import CHANGES, Api, Asked, shown
from argus_api.controllers.wished import wished
from argus_api.database import repeated
from argus_api.wishes.bodies import TimeslotBody, TimeslotChanges
from argus_api.wishes.timeslots import timeslot_wish
from argus_database.configuration import timeslots
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, CHANGING, DELETING, LISTING, READING, refusing

ROOT = "/api/v2/notificationprofiles/timeslots/"
ONE = ROOT + "{pk:int}/"


@get(ROOT, **refusing(LISTING))
async def list_timeslots(request: Asked, api: Api) -> Response[list[shapes.Timeslot]]:
    """List one's own timeslots, by name."""
    async with api.database.reading() as session:
        rows = await timeslots.own_timeslots(session, request.user.pk)
    return shown([shapes.timeslot(row) for row in rows])


@post(ROOT, request_max_body_size=LARGEST_BODY, **refusing(ADDING, TimeslotBody))
@repeated
async def add_timeslot(request: Asked, api: Api) -> Response[shapes.Timeslot]:
    """Add a timeslot; its times are those of the server's clocks unless it names a zone."""
    wish = await wished(request, api, timeslot_wish)
    zone = wish.zone or api.zone_name
    async with api.database.writing() as session:
        row = await timeslots.add_timeslot(session, request.user.pk, wish.name or "", wish.recurrences or [], zone=zone)
        return shown(shapes.timeslot(row), 201)


@get(ONE, **refusing(READING))
async def show_timeslot(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Timeslot]:
    """Show one of one's own timeslots."""
    async with api.database.reading() as session:
        row = await timeslots.own_timeslot(session, request.user.pk, pk)
    return shown(shapes.timeslot(row))


@route(ONE, http_method=CHANGES, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, TimeslotChanges))
@repeated
async def change_timeslot(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Timeslot]:
    """Change one of one's own timeslots; recurrences that are given take the place of all that were."""
    wish = await wished(request, api, timeslot_wish)
    async with api.database.writing() as session:
        row = await timeslots.change_timeslot(
            session, request.user.pk, pk, name=wish.name, recurrences=wish.recurrences, zone=wish.zone
        )
        return shown(shapes.timeslot(row))


@delete(ONE, status_code=204, **refusing(DELETING))
@repeated
async def remove_timeslot(request: Asked, api: Api, pk: FromPath[int]) -> None:
    """Delete one of one's own timeslots, and the profiles that have no other."""
    async with api.database.writing() as session:
        await timeslots.delete_timeslot(session, request.user.pk, pk)
