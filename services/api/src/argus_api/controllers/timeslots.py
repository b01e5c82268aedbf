"""Timeslots of the user who asks."""

from functools import partial
from typing import cast

from litestar import Response, delete, get, post, route
from litestar.params import FromPath

from argus_api import shapes, shapes_v3
from argus_api.context import CHANGES, Api, Asked, is_v3, shown
from argus_api.controllers.media import under
from argus_api.controllers.wished import wished
from argus_api.database import repeated
from argus_api.wishes.bodies import TimeslotBody, TimeslotChanges
from argus_api.wishes.timeslots import timeslot_wish
from argus_database.configuration import timeslots
from argus_database.tables.profiles import TimeslotRow
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, CHANGING, DELETING, LISTING, READING, refusing

ALL = under("timeslots/")
ONE = under("timeslots/{pk:int}/")


@get(ALL, **refusing(LISTING))
async def list_timeslots(request: Asked, api: Api) -> Response[list[shapes.Timeslot]]:
    """List one's own timeslots, by name."""
    async with api.database.reading() as session:
        rows = await timeslots.own_timeslots(session, request.user.pk)
    return shown([_shape(request, row) for row in rows])


@post(ALL, request_max_body_size=LARGEST_BODY, **refusing(ADDING, TimeslotBody))
@repeated
async def add_timeslot(request: Asked, api: Api) -> Response[shapes.Timeslot]:
    """Add a timeslot; its times are those of the server's clocks unless it names a zone."""
    wish = await wished(request, api, partial(timeslot_wish, v3=is_v3(request)))
    zone = wish.zone or api.zone_name
    async with api.database.writing() as session:
        row = await timeslots.add_timeslot(
            session, request.user.pk, wish.name or "", wish.recurrences or [], zone=zone,
            exceptions=wish.exceptions or (),
        )  # fmt: skip
        return shown(_shape(request, row), 201)


@get(ONE, **refusing(READING))
async def show_timeslot(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Timeslot]:
    """Show one of one's own timeslots."""
    async with api.database.reading() as session:
        row = await timeslots.own_timeslot(session, request.user.pk, pk)
    return shown(_shape(request, row))


@route(ONE, http_method=CHANGES, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, TimeslotChanges))
@repeated
async def change_timeslot(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Timeslot]:
    """Change one of one's own timeslots; recurrences that are given take the place of all that were."""
    wish = await wished(request, api, partial(timeslot_wish, v3=is_v3(request)))
    async with api.database.writing() as session:
        row = await timeslots.change_timeslot(
            session, request.user.pk, pk, name=wish.name, recurrences=wish.recurrences, zone=wish.zone,
            exceptions=wish.exceptions,
        )  # fmt: skip
        return shown(_shape(request, row))


@delete(ONE, status_code=204, **refusing(DELETING))
@repeated
async def remove_timeslot(request: Asked, api: Api, pk: FromPath[int]) -> None:
    """Delete one of one's own timeslots, and the profiles that have no other."""
    async with api.database.writing() as session:
        await timeslots.delete_timeslot(session, request.user.pk, pk)


def _shape(request: Asked, row: TimeslotRow) -> shapes.Timeslot:
    return cast("shapes.Timeslot", shapes_v3.timeslot(row)) if is_v3(request) else shapes.timeslot(row)
