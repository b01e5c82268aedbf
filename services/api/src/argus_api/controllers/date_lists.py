"""Date lists of the user who asks, which several timeslots may leave out."""

from litestar import Response, delete, get, post, route
from litestar.params import FromPath

from argus_api import shapes_v3
from argus_api.context import CHANGES, Api, Asked, shown
from argus_api.controllers.wished import wished
from argus_api.database import repeated
from argus_api.wishes.bodies import DateListBody, DateListChanges
from argus_api.wishes.date_lists import date_list_wish
from argus_database.configuration import date_lists
from argus_database.configuration.owned import own
from argus_database.tables.profiles import DateListRow
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, CHANGING, DELETING, LISTING, READING, refusing

ALL = "/api/v3/notificationprofiles/date-lists/"
ONE = ALL + "{pk:int}/"


@get(ALL, **refusing(LISTING))
async def list_date_lists(request: Asked, api: Api) -> Response[list[shapes_v3.DateList]]:
    """List one's own date lists, by name."""
    async with api.database.reading() as session:
        rows = await date_lists.own_date_lists(session, request.user.pk)
    return shown([shapes_v3.date_list(row) for row in rows])


@post(ALL, request_max_body_size=LARGEST_BODY, **refusing(ADDING, DateListBody))
@repeated
async def add_date_list(request: Asked, api: Api) -> Response[shapes_v3.DateList]:
    """Add a date list."""
    wish = await wished(request, api, date_list_wish)
    async with api.database.writing() as session:
        row = await date_lists.add_date_list(session, request.user.pk, wish.name or "", wish.dates or [])
        return shown(shapes_v3.date_list(row), 201)


@get(ONE, **refusing(READING))
async def show_date_list(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes_v3.DateList]:
    """Show one of one's own date lists."""
    async with api.database.reading() as session:
        row = await own(session, DateListRow, request.user.pk, pk)
    return shown(shapes_v3.date_list(row))


@route(ONE, http_method=CHANGES, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, DateListChanges))
@repeated
async def change_date_list(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes_v3.DateList]:
    """Change one of one's own date lists, and when its timeslots are awake; dates that are given replace all."""
    wish = await wished(request, api, date_list_wish)
    async with api.database.writing() as session:
        row = await date_lists.change_date_list(session, request.user.pk, pk, name=wish.name, dates=wish.dates)
        return shown(shapes_v3.date_list(row))


@delete(ONE, status_code=204, **refusing(DELETING))
@repeated
async def remove_date_list(request: Asked, api: Api, pk: FromPath[int]) -> None:
    """Delete one of one's own date lists, unless a timeslot leaves it out."""
    async with api.database.writing() as session:
        await date_lists.delete_date_list(session, request.user.pk, pk)
