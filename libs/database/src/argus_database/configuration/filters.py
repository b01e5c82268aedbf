"""Filters: stored conditions on incidents and events."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.errors import InUse, NoSuch, Refused
from argus_database.configuration.names import check_name, profile_names
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import FilterRow, ProfileRow
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
    await _check_name(session, user, name)
    row = FilterRow(user_id=user, name=name, filter=blob_of(filter_), public=public)
    session.add(row)
    await session.flush()
    return row


async def usable_filters(session: AsyncSession, user: int) -> Sequence[FilterRow]:
    """Return the filters that a user may use: its own and all public ones."""
    usable = select(FilterRow).where(or_(FilterRow.user_id == user, FilterRow.public)).order_by(FilterRow.id)
    return (await session.scalars(usable)).all()


async def usable_filter(session: AsyncSession, user: int, pk: int) -> FilterRow | None:
    """Return a filter that a user may use."""
    usable = or_(FilterRow.user_id == user, FilterRow.public)
    return await session.scalar(select(FilterRow).where(FilterRow.id == pk, usable))


async def own_filter(session: AsyncSession, user: int, pk: int) -> FilterRow | None:
    """Return a user's own filter."""
    return await session.scalar(select(FilterRow).where(FilterRow.id == pk, FilterRow.user_id == user))


async def filters_for(session: AsyncSession, user: int, pks: Sequence[int]) -> list[FilterRow]:
    """Return the filters named, if the user may use all of them.

    Raises:
        NoSuch: one is not there, or is somebody else's private one.
    """
    usable = or_(FilterRow.user_id == user, FilterRow.public)
    rows = {row.id: row for row in await session.scalars(select(FilterRow).where(FilterRow.id.in_(pks), usable))}
    for pk in pks:
        if pk not in rows:
            raise NoSuch("filters", pk)
    return list(rows.values())


async def change_filter(
    session: AsyncSession, user: int, pk: int, *,
    name: str | None = None, filter_: Filter | Mapping[str, Any] | None = None, public: bool | None = None,
) -> FilterRow:  # fmt: skip
    """Change what is given of a user's own filter, and publish whatever embeds it."""
    await outbox.lock(session)
    row = await own_filter(session, user, pk)
    if row is None:
        raise NoSuch("filter", pk)
    if name is not None and name != row.name:
        await _check_name(session, user, name)
        row.name = name
    if filter_ is not None:
        row.filter = blob_of(filter_)
    if public is not None:
        row.public = public
    await publish.embedding_filter(session, pk)
    return row


async def delete_filter(session: AsyncSession, user: int, pk: int) -> None:
    """Delete a user's own filter.

    Raises:
        InUse: a profile or a maintenance task uses it.
    """
    await outbox.lock(session)
    row = await own_filter(session, user, pk)
    if row is None:
        raise NoSuch("filter", pk)
    if names := await profile_names(session, ProfileRow.filters.any(FilterRow.id == pk)):
        raise InUse("filter", names)
    tasks = await session.scalars(select(MaintenanceRow.id).where(MaintenanceRow.filters.any(FilterRow.id == pk)))
    if numbers := [str(each) for each in tasks]:
        raise InUse("filter", numbers, "planned maintenance task(s)")
    await session.delete(row)
    await session.flush()


def blob_of(filter_: Filter | Mapping[str, Any]) -> dict[str, Any]:
    """Return the conditions as they are stored: what is unset is left out."""
    checked = filter_ if isinstance(filter_, Filter) else from_blob(dict(filter_))
    return checked.model_dump(mode="json", exclude_defaults=True)


async def _check_name(session: AsyncSession, user: int, name: str) -> None:
    check_name(name)
    taken = select(FilterRow.id).where(FilterRow.user_id == user, FilterRow.name == name)
    if await session.scalar(taken):
        raise Refused("name", f'The name "{name}" is already in use for another filter of yours.')
