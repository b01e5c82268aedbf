"""A query that may name stored things: filters, profiles and source types (specification 2.5.1)."""

from datetime import UTC, datetime

from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.context import Asked, Context, pk_in, query_of
from argus_api.queries import names, narrow
from argus_api.repositories import incidents as repository
from argus_api.repositories.where import Where
from argus_database.configuration.errors import Absent
from argus_database.configuration.owned import own
from argus_database.configuration.profiles import own_profile
from argus_database.tables.profiles import FilterRow
from argus_http.errors import invalid
from argus_schemas.configuration import from_blob

NO_CHOICE = "Select a valid choice. That choice is not one of the available choices."


async def narrowed(session: AsyncSession, request: Asked, api: Context, *, mine: bool = False) -> Where:
    """Return the conditions that the query of a request asks for.

    Raises:
        ApiError: 400 with the errors of its parameters.
    """
    query = query_of(request)
    where = Where(datetime.now(UTC))
    narrow(where, query, api.zone, mine=mine)
    if mine:
        where.sources([request.user.source_id or 0])
    else:
        await _of_sources(session, where, query)
    await _fitting_filter(session, request, where, query)
    await _fitting_profile(session, request, where, query)
    return where


async def _of_sources(session: AsyncSession, where: Where, query: dict[str, str]) -> None:
    called, types = names(query.get("source__name__in", "")), names(query.get("source__type__in", ""))
    if types and await repository.unknown_types(session, types):
        raise invalid({"source__type__in": [NO_CHOICE]})
    if called or types:
        where.sources(await repository.sources(session, called or None, types or None))


async def _fitting_filter(session: AsyncSession, request: Asked, where: Where, query: dict[str, str]) -> None:
    pk = pk_in(query, "filter_pk")
    if pk is not None:
        try:
            row = await own(session, FilterRow, request.user.pk, pk)
        except Absent:
            where.add("false")
        else:
            where.fits(from_blob(row.filter))


async def _fitting_profile(session: AsyncSession, request: Asked, where: Where, query: dict[str, str]) -> None:
    pk = pk_in(query, "notificationprofile_pk")
    if pk is not None:
        try:
            profile = await own_profile(session, request.user.pk, pk)
        except Absent:
            where.add("false")
        else:
            where.fits_any(from_blob(each.filter) for each in profile.filters)
