"""Who one is, and who others are."""

from typing import TypedDict

from litestar import Response, get
from litestar.params import FromPath

from argus_api.context import Api, Asked, shown
from argus_api.repositories import accounts as repository
from argus_database.tables.accounts import UserRow
from argus_http.described import READING, refusing
from argus_http.errors import not_found


class Person(TypedDict):
    """A user."""

    username: str
    first_name: str
    last_name: str
    email: str


class Oneself(Person):
    """Who asks."""

    admin_url: str | None


@get("/api/v2/auth/user/", **refusing(READING))
async def show_me(request: Asked, api: Api) -> Response[Oneself]:
    """Show who asks."""
    async with api.database.reading() as session:
        row = await repository.user(session, request.user.pk)
    if row is None:
        raise not_found("User")
    admin = api.url(request, "/admin/") if row.is_staff else None
    return shown(Oneself(**_user(row), admin_url=admin))


@get("/api/v2/auth/users/{pk:int}/", **refusing(READING))
async def show_user(api: Api, pk: FromPath[int]) -> Response[Person]:
    """Show a user."""
    async with api.database.reading() as session:
        row = await repository.user(session, pk)
    if row is None:
        raise not_found("User")
    return shown(_user(row))


def _user(row: UserRow) -> Person:
    return Person(username=row.username, first_name=row.first_name, last_name=row.last_name, email=row.email)
