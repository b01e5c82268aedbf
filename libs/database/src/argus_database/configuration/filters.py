"""Filters: stored conditions on incidents and events."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.errors import EMPTY, Absent, InUse, Refused
from argus_database.configuration.names import profile_names
from argus_database.configuration.owned import LARGEST_PK, check_name, chosen, own, rename, word
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import FilterRow, ProfileRow
from argus_schemas.base import sought
from argus_schemas.configuration import Filter, from_blob


async def add_filter(
    session: AsyncSession, user: int, name: str, filter_: Filter | Mapping[str, Any], *, public: bool = False
) -> FilterRow:
    """Add a filter of a user.

    Raises:
        Refused: the user has one of that name.
        pydantic.ValidationError: the conditions cannot be.
    """
    await outbox.lock(session)
    await check_name(session, FilterRow, user, name)
    row = FilterRow(user_id=user, name=name, filter=blob_of(filter_), public=public)
    session.add(row)
    await session.flush()
    return row


async def usable_filters(session: AsyncSession, user: int) -> Sequence[FilterRow]:
    """Return the filters that a user may use: its own and all public ones."""
    return (await session.scalars(select(FilterRow).where(_usable(user)).order_by(FilterRow.id))).all()


async def usable_filter(session: AsyncSession, user: int, pk: int) -> FilterRow:
    """Return a filter that a user may use.

    Raises:
        Absent: it is not there, or is somebody else's private one.
    """
    row = await session.scalar(select(FilterRow).where(FilterRow.id == sought(pk, LARGEST_PK), _usable(user)))
    if row is None:
        raise Absent(word(FilterRow), pk)
    return row


async def filters_for(
    session: AsyncSession, user: int, pks: Sequence[int], held: Sequence[FilterRow] = ()
) -> list[FilterRow]:
    """Return the filters named, if the user may use all of them; those that are `held` already may stay.

    Raises:
        Refused: none is named.
        NoSuch: one is not there, or is somebody else's private one.
    """
    if not pks:
        raise Refused("filters", EMPTY)
    usable = or_(_usable(user), FilterRow.id.in_([row.id for row in held]))
    return await chosen(session, FilterRow, pks, usable)


async def change_filter(
    session: AsyncSession, user: int, pk: int, *,
    name: str | None = None, filter_: Filter | Mapping[str, Any] | None = None, public: bool | None = None,
) -> FilterRow:  # fmt: skip
    """Change what is given of a user's own filter, and publish whatever embeds it.

    Raises:
        Refused: the user has another of that name, or others use what would become private.
        pydantic.ValidationError: the conditions cannot be.
    """
    await outbox.lock(session)
    row = await own(session, FilterRow, user, pk)
    await rename(session, row, name)
    if filter_ is not None:
        row.filter = blob_of(filter_)
    if public is not None:
        await _set_public(session, row, public)
    await publish.embedding_filter(session, pk)
    return row


async def delete_filter(session: AsyncSession, user: int, pk: int) -> None:
    """Delete a user's own filter.

    Raises:
        InUse: a profile or a maintenance task uses it.
    """
    await outbox.lock(session)
    row = await own(session, FilterRow, user, pk)
    if names := await profile_names(session, user, ProfileRow.filters.any(FilterRow.id == pk)):
        raise InUse("filter", names)
    tasks = await session.scalars(select(MaintenanceRow.id).where(MaintenanceRow.filters.any(FilterRow.id == pk)))
    if numbers := [str(each) for each in tasks]:
        raise InUse("filter", numbers, "planned maintenance task(s)")
    await session.delete(row)
    await session.flush()


async def _set_public(session: AsyncSession, row: FilterRow, public: bool) -> None:
    others = ProfileRow.filters.any(FilterRow.id == row.id), ProfileRow.user_id != row.user_id
    if row.public and not public and await session.scalar(select(ProfileRow.id).where(*others).limit(1)):
        raise Refused("public", "Profiles of other users use this filter, so it has to stay public.")
    row.public = public


def blob_of(filter_: Filter | Mapping[str, Any]) -> dict[str, Any]:
    """Return the conditions as they are stored: what is unset is left out."""
    checked = filter_ if isinstance(filter_, Filter) else from_blob(dict(filter_))
    return checked.model_dump(mode="json", exclude_defaults=True)


def _usable(user: int) -> ColumnElement[bool]:
    return or_(FilterRow.user_id == user, FilterRow.public)
