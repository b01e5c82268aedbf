"""Notification profiles of the user who asks."""

from collections.abc import Sequence
from typing import Any

from litestar import Response, delete, get, patch, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from argus_api import shapes, wishes
from argus_api.context import Asked, Context, answer
from argus_database.configuration import profiles
from argus_database.configuration.owned import LONGEST_NAME
from argus_database.configuration.profiles import Wish
from argus_http.bodies import LARGEST_BODY, content
from argus_http.fields import REQUIRED, Fields, Wrong, text

ROOT = "/api/v2/notificationprofiles/"
EMPTY = "This list may not be empty."


@get(ROOT)
async def list_profiles(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List one's own profiles."""
    async with api.database.reading() as session:
        rows = await profiles.own_profiles(session, request.user.pk)
    return answer([shapes.profile(row) for row in rows])


@post(ROOT, request_max_body_size=LARGEST_BODY)
async def add_profile(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """Add a profile."""
    wish = _wish(Fields(await content(request), api.zone), whole=True)
    user = request.user.pk
    async with api.database.writing() as session:
        row = await profiles.add_profile(
            session, user, timeslots=wish.timeslots or (), filters=wish.filters or (),
            destinations=wish.destinations or (), name=wish.name, active=wish.active is not False,
        )  # fmt: skip
        return answer(shapes.profile(await profiles.own_profile(session, user, row.id)), 201)


@get(ROOT + "{pk:int}/")
async def show_profile(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show one of one's own profiles."""
    async with api.database.reading() as session:
        row = await profiles.own_profile(session, request.user.pk, pk)
    return answer(shapes.profile(row))


@patch(ROOT + "{pk:int}/", request_max_body_size=LARGEST_BODY)
async def change_profile(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Change what the body names of one of one's own profiles."""
    wish = _wish(Fields(await content(request), api.zone), whole=False)
    user = request.user.pk
    async with api.database.writing() as session:
        await profiles.change_profile(session, user, pk, wish)
        return answer(shapes.profile(await profiles.own_profile(session, user, pk)))


@delete(ROOT + "{pk:int}/", status_code=204)
async def remove_profile(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> None:
    """Delete one of one's own profiles."""
    async with api.database.writing() as session:
        await profiles.delete_profile(session, request.user.pk, pk)


def _wish(fields: Fields, *, whole: bool) -> Wish:
    if whole and "timeslot" not in fields and "timeslots" not in fields:
        fields.errors["timeslot"] = [REQUIRED]
    one = fields.read("timeslot", wishes.pk, None)
    timeslots = fields.read("timeslots", _some_pks, None)
    filters = fields.read("filters", _some_pks, None, required=whole)
    destinations = fields.read("destinations", wishes.pks, None)
    name = fields.read("name", lambda value: text(value, LONGEST_NAME), None, null=True)
    active = fields.boolean("active") if "active" in fields else None
    fields.check()
    return Wish(name, _first(one, timeslots), filters, destinations, active)


def _first(one: int | None, several: Sequence[int] | None) -> Sequence[int] | None:
    if one is None:
        return several
    return [one, *(pk for pk in several or () if pk != one)]


def _some_pks(value: Any) -> Sequence[int]:
    found = wishes.pks(value)
    if not found:
        raise Wrong([EMPTY])
    return found
