"""Reading incidents: one statement a request, however many it returns."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.repositories.where import Where
from argus_database.incidents import DOCUMENT, TABLES
from argus_database.tables.accounts import SourceRow, SourceTypeRow
from argus_http.pagination import Cursor
from argus_schemas.base import LARGEST_INTEGER
from argus_schemas.incident import Incident

BY_PK = "i.id = coalesce((SELECT x.incident_id FROM aliases x WHERE x.pk = {0}), {0})"


async def incidents(session: AsyncSession, where: Where, cursor: Cursor | None, size: int) -> Sequence[Incident]:
    """Return the next `size` incidents and one more, newest first; oldest first where the cursor looks back."""
    back = cursor is not None and cursor.back
    if cursor is not None:
        where.add(f"(i.start_time, i.id) {'>' if back else '<'} ({{}}, {{}})", cursor.moment, cursor.pk)
    direction = "ASC" if back else "DESC"
    where.values["size"] = size + 1
    statement = f"""
        SELECT {DOCUMENT} FROM {TABLES} WHERE {where}
        ORDER BY i.start_time {direction}, i.id {direction} LIMIT :size
    """  # noqa: S608  built of constants, values are bound
    return [Incident.model_validate_json(found) for found in await session.scalars(text(statement), where.values)]


async def count(session: AsyncSession, where: Where) -> int:
    """Return how many incidents fit."""
    statement = f"SELECT count(*) FROM {TABLES} WHERE {where}"  # noqa: S608  built of constants, values are bound
    found: int = (await session.execute(text(statement), where.values)).scalar_one()
    return found


async def incident(session: AsyncSession, pk: int, where: Where) -> Incident | None:
    """Return the incident that people know as `pk`, if it fits."""
    if pk > LARGEST_INTEGER:
        return None
    where.add(BY_PK, pk)
    statement = f"SELECT {DOCUMENT} FROM {TABLES} WHERE {where}"  # noqa: S608  built of constants, values are bound
    found = (await session.execute(text(statement), where.values)).scalar()
    return None if found is None else Incident.model_validate_json(found)


_PK = text(f"SELECT id FROM incidents i WHERE {BY_PK.format(':pk')}")  # noqa: S608  built of constants


async def pk_of(session: AsyncSession, pk: int) -> int | None:
    """Return the pk of the incident that people know as `pk`."""
    if pk > LARGEST_INTEGER:
        return None
    found: int | None = (await session.execute(_PK, {"pk": pk})).scalar()
    return found


async def last_seen(session: AsyncSession, sources: Iterable[int]) -> dict[int, datetime | None]:
    """Return when sources were last heard of."""
    found = select(SourceRow.id, SourceRow.last_seen).where(SourceRow.id.in_(set(sources)))
    return dict((await session.execute(found)).all())


async def unknown_types(session: AsyncSession, names: Sequence[str]) -> set[str]:
    """Return those of the names that are no source types."""
    known = await session.scalars(select(SourceTypeRow.name).where(SourceTypeRow.name.in_(names)))
    return set(names) - set(known)
