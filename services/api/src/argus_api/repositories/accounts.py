"""Reading users, sources and their types."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.owned import LARGEST_PK
from argus_database.tables.accounts import SourceRow, SourceTypeRow, UserRow
from argus_schemas.base import sought


async def user(session: AsyncSession, pk: int) -> UserRow | None:
    """Return a user."""
    return await session.get(UserRow, sought(pk, LARGEST_PK))


async def user_named(session: AsyncSession, username: str) -> UserRow | None:
    """Return the user of a name."""
    return await session.scalar(select(UserRow).where(UserRow.username == username))


async def source(session: AsyncSession, pk: int) -> SourceRow | None:
    """Return a source."""
    return await session.get(SourceRow, sought(pk, LARGEST_PK))


async def sources(session: AsyncSession) -> Sequence[SourceRow]:
    """Return all sources."""
    return (await session.scalars(select(SourceRow).order_by(SourceRow.id))).all()


async def source_types(session: AsyncSession) -> Sequence[str]:
    """Return the names of all types of sources."""
    return (await session.scalars(select(SourceTypeRow.name).order_by(SourceTypeRow.name))).all()
