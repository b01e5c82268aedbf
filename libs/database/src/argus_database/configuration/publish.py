"""Documents of the rows that a write touched, into the outbox of its transaction."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox
from argus_database.configuration.errors import Refused
from argus_database.configuration.kinds import DESTINATION, MAINTENANCE, PROFILE, SOURCE, Kind
from argus_database.configuration.limits import LARGEST_RULES, TOO_LARGE
from argus_database.tables.accounts import SourceRow
from argus_database.tables.maintenance import MaintenanceRow, lasting
from argus_database.tables.profiles import DestinationRow, FilterRow, ProfileRow
from argus_schemas.configuration import document_key
from argus_schemas.topics import RULES, Topic

Condition = ColumnElement[bool]

MOST_AT_ONCE = 100
"""Documents in memory."""


async def profiles(session: AsyncSession, *where: Condition, grown: bool = False) -> None:
    """Publish the profiles that fit, with all that they embed.

    Raises:
        Refused: they are one user's, have `grown`, and take more than those of one user may.
    """
    await documents_of(session, PROFILE, *where, most=LARGEST_RULES if grown else None)


async def maintenance(session: AsyncSession, *where: Condition) -> None:
    """Publish the maintenance tasks that fit."""
    await documents_of(session, MAINTENANCE, *where)


async def embedding_filter(session: AsyncSession, pk: int) -> None:
    """Publish whatever embeds a filter, but for tasks that have ended: what they covered stays."""
    await profiles(session, ProfileRow.filters.any(FilterRow.id == pk))
    await maintenance(session, MaintenanceRow.filters.any(FilterRow.id == pk), lasting())


async def destinations(session: AsyncSession, *where: Condition) -> None:
    """Publish the destinations that fit."""
    await documents_of(session, DESTINATION, *where)


async def sources(session: AsyncSession, *where: Condition) -> None:
    """Publish the sources that fit, with their users and tokens."""
    await documents_of(session, SOURCE, *where)


async def of_user(session: AsyncSession, user: int) -> None:
    """Publish whatever says something about a user."""
    await sources(session, SourceRow.user_id == user)
    await destinations(session, DestinationRow.user_id == user)
    await profiles(session, ProfileRow.user_id == user)


async def deletions(session: AsyncSession, topic: Topic[Any], kind: str, pks: Sequence[int]) -> None:
    """Publish that documents are gone."""
    await outbox.put(session, [outbox.Document(topic, document_key(kind, pk), None) for pk in pks])


async def everything(session: AsyncSession) -> None:
    """Publish all documents anew, for topics that have lost or never had them."""
    await outbox.lock(session)
    await sources(session)
    await destinations(session)
    await profiles(session)
    await maintenance(session)


async def documents_of(session: AsyncSession, kind: Kind, *where: Condition, most: int | None = None) -> list[str]:
    """Publish the documents of a kind that fit, and return their keys.

    Raises:
        Refused: together they take more than `most` bytes; of what is beyond them nothing is written.
    """
    await session.flush()
    rows = (await session.scalars(kind.where(*where), execution_options={"populate_existing": True})).unique().all()
    taken = 0
    for first in range(0, len(rows), MOST_AT_ONCE):
        taken += await _put(session, kind, rows[first : first + MOST_AT_ONCE])
        if most is not None and taken > most:
            raise Refused(None, TOO_LARGE)
    return [kind.key(row) for row in rows]


async def _put(session: AsyncSession, kind: Kind, rows: Sequence[Any]) -> int:
    """Put the documents of rows into the outbox, and return how many bytes they take."""
    sizes = await outbox.put(session, [outbox.Document(kind.topic, kind.key(row), kind.document(row)) for row in rows])
    if kind.topic is RULES:
        for row, size in zip(rows, sizes, strict=True):
            row.document_bytes = size
    return sum(sizes)
