"""Filters of the user who asks."""

from litestar import Response, delete, get, post, route
from litestar.params import FromPath

from argus_api import shapes
from argus_api.context import CHANGES, Api, Asked, shown
from argus_api.controllers.wished import wished
from argus_api.database import repeated
from argus_api.wishes.bodies import FilterBody, FilterChanges
from argus_api.wishes.filters import filter_wish
from argus_database.configuration import filters
from argus_database.configuration.errors import InUse
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, CHANGING, DELETING, LISTING, READING, refusing
from argus_http.errors import forbidden, invalid

ROOT = "/api/v2/notificationprofiles/filters/"
ONE = ROOT + "{pk:int}/"


@get(ROOT, **refusing(LISTING))
async def list_filters(request: Asked, api: Api) -> Response[list[shapes.Filter]]:
    """List one's own filters and those that are public."""
    async with api.database.reading() as session:
        rows = await filters.usable_filters(session, request.user.pk)
    return shown([shapes.filter_(row) for row in rows])


@post(ROOT, request_max_body_size=LARGEST_BODY, **refusing(ADDING, FilterBody))
@repeated
async def add_filter(request: Asked, api: Api) -> Response[shapes.Filter]:
    """Add a filter."""
    wish = await wished(request, api, filter_wish)
    async with api.database.writing() as session:
        row = await filters.add_filter(
            session, request.user.pk, wish.name or "", wish.filter or {}, public=wish.public is True
        )
    return shown(shapes.filter_(row), 201)


@get(ONE, **refusing({*READING, 403}))
async def show_filter(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Filter]:
    """Show one of one's own filters."""
    async with api.database.reading() as session:
        row = await filters.usable_filter(session, request.user.pk, pk)
    if row.user_id != request.user.pk:
        raise forbidden()
    return shown(shapes.filter_(row))


@route(ONE, http_method=CHANGES, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, FilterChanges))
@repeated
async def change_filter(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Filter]:
    """Change one of one's own filters, and what it means in whatever uses it."""
    wish = await wished(request, api, filter_wish)
    async with api.database.writing() as session:
        row = await filters.change_filter(
            session, request.user.pk, pk, name=wish.name, filter_=wish.filter, public=wish.public
        )
    return shown(shapes.filter_(row))


@delete(ONE, status_code=204, **refusing(DELETING))
@repeated
async def remove_filter(request: Asked, api: Api, pk: FromPath[int]) -> None:
    """Delete one of one's own filters, unless something uses it."""
    try:
        async with api.database.writing() as session:
            await filters.delete_filter(session, request.user.pk, pk)
    except InUse as error:
        raise invalid(error.message) from None
