"""Planned maintenance tasks: filters and the time in which nobody needs to be told (specification 2.12, 4.6.4)."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from msgspec import UNSET, UnsetType
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from argus_database.configuration import documents, outbox, publish
from argus_database.configuration.errors import Absent, Kept, Refused
from argus_database.configuration.filters import filters_for
from argus_database.configuration.limits import MOST_TASKS, check_room
from argus_database.configuration.owned import LARGEST_PK
from argus_database.configuration.repeating import cut, of_first, settle
from argus_database.configuration.sizes import check_bytes, grew
from argus_database.tables.maintenance import MaintenanceRow, lasting
from argus_schemas.base import sought
from argus_schemas.schedules import Repeats

FOREVER = datetime.max.replace(tzinfo=UTC)
"""The end of a task without one."""

MODIFIABLE = timedelta(hours=12)
"""For how long a task that has ended can be changed."""

LONGEST_DESCRIPTION = 255
WHOLE = (selectinload(MaintenanceRow.filters), joinedload(MaintenanceRow.created_by))


async def add_maintenance(
    session: AsyncSession,
    user: int,
    *,
    filters: Sequence[int],
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    description: str = "",
    repeats: Repeats | None = None,
    tell_after: bool = True,
) -> MaintenanceRow:
    """Add a task, from now on and for ever unless told otherwise.

    Raises:
        Refused: it has no filter, ends before it starts, cannot come again as it shall, names a filter that the user
            may not use, or there are too many that have not ended.
    """
    await outbox.lock(session)
    await _check_room(session)
    row = MaintenanceRow(created_by_id=user, description=description, tell_after=tell_after)
    row.starts_at, row.ends_at = starts_at or datetime.now(UTC), _or_never(ends_at)
    settle(row, repeats)
    row.filters = await filters_for(session, user, filters)
    session.add(row)
    await session.flush()
    await publish.maintenance(session, MaintenanceRow.id == row.id)
    await check_bytes(session, user)
    return row


async def all_maintenance(session: AsyncSession) -> Sequence[MaintenanceRow]:
    """Return the tasks of all users, with what they name."""
    found = select(MaintenanceRow).where(~MaintenanceRow.deleted).order_by(MaintenanceRow.id)
    return (await session.scalars(found.options(*WHOLE))).all()


async def maintenance(session: AsyncSession, pk: int) -> MaintenanceRow:
    """Return a task with what it names.

    Raises:
        Absent: it is not there.
    """
    found = select(MaintenanceRow).where(MaintenanceRow.id == sought(pk, LARGEST_PK), ~MaintenanceRow.deleted)
    row = await session.scalar(found.options(*WHOLE))
    if row is None:
        raise Absent("maintenance", pk)
    return row


async def change_maintenance(
    session: AsyncSession, user: int, pk: int, *,
    filters: Sequence[int] | None = None, starts_at: datetime | None = None, ends_at: datetime | None = None,
    description: str | None = None, repeats: Repeats | UnsetType | None = UNSET, tell_after: bool | None = None,
    of_nearest: bool = False,
) -> MaintenanceRow:  # fmt: skip
    """Change what is given of a task; the user may keep filters in it that others have put there.

    Of a task that repeats, start and end are those of its first time, or `of_nearest`, as v2 shows them.

    Raises:
        Refused: it ended too long ago, it would start at another time though it has started, or as for a new one.
    """
    await outbox.lock(session)
    row = await maintenance(session, pk)
    before = documents.maintenance(row)
    had_ended = _has_ended(row)
    _move(row, starts_at, ends_at, documents.repeats(row) if repeats is UNSET else repeats, of_nearest=of_nearest)
    if had_ended and not _has_ended(row):
        await _check_room(session, but=pk)
    if filters is not None:
        row.filters = await filters_for(session, user, filters, held=row.filters)
    row.description = row.description if description is None else description
    row.tell_after = row.tell_after if tell_after is None else tell_after
    after = documents.maintenance(row)
    if after != before:
        await publish.maintenance(session, MaintenanceRow.id == pk)
    if grew(before, after) or (had_ended and not _has_ended(row)):
        await check_bytes(session, row.created_by_id)
    return row


async def delete_maintenance(session: AsyncSession, pk: int) -> None:
    """Delete a task that has not begun.

    Raises:
        Kept: it has begun, and who was not told of what must be found later.
    """
    await outbox.lock(session)
    row = await maintenance(session, pk)
    if row.starts_at <= datetime.now(UTC):
        raise Kept(None, "It is not possible to delete past or ongoing planned maintenance tasks.")
    await _bury(session, row)


async def cancel_maintenance(session: AsyncSession, pk: int, at: datetime) -> None:
    """Let a task be over at `at`: one that would begin later is deleted, one that has ended stays as it is."""
    await outbox.lock(session)
    row = await maintenance(session, pk)
    if row.starts_at > at:
        await _bury(session, row)
    elif row.over_at is None or row.over_at > at:
        parts = cut(row, at)
        session.add_all(parts)
        await session.flush()
        await publish.maintenance(session, MaintenanceRow.id.in_([part.id for part in parts]))


async def _bury(session: AsyncSession, row: MaintenanceRow) -> None:
    """Mark a task as deleted; row and document stay for whoever reads its time again, its filters are free."""
    row.deleted, row.filters = True, []
    await publish.maintenance(session, MaintenanceRow.id == row.id)


def _or_never(ends_at: datetime | None) -> datetime | None:
    return None if ends_at == FOREVER else ends_at


def _has_ended(row: MaintenanceRow) -> bool:
    return row.over_at is not None and row.over_at <= datetime.now(UTC)


def _move(
    row: MaintenanceRow, starts_at: datetime | None, ends_at: datetime | None, repeats: Repeats | None, *,
    of_nearest: bool,
) -> None:  # fmt: skip
    """Give a task other times; None leaves its start or end as it is."""
    if of_nearest and ends_at != FOREVER:
        starts_at, ends_at = of_first(row, starts_at, ends_at, datetime.now(UTC))
    _check_changeable(row, starts_at)
    row.starts_at = starts_at or row.starts_at
    row.ends_at = _or_never(ends_at) if ends_at else row.ends_at
    settle(row, repeats)


def _check_changeable(row: MaintenanceRow, starts_at: datetime | None) -> None:
    """Refuse changes of a task that ended too long ago, and another start of one that has started."""
    now = datetime.now(UTC)
    if row.over_at is not None and row.over_at <= now - MODIFIABLE:
        ended = "This planned maintenance task is no longer modifiable as it ended more than 12 hours ago."
        raise Refused(None, ended)
    if starts_at is not None and starts_at != row.starts_at and row.starts_at <= now:
        raise Refused(None, "The start time cannot be modified after the task has already started.")


async def _check_room(session: AsyncSession, *, but: int | None = None) -> None:
    """Refuse a task, or more time for one that has ended, where too many others have not ended."""
    others = lasting(), MaintenanceRow.id.is_distinct_from(but)
    await check_room(session, MaintenanceRow, MOST_TASKS, "planned maintenance tasks that have not ended", *others)
