"""Until when the user who asks wants to be told of nothing."""

from datetime import datetime

from litestar import Response, delete, get, put

from argus_api import shapes_v3
from argus_api.context import Api, Asked, Context, shown
from argus_api.controllers.wished import wished
from argus_api.database import repeated
from argus_api.wishes.bodies import QuietBody
from argus_api.wishes.quiet import quiet_wish
from argus_database.configuration import quiet
from argus_http import moments
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, DELETING, LISTING, refusing

MINE = "/api/v3/auth/user/quiet/"


@get(MINE, **refusing(LISTING))
async def show_quiet(request: Asked, api: Api) -> Response[shapes_v3.Quiet]:
    """Show until when one wants to be told of nothing; null: one is told."""
    async with api.database.reading() as session:
        return _shown(api, await quiet.quiet_until(session, request.user.pk))


@put(MINE, request_max_body_size=LARGEST_BODY, **refusing(ADDING, QuietBody))
@repeated
async def be_quiet(request: Asked, api: Api) -> Response[shapes_v3.Quiet]:
    """Be told of nothing until a moment that lies ahead, by 30 days at most."""
    until = await wished(request, api, quiet_wish)
    async with api.database.writing() as session:
        await quiet.set_quiet(session, request.user.pk, until)
        return _shown(api, until)


@delete(MINE, status_code=204, **refusing(DELETING))
@repeated
async def be_told(request: Asked, api: Api) -> None:
    """Be told again."""
    async with api.database.writing() as session:
        await quiet.set_quiet(session, request.user.pk, None)


def _shown(api: Context, until: datetime | None) -> Response[shapes_v3.Quiet]:
    return shown({"until": moments.shown(until, api.zone)})
