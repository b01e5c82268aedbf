"""The source `argus`: this installation, which reports what it finds wrong with others (specification 1.3, 6.2)."""

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from argus_database.configuration import outbox, publish
from argus_database.configuration.changes import account_changed
from argus_database.configuration.sources import add_source
from argus_database.tables.accounts import SourceRow

OWN = "argus"
"""Its name, its type, and what its slug and its user are called where nobody else has that name."""


async def own_source(session: AsyncSession) -> SourceRow:
    """Return the source `argus`, made where it is missing; its user is a superuser without password and tokens."""
    await outbox.lock(session)
    found = select(SourceRow).options(joinedload(SourceRow.user))
    source = await session.scalar(found.where(SourceRow.name == OWN, SourceRow.type == OWN))
    if source is None:
        made = await add_source(session, OWN, OWN)
        source = (await session.scalars(found.where(SourceRow.id == made.id))).one()
        source.user.is_superuser = True
        await publish.sources(session, SourceRow.id == source.id)
        await account_changed(session, source.user_id)
    return source
