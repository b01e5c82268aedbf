"""The topics of an installation: created from the catalogue, with what must stand on them from the start."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli.environment import Settings
from argus_database.configuration import publish
from argus_database.engine import open_database
from argus_database.tables.accounts import SourceRow
from argus_database.tables.incidents import AliasRow, EventRow, IncidentRow
from argus_runtime.kafka import Kafka
from argus_schemas.ids import BLOCK_SIZE, Base
from argus_schemas.topics import CATALOGUE, DESTINATIONS, IDS, RULES, SOURCES, Topic, reports_topic

LOCK = 0x4172677573_02
"""The advisory lock of those who create topics, so that only one writes the base of all ids."""

MARGIN = 10 * BLOCK_SIZE
"""Ids may have been given out that no row shows yet; where a log is begun anew they are passed over."""


@dataclass(frozen=True, slots=True)
class Created:
    """What was not there before."""

    topics: list[str]
    ids_above: int | None
    """Where ids begin, if that was not said before."""
    republished: bool


async def create(where: Settings) -> Created:
    """Create the topics that are missing, say where ids begin, and fill compacted topics that are new."""
    async with open_database(where.database_url) as sessions, sessions.begin() as session, Kafka(where) as kafka:
        await session.execute(select(func.pg_advisory_xact_lock(LOCK)))
        admin = await kafka.admin()
        made = await admin.create([*CATALOGUE, *await _reports(session)])
        above = await _begin_ids(session, kafka) if await _without_base(kafka) else None
        new = {kafka.name(topic) for topic in (RULES, SOURCES, DESTINATIONS)} & set(made)
        republished = bool(new) and await session.scalar(select(SourceRow.id).limit(1)) is not None
        if new:
            await publish.everything(session)
        return Created(made, above, republished)


async def differences(where: Settings) -> list[str]:
    """Return what the broker has otherwise than the catalogue, a line each."""
    async with open_database(where.database_url) as sessions, sessions() as session, Kafka(where) as kafka:
        admin = await kafka.admin()
        found = await admin.differences([*CATALOGUE, *await _reports(session)])
        if not any(line.startswith(f"{kafka.name(IDS)} ") for line in found) and await _without_base(kafka):
            found.append(f"{kafka.name(IDS)} does not say where ids begin: run `argus topics`")
        return found


async def _reports(session: AsyncSession) -> list[Topic[Any]]:
    return [reports_topic(slug) for slug in await session.scalars(select(SourceRow.slug).order_by(SourceRow.slug))]


async def _without_base(kafka: Kafka) -> bool:
    """Tell whether nothing says where ids begin; a service that was quicker than we may have asked for a block."""
    reader = await kafka.reader(IDS)
    try:
        async for record in reader.to_end():
            if isinstance(IDS.decode(record.value or b""), Base):
                return False
        return True
    finally:
        await reader.close()


async def _begin_ids(session: AsyncSession, kafka: Kafka) -> int:
    highest = max([await session.scalar(select(func.max(column))) or 0 for column in _IDS])
    above = highest + MARGIN if highest else 0
    producer = await kafka.producer()
    await (await producer.send(IDS, "argus topics", Base(above=above)))
    return above


_IDS = (IncidentRow.id, EventRow.id, AliasRow.pk)
