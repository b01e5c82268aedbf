"""Notification profiles of the user who asks."""

from functools import partial
from typing import cast

from litestar import Response, delete, get, post, route
from litestar.params import FromPath

from argus_api import shapes, shapes_v3
from argus_api.context import CHANGES, Api, Asked, Context, is_v3, shown
from argus_api.controllers.media import under
from argus_api.controllers.wished import wished
from argus_api.database import repeated
from argus_api.wishes.bodies import ProfileBody, ProfileChanges
from argus_api.wishes.profiles import profile_wish
from argus_database.configuration import profiles
from argus_database.tables.profiles import ProfileRow
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, CHANGING, DELETING, LISTING, READING, refusing

ALL = under("")
ONE = under("{pk:int}/")


@get(ALL, **refusing(LISTING))
async def list_profiles(request: Asked, api: Api) -> Response[list[shapes.Profile]]:
    """List one's own profiles."""
    async with api.database.reading() as session:
        rows = await profiles.own_profiles(session, request.user.pk)
    return shown([_shape(request, api, row) for row in rows])


@post(ALL, request_max_body_size=LARGEST_BODY, **refusing(ADDING, ProfileBody))
@repeated
async def add_profile(request: Asked, api: Api) -> Response[shapes.Profile]:
    """Add a profile."""
    wish = await wished(request, api, partial(profile_wish, v3=is_v3(request)))
    user = request.user.pk
    async with api.database.writing() as session:
        row = await profiles.add_wished(session, user, wish)
        return shown(_shape(request, api, await profiles.own_profile(session, user, row.id)), 201)


@get(ONE, **refusing(READING))
async def show_profile(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Profile]:
    """Show one of one's own profiles."""
    async with api.database.reading() as session:
        row = await profiles.own_profile(session, request.user.pk, pk)
    return shown(_shape(request, api, row))


@route(ONE, http_method=CHANGES, request_max_body_size=LARGEST_BODY, **refusing(CHANGING, ProfileChanges))
@repeated
async def change_profile(request: Asked, api: Api, pk: FromPath[int]) -> Response[shapes.Profile]:
    """Change what the body names of one of one's own profiles."""
    wish = await wished(request, api, partial(profile_wish, v3=is_v3(request)))
    user = request.user.pk
    async with api.database.writing() as session:
        await profiles.change_profile(session, user, pk, wish)
        return shown(_shape(request, api, await profiles.own_profile(session, user, pk)))


@delete(ONE, status_code=204, **refusing(DELETING))
@repeated
async def remove_profile(request: Asked, api: Api, pk: FromPath[int]) -> None:
    """Delete one of one's own profiles."""
    async with api.database.writing() as session:
        await profiles.delete_profile(session, request.user.pk, pk)


def _shape(request: Asked, api: Context, row: ProfileRow) -> shapes.Profile:
    return (
        cast("shapes.Profile", shapes_v3.profile(row, api.media)) if is_v3(request) else shapes.profile(row, api.media)
    )
