"""Closing one incident after the other, each by its source's user (specification 6.3)."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli.environment import Settings
from argus_cli.errors import Failure
from argus_cli.incidents.api import Api, acting_as, in_words
from argus_cli.incidents.files import json_object
from argus_database.engine import Sessions, open_database
from argus_database.tables.accounts import SourceRow
from argus_database.tables.incidents import AliasRow, IncidentRow
from argus_domain import durations
from argus_schemas.base import LARGEST_INTEGER


class Unclear(Exception):
    """There is no incident that is meant, or more than one; the text says so."""


@dataclass(frozen=True, slots=True)
class Order:
    """Which incident is to be closed, by its pk or by its source and the source's own id of it."""

    pk: int | None = None
    source: str | None = None
    source_incident_id: str | None = None
    least: timedelta | None = None
    """It stays open unless it has been so long."""
    message: str = ""
    file: Path | None = None

    def __str__(self) -> str:
        named = f"{self.pk}" if self.pk is not None else f"{self.source_incident_id!r} of source {self.source!r}"
        return f"incident {named}{f' (from {self.file})' if self.file else ''}"


@dataclass
class Result:
    """What became of the orders."""

    closed: list[int] = field(default_factory=list)
    left: dict[int, str] = field(default_factory=dict)
    """Those that stay as they are, and why."""
    problems: list[str] = field(default_factory=list)


async def close(where: Settings, orders: Iterable[Order], result: Result) -> None:
    """Close what the orders name; the first whose incident is not found ends it."""
    async with open_database(where.database_url) as sessions:
        for order in orders:
            try:
                pk, user = await _find(sessions, order)
            except Unclear as unclear:
                result.problems.append(str(unclear))
                return
            async with acting_as(where, sessions, user) as api:
                await _close(api, pk, order, result)


def order_in(file: Path) -> Order:
    """Return the order in a JSON file: `id`, or `source` and `source_incident_id`; `duration`, `closing_message`.

    Raises:
        Failure: it cannot be read, or holds something else.
    """
    said = json_object(file)
    pk, own, least = said.get("id"), said.get("source_incident_id"), said.get("duration")
    if pk is not None and (not isinstance(pk, int) or isinstance(pk, bool)):
        raise Failure(f"{file}: the id is no number.")
    if pk is None and (said.get("source") is None or own is None):
        raise Failure(f"{file} names no incident: it needs id, or source and source_incident_id.")
    duration = None if least is None else durations.parsed(str(least))
    if least is not None and duration is None:
        raise Failure(f"{file}: the duration {least!r} is none.")
    source = None if own is None else str(said.get("source"))
    message = str(said.get("closing_message") or "")
    return Order(pk, source, None if own is None else str(own), duration, message, file)


async def _find(sessions: Sessions, order: Order) -> tuple[int, int]:
    """Return the pk of the incident and of its source's user.

    Raises:
        Unclear: there is none, or several.
    """
    async with sessions() as session:
        found = select(IncidentRow.id, SourceRow.user_id).join(SourceRow, SourceRow.id == IncidentRow.source_id)
        if order.pk is not None:
            found = found.where(IncidentRow.id == await _resolved(session, order.pk))
        else:
            own = IncidentRow.source_incident_id == order.source_incident_id
            found = found.where(own, SourceRow.name == order.source)
        rows = (await session.execute(found.limit(2))).all()
    if not rows:
        raise Unclear(f"There is no {order}.")
    if len(rows) > 1:
        raise Unclear(f"There are several of {order}; say --id.")
    return rows[0][0], rows[0][1]


async def _resolved(session: AsyncSession, pk: int) -> int:
    """Return the pk of an incident that may have been given another when it was reported."""
    pk = max(-1, min(pk, LARGEST_INTEGER))
    return await session.scalar(select(AliasRow.incident_id).where(AliasRow.pk == pk)) or pk


async def _close(api: Api, pk: int, order: Order, result: Result) -> None:
    incident, now = await api.get(f"incidents/{pk}/"), datetime.now(UTC)
    if not incident["open"]:
        result.left[pk] = "is not open" if incident["stateful"] else "is stateless"
    elif order.least is not None and now - datetime.fromisoformat(incident["start_time"]) < order.least:
        result.left[pk] = f"has been open for less than {order.least}"
    else:
        event = {"type": "CLO", "timestamp": now.isoformat(), "description": order.message}
        answer = await api.post("incidents/events/bulk/", {"ids": [pk], "event": event}, partly="changes")
        errors = answer["changes"][str(pk)]["errors"]
        if errors:
            result.problems.append(f"Incident {pk} was not closed: {in_words(errors)}")
        else:
            result.closed.append(pk)
