"""Filters of the user who asks."""

from functools import partial
from typing import Any

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from argus_api import shapes, wishes
from argus_api.context import Asked, Context, answer
from argus_database.configuration import filters
from argus_database.configuration.errors import InUse
from argus_http.bodies import LARGEST_BODY, content
from argus_http.errors import forbidden, invalid
from argus_http.fields import Fields

ROOT = "/api/v2/notificationprofiles/filters/"


@get(ROOT)
async def list_filters(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List one's own filters and those that are public."""
    async with api.database.reading() as session:
        rows = await filters.usable_filters(session, request.user.pk)
    return answer([shapes.filter_(row) for row in rows])


@post(ROOT, request_max_body_size=LARGEST_BODY)
async def add_filter(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """Add a filter."""
    fields = Fields(await content(request), api.zone)
    name = wishes.name(fields)
    empty: dict[str, Any] = {}
    blob = fields.read("filter", partial(wishes.blob, zone=api.zone), empty)
    public = fields.boolean("public")
    fields.check()
    async with api.database.writing() as session:
        row = await filters.add_filter(session, request.user.pk, name, blob, public=public)
    return answer(shapes.filter_(row), 201)


@get(ROOT + "{pk:int}/")
async def show_filter(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show one of one's own filters."""
    async with api.database.reading() as session:
        row = await filters.usable_filter(session, request.user.pk, pk)
    if row.user_id != request.user.pk:
        raise forbidden()
    return answer(shapes.filter_(row))


@delete(ROOT + "{pk:int}/", status_code=204)
async def remove_filter(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> None:
    """Delete one of one's own filters, unless something uses it."""
    try:
        async with api.database.writing() as session:
            await filters.delete_filter(session, request.user.pk, pk)
    except InUse as error:
        raise invalid(error.message) from None
