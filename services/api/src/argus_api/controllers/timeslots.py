"""Timeslots of the user who asks."""

from functools import partial

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from argus_api import shapes, wishes
from argus_api.context import Asked, Context, answer
from argus_database.configuration import timeslots
from argus_http.bodies import LARGEST_BODY, content
from argus_http.fields import Fields
from argus_schemas.configuration import Recurrence

ROOT = "/api/v2/notificationprofiles/timeslots/"


@get(ROOT)
async def list_timeslots(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List one's own timeslots, by name."""
    async with api.database.reading() as session:
        rows = await timeslots.own_timeslots(session, request.user.pk)
    return answer([shapes.timeslot(row) for row in rows])


@post(ROOT, request_max_body_size=LARGEST_BODY)
async def add_timeslot(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """Add a timeslot."""
    fields = Fields(await content(request), api.zone)
    name = wishes.name(fields)
    read = partial(wishes.items, read=partial(wishes.recurrence, zone=api.zone))
    none: list[Recurrence] = []
    recurrences = fields.read("time_recurrences", read, none, required=True)
    zone = fields.text("zone", longest=100) or api.zone_name
    fields.check()
    async with api.database.writing() as session:
        row = await timeslots.add_timeslot(session, request.user.pk, name, recurrences, zone=zone)
        return answer(shapes.timeslot(row), 201)


@get(ROOT + "{pk:int}/")
async def show_timeslot(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show one of one's own timeslots."""
    async with api.database.reading() as session:
        row = await timeslots.own_timeslot(session, request.user.pk, pk)
    return answer(shapes.timeslot(row))


@delete(ROOT + "{pk:int}/", status_code=204)
async def remove_timeslot(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> None:
    """Delete one of one's own timeslots, and the profiles that use it."""
    async with api.database.writing() as session:
        await timeslots.delete_timeslot(session, request.user.pk, pk)
