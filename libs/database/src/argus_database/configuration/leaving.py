"""Users go, with all that is theirs (specification 1.1, 1.18)."""

from typing import Any

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.changes import account_changed
from argus_database.configuration.errors import Kept
from argus_database.configuration.filters import remove_filter
from argus_database.configuration.users import is_used, user_named
from argus_database.tables.accounts import SourceRow, UserRow
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import DestinationRow, FilterRow, ProfileRow
from argus_schemas.topics import DESTINATIONS, RULES, Topic


async def delete_user(session: AsyncSession, username: str) -> None:
    """Delete a user with its profiles, destinations, timeslots, date lists, filters, planned maintenance and tokens.

    A filter that ended maintenance of others shows stays in it.

    Raises:
        Refused: there is no such user.
        Kept: it is a source's, or incidents tell of what it did: those may only be made inactive.
        InUse: others use its filters.
    """
    user = await user_named(session, username)
    await _check_unused(session, user)  # before others have to wait: it may have to read all events
    await outbox.lock(session)
    await _remove(session, ProfileRow, RULES, "profile", ProfileRow.user_id == user.id)
    await _remove(session, MaintenanceRow, RULES, "maintenance", MaintenanceRow.created_by_id == user.id)
    await _remove(session, DestinationRow, DESTINATIONS, "destination", DestinationRow.user_id == user.id)
    for row in await session.scalars(select(FilterRow).where(FilterRow.user_id == user.id)):
        await remove_filter(session, user.id, row)
    await session.execute(delete(UserRow).where(UserRow.id == user.id))
    await account_changed(session, user.id)


async def _check_unused(session: AsyncSession, user: UserRow) -> None:
    if await session.scalar(select(SourceRow.id).where(SourceRow.user_id == user.id)) is not None:
        raise Kept(None, f"{user.username!r} is the user of a source and cannot be deleted, only made inactive.")
    if await is_used(session, user.id):
        raise Kept(None, f"Incidents tell of what {user.username!r} did: it cannot be deleted, only made inactive.")


async def _remove(
    session: AsyncSession,
    kind: type[ProfileRow] | type[MaintenanceRow] | type[DestinationRow],
    topic: Topic[Any],
    word: str,
    theirs: ColumnElement[bool],
) -> None:
    gone = (await session.scalars(delete(kind).where(theirs).returning(kind.id))).all()
    await publish.deletions(session, topic, word, sorted(gone))
