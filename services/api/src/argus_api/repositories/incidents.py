"""Reading incidents: as many statements a request for a thousand as for one."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.repositories import shown
from argus_api.repositories.pages import Order, newest
from argus_api.repositories.searching import Found, search
from argus_api.repositories.shown import ShownIncident
from argus_api.repositories.where import Where
from argus_database.tables.accounts import SourceRow, SourceTypeRow
from argus_database.tables.incidents import IncidentTagRow
from argus_http.pagination import Cursor
from argus_schemas.base import sought

BY_PK = "i.id = coalesce((SELECT x.incident_id FROM aliases x WHERE x.pk = {0}), {0})"
FOUND = "SELECT id, start_time FROM incidents WHERE id = ANY(CAST(:found AS bigint[]))"

Rows = Sequence[ShownIncident]


async def incidents(
    session: AsyncSession, where: Where, cursor: Cursor | None, size: int
) -> tuple[Rows, Cursor | None]:
    """Return the next `size` incidents and one more, newest first; oldest first where the cursor looks back.

    The second is where the search for them stopped early: the list goes on from there.
    """
    order, until = Order(cursor), None
    if where.words:
        found: Found = await search(session, where, order, size)
        where.values["found"], until = found.pks, found.until
        page = FOUND
    else:
        where.values["size"] = size + 1
        page = newest(where, order)
    rows = await session.scalars(text(shown.of(page, order.by("i.start_time", "i.id"))), where.values)
    return [shown.read(row) for row in rows], until


async def incident(session: AsyncSession, pk: int, where: Where) -> ShownIncident | None:
    """Return the incident that people know as `pk`, if it fits."""
    where.add(BY_PK, sought(pk))
    found = (await session.execute(text(shown.one(str(where))), where.values)).scalar()
    return None if found is None else shown.read(found)


_BY_PKS = text(shown.asked("CAST(:pks AS bigint[])"))


async def by_pks(session: AsyncSession, pks: Sequence[int], now: datetime) -> dict[int, ShownIncident]:
    """Return the incidents that people know by these pks."""
    found = await session.execute(_BY_PKS, {"pks": list(pks), "now": now})
    return {pk: shown.read(document) for pk, document in found}


_PK = text(f"SELECT id FROM incidents i WHERE {BY_PK.format(':pk')}")  # noqa: S608  built of constants


async def pk_of(session: AsyncSession, pk: int) -> int | None:
    """Return the pk of the incident that people know as `pk`."""
    found: int | None = (await session.execute(_PK, {"pk": sought(pk)})).scalar()
    return found


async def tags(session: AsyncSession, incident: int) -> Sequence[str]:
    """Return the tags of an incident, in the order in which they were added."""
    found = select(IncidentTagRow.key + "=" + IncidentTagRow.value).where(IncidentTagRow.incident_id == incident)
    return (await session.scalars(found.order_by(IncidentTagRow.ordinal))).all()


async def sources(session: AsyncSession, names: Sequence[str] | None, types: Sequence[str] | None) -> list[int]:
    """Return the pks of the sources with one of these names, and of one of these types."""
    found = select(SourceRow.id)
    if names is not None:
        found = found.where(SourceRow.name.in_(names))
    if types is not None:
        found = found.where(SourceRow.type.in_(types))
    return list(await session.scalars(found))


async def unknown_types(session: AsyncSession, names: Sequence[str]) -> set[str]:
    """Return those of the names that are no source types."""
    known = await session.scalars(select(SourceTypeRow.name).where(SourceTypeRow.name.in_(names)))
    return set(names) - set(known)
