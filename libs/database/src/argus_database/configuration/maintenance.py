"""Planned maintenance tasks: filters and the time in which nobody needs to be told."""

from collections.abc import Sequence
from datetime import UTC, datetime

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.errors import NoSuch, Refused
from argus_database.configuration.filters import filters_for
from argus_database.tables.maintenance import MaintenanceRow


async def add_maintenance(
    session: AsyncSession,
    user: int,
    *,
    filters: Sequence[int],
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    description: str = "",
) -> MaintenanceRow:
    """Add a task, from now on and for ever unless told otherwise.

    Raises:
        Refused: it has no filter, ends before it starts, or names a filter that the user may not use.
    """
    await outbox.lock(session)
    starts_at = starts_at or datetime.now(UTC)
    if not filters:
        raise Refused("filters", "This list may not be empty.")
    if ends_at is not None and ends_at <= starts_at:
        raise Refused(None, "End_time needs to be after start_time")
    row = MaintenanceRow(created_by_id=user, starts_at=starts_at, ends_at=ends_at, description=description)
    row.filters = await filters_for(session, user, filters)
    session.add(row)
    await session.flush()
    await publish.maintenance(session, MaintenanceRow.id == row.id)
    return row


async def end_maintenance(session: AsyncSession, pk: int, at: datetime) -> None:
    """Let a task end at `at`."""
    row = await _task(session, pk)
    row.ends_at = at
    await publish.maintenance(session, MaintenanceRow.id == pk)


async def delete_maintenance(session: AsyncSession, pk: int) -> None:
    """Mark a task as deleted; its row and document stay for whoever reads its time again."""
    row = await _task(session, pk)
    row.deleted = True
    await publish.maintenance(session, MaintenanceRow.id == pk)


async def _task(session: AsyncSession, pk: int) -> MaintenanceRow:
    await outbox.lock(session)
    row = await session.scalar(select(MaintenanceRow).where(MaintenanceRow.id == pk, ~MaintenanceRow.deleted))
    if row is None:
        raise NoSuch("maintenance", pk)
    return row
