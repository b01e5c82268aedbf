"""Filters: stored conditions on incidents and events."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from sqlalchemy import ColumnElement, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import documents, outbox, publish
from argus_database.configuration.errors import EMPTY, Absent, InUse, Refused
from argus_database.configuration.limits import LARGEST_FILTER
from argus_database.configuration.names import profile_names
from argus_database.configuration.owned import LARGEST_PK, check_name, check_one_more, chosen, own, rename, word
from argus_database.configuration.sizes import check_bytes_with, grew
from argus_database.tables.maintenance import MaintenanceRow, lasting, maintenance_filters
from argus_database.tables.profiles import FilterRow, ProfileRow
from argus_schemas.base import sought
from argus_schemas.configuration import Filter, from_blob


async def add_filter(
    session: AsyncSession, user: int, name: str, filter_: Filter | Mapping[str, Any], *, public: bool = False
) -> FilterRow:
    """Add a filter of a user.

    Raises:
        Refused: the user has one of that name, or too many, or the conditions are too large.
        ValueError: the conditions cannot be.
    """
    await outbox.lock(session)
    await check_one_more(session, FilterRow, user)
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
    """Change what is given of a user's own filter, and publish whatever embeds what is otherwise then.

    Tasks that have ended go on with what they covered by.

    Raises:
        Refused: the user has another of that name, others use what would become private, or the conditions are too
            large.
        ValueError: the conditions cannot be.
    """
    await outbox.lock(session)
    row = await own(session, FilterRow, user, pk)
    before = documents.named_filter(row)
    kept = FilterRow(name=row.name, filter=row.filter)
    await rename(session, user, row, name)
    if filter_ is not None:
        row.filter = blob_of(filter_)
    if public is not None:
        await _set_public(session, row, public)
    after = documents.named_filter(row)
    if after != before:
        await _keep_in_ended_tasks(session, pk, kept)
        await publish.embedding_filter(session, pk)
    if grew(before, after):
        await check_bytes_with(session, pk)
    return row


async def delete_filter(session: AsyncSession, user: int, pk: int) -> None:
    """Delete a user's own filter; maintenance tasks that have ended go on showing it, nobody else does.

    Raises:
        InUse: a profile uses it, or a task that has not ended.
    """
    await outbox.lock(session)
    await remove_filter(session, user, await own(session, FilterRow, user, pk))


async def remove_filter(session: AsyncSession, user: int, row: FilterRow) -> None:
    """Delete a user's filter as `delete_filter` does; the lock of the outbox is the caller's to take."""
    if names := await profile_names(session, user, ProfileRow.filters.any(FilterRow.id == row.id)):
        raise InUse("filter", names)
    tasks = select(MaintenanceRow.id).where(MaintenanceRow.filters.any(FilterRow.id == row.id))
    if lasting_ones := (await session.scalars(tasks.where(lasting()).order_by(MaintenanceRow.id))).all():
        raise InUse("filter", map(str, lasting_ones), "planned maintenance task(s)")
    if await session.scalar(tasks.limit(1)) is None:
        await session.delete(row)
    else:  # what it covered must be found later, by all of its filters
        await session.execute(update(FilterRow).where(FilterRow.id == row.id).values(user_id=None, public=False))
    await session.flush()


async def _keep_in_ended_tasks(session: AsyncSession, pk: int, kept: FilterRow) -> None:
    """Let tasks that have ended go on with the filter as it was: a copy that is nobody's, like one that is deleted."""
    ended = select(MaintenanceRow.id).where(~MaintenanceRow.deleted, ~lasting())
    theirs = maintenance_filters.c.filter_id == pk, maintenance_filters.c.maintenance_task_id.in_(ended)
    found = select(maintenance_filters.c.maintenance_task_id).where(*theirs)
    tasks = (await session.scalars(found.order_by(maintenance_filters.c.maintenance_task_id))).all()
    if tasks:
        session.add(kept)
        await session.flush()
        await session.execute(update(maintenance_filters).where(*theirs).values(filter_id=kept.id))
        await publish.maintenance(session, MaintenanceRow.id.in_(tasks))


async def _set_public(session: AsyncSession, row: FilterRow, public: bool) -> None:
    others = ProfileRow.filters.any(FilterRow.id == row.id), ProfileRow.user_id != row.user_id
    if row.public and not public and await session.scalar(select(ProfileRow.id).where(*others).limit(1)):
        raise Refused("public", "Profiles of other users use this filter, so it has to stay public.")
    row.public = public


def blob_of(filter_: Filter | Mapping[str, Any]) -> dict[str, Any]:
    """Return the conditions as they are stored: what is unset is left out.

    Raises:
        Refused: they are too large.
        ValueError: they cannot be.
    """
    checked = filter_ if isinstance(filter_, Filter) else from_blob(dict(filter_))
    written = checked.to_bytes()
    if len(written) > LARGEST_FILTER:
        raise Refused("filter", f"Ensure this field has no more than {LARGEST_FILTER} bytes.")
    blob: dict[str, Any] = msgspec.json.decode(written)
    return blob


def _usable(user: int) -> ColumnElement[bool]:
    return or_(FilterRow.user_id == user, FilterRow.public)
