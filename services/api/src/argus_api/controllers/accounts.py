"""Who one is, and who others are."""

from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from argus_api.context import Asked, Context, answer
from argus_api.repositories import accounts as repository
from argus_database.tables.accounts import UserRow
from argus_http.errors import not_found


@get("/api/v2/auth/user/")
async def show_me(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """Show who asks."""
    async with api.database.reading() as session:
        row = await repository.user(session, request.user.pk)
    if row is None:
        raise not_found("User")
    admin = api.url(request, "/admin/") if row.is_staff else None
    return answer(_user(row) | {"admin_url": admin})


@get("/api/v2/auth/users/{pk:int}/")
async def show_user(api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """Show a user."""
    async with api.database.reading() as session:
        row = await repository.user(session, pk)
    if row is None:
        raise not_found("User")
    return answer(_user(row))


def _user(row: UserRow) -> dict[str, Any]:
    return {"username": row.username, "first_name": row.first_name, "last_name": row.last_name, "email": row.email}
