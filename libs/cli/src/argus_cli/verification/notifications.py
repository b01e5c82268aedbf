"""Notifications and deliveries: each that stands on the log has its row."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli.verification.findings import Findings
from argus_cli.verification.log import Part, records
from argus_database.tables.incidents import AttemptRow, NotificationRow
from argus_runtime.kafka import Kafka, Record
from argus_schemas.notification import Delivery, Notification


async def balance(
    session: AsyncSession, kafka: Kafka, part: Part, dead: set[tuple[str, int, int]], findings: Findings
) -> None:
    """Compare a partition of `notifications` or `deliveries` with the rows."""
    async for batch in records(kafka, part):
        said = [(record, value) for record in batch if (value := _read(part, record, dead, findings)) is not None]
        rows = await _rows(session, [_id(value) for _, value in said])
        attempts = await _attempts(session, [value for _, value in said if isinstance(value, Delivery)])
        for record, value in said:
            findings.counts[part.topic.name] += 1
            if problem := _compared(value, rows.get(_id(value)), attempts):
                findings.add(f"{record.place}: notification {_id(value)} {problem}")


async def states(session: AsyncSession) -> dict[str, int]:
    """Return how many notifications are in which state."""
    found = await session.execute(select(NotificationRow.state, func.count()).group_by(NotificationRow.state))
    return dict(found.all())


def _compared(value: Notification | Delivery, row: NotificationRow | None, attempts: set[tuple[UUID, int, int]]) -> str:
    if row is None:
        return "has no row"
    about = value.incident.pk if isinstance(value, Notification) else value.incident
    if (row.destination_id, row.owner_id, row.incident_id) != (value.destination, value.owner, about):
        return "differs from its row"
    if isinstance(value, Delivery):
        if value.attempt and (value.notification, value.replay, value.attempt) not in attempts:
            return f"has no row for its attempt {value.attempt}"
        if value.state == "sent" and row.replay == value.replay and row.state != "sent":
            return f"was sent, but its row says {row.state}"
    return ""


def _read(
    part: Part, record: Record, dead: set[tuple[str, int, int]], findings: Findings
) -> Notification | Delivery | None:
    if (record.partition.topic, record.partition.partition, record.offset) in dead:
        return None
    try:
        value: Notification | Delivery = part.topic.decode(record.value or b"")
    except ValueError:
        findings.add(f"{record.place} cannot be read and is not a dead letter")
        return None
    return value


def _id(value: Notification | Delivery) -> UUID:
    return value.id if isinstance(value, Notification) else value.notification


async def _rows(session: AsyncSession, ids: Sequence[UUID]) -> dict[UUID, NotificationRow]:
    found = await session.scalars(select(NotificationRow).where(NotificationRow.id.in_(set(ids))))
    return {row.id: row for row in found}


async def _attempts(session: AsyncSession, deliveries: Sequence[Delivery]) -> set[tuple[Any, ...]]:
    ids = {delivery.notification for delivery in deliveries}
    found = select(AttemptRow.notification_id, AttemptRow.replay, AttemptRow.attempt)
    return {tuple(row) for row in await session.execute(found.where(AttemptRow.notification_id.in_(ids)))}
