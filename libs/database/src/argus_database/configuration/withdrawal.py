"""Planned maintenance of long ago: its rows stay, its documents are withdrawn."""

from datetime import datetime

from sqlalchemy import and_, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.tables.maintenance import MaintenanceRow
from argus_schemas.topics import INCIDENT_EVENTS, RULES

MOST_AT_ONCE = 1000


async def withdraw(session: AsyncSession, now: datetime) -> list[int]:
    """Delete the documents of tasks that were over before all events that may still be read; return their pks.

    A task that was deleted never began, and covers nothing: its document only says so to who knew it. So many are
    withdrawn at once; later calls take the rest.
    """
    keep = INCIDENT_EVENTS.keep
    if keep is None:
        return []
    await outbox.lock(session)
    long_ago = now - keep
    over = and_(~MaintenanceRow.deleted, MaintenanceRow.over_at < long_ago)
    gone = and_(MaintenanceRow.deleted, MaintenanceRow.created_at < long_ago)
    found = select(MaintenanceRow.id).where(~MaintenanceRow.withdrawn, or_(over, gone)).order_by(MaintenanceRow.id)
    pks = list(await session.scalars(found.limit(MOST_AT_ONCE)))
    await session.execute(update(MaintenanceRow).where(MaintenanceRow.id.in_(pks)).values(withdrawn=True))
    await publish.deletions(session, RULES, "maintenance", pks)
    return pks
