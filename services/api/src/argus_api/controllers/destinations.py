"""Destinations of the user who asks, in v2 and v3."""

from functools import partial

from litestar import Response, delete, get, patch, post
from litestar.params import FromPath

from argus_api import shapes
from argus_api.context import Api, Asked, is_v3, shown
from argus_api.controllers.media import under
from argus_api.controllers.wished import wished
from argus_api.database import repeated
from argus_api.wishes.bodies import DestinationBody, DestinationChanges
from argus_api.wishes.destinations import destination_wish, refusing_settings
from argus_database.configuration import destinations
from argus_database.configuration.errors import Absent
from argus_database.configuration.owned import own
from argus_database.tables.profiles import DestinationRow
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, CHANGING, DELETING, LISTING, READING, refusing
from argus_http.errors import invalid

ALL = under("destinations/")
ONE = under("destinations/{pk:int}/")


@get(ALL, **refusing(LISTING))
async def list_destinations(request: Asked, api: Api) -> Response[list[shapes.Destination]]:
    """List one's own destinations."""
    async with api.database.reading() as session:
        rows = await destinations.own_destinations(session, request.user.pk)
    return shown([shapes.destination(row, api.media, v3=is_v3(request)) for row in rows])


@post(ALL, request_max_body_size=LARGEST_BODY, **refusing(ADDING, DestinationBody))
@repeated
async def add_destination(request: Asked, api: Api) -> Response[shapes.Destination]:
    """Add a destination; its secrets are encrypted before they are kept."""
    wish = await wished(request, api, partial(destination_wish, api.media))
    managed = None if is_v3(request) else False  # as Argus has it
    with refusing_settings():
        async with api.database.writing() as session:
            row = await destinations.add_destination(
                session, request.user.pk, wish.media or "", wish.settings or {},
                label=wish.label, managed=managed, encrypt=api.encrypt,
            )  # fmt: skip
    return shown(shapes.destination(row, api.media, v3=is_v3(request)), 201)


@get(ONE, **refusing(READING))
async def show_destination(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Destination]:
    """Show one of one's own destinations."""
    async with api.database.reading() as session:
        row = await own(session, DestinationRow, request.user.pk, pk)
    return shown(shapes.destination(row, api.media, v3=is_v3(request)))


@patch(ONE, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, DestinationChanges))
@repeated
async def change_destination(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Destination]:
    """Change label or settings of one of one's own destinations; a secret that is sent back hidden stays."""
    wish = await wished(request, api, partial(destination_wish, api.media))
    with refusing_settings():
        async with api.database.writing() as session:
            row = await destinations.change_destination(
                session, request.user.pk, pk,
                media=wish.media, label=wish.label, settings=wish.settings, encrypt=api.encrypt,
            )  # fmt: skip
    return shown(shapes.destination(row, api.media, v3=is_v3(request)))


@delete(ONE, status_code=204, **refusing(DELETING))
@repeated
async def remove_destination(request: Asked, api: Api, pk: FromPath[int]) -> None:
    """Delete one of one's own destinations, unless a profile uses it."""
    async with api.database.writing() as session:
        await destinations.delete_destination(session, request.user.pk, pk)


@get(under("destinations/{pk:int}/duplicate/"), **refusing(READING))
async def show_whether_duplicate(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Duplicate]:
    """Tell whether another user has a destination like one of one's own."""
    try:
        async with api.database.reading() as session:
            shared = await destinations.is_shared(session, request.user.pk, pk)
    except Absent:
        raise invalid([f"Destination with pk={pk} does not exist."]) from None
    return shown({"is_duplicate": shared})
