"""How many bytes users take on `rules`, with all that their profiles and planned maintenance embed."""

from typing import Any

from sqlalchemy import CompoundSelect, Select, func, literal, select, union, union_all
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.errors import Refused
from argus_database.configuration.kinds import MAINTENANCE, PROFILE
from argus_database.configuration.limits import LARGEST_RULES, TOO_LARGE
from argus_database.tables.maintenance import MaintenanceRow, lasting
from argus_database.tables.profiles import FilterRow, ProfileRow
from argus_schemas.codec import Written

Users = Select[Any] | CompoundSelect[Any]


def grew(before: Written, after: Written) -> bool:
    """Tell whether a document, or what documents embed, takes more bytes than before."""
    return len(after.to_bytes()) > len(before.to_bytes())


async def check_bytes(session: AsyncSession, user: int) -> None:
    """Refuse what a user's documents take together, as the session has published them, if that is too much.

    Raises:
        Refused: it is.
    """
    await _check(session, select(literal(user)))


async def check_bytes_with(session: AsyncSession, filter_: int) -> None:
    """Refuse what the documents of one of those take who use a filter, as for one user.

    Raises:
        Refused: that is too much.
    """
    profiles = select(ProfileRow.user_id).where(ProfileRow.filters.any(FilterRow.id == filter_))
    tasks = select(MaintenanceRow.created_by_id).where(MaintenanceRow.filters.any(FilterRow.id == filter_), lasting())
    await _check(session, union(profiles, tasks))


async def _check(session: AsyncSession, users: Users) -> None:
    theirs = ProfileRow.user_id.in_(users), MaintenanceRow.created_by_id.in_(users) & lasting()
    for kind, fits in zip((PROFILE, MAINTENANCE), theirs, strict=True):
        unmeasured = kind.where(kind.row.document_bytes.is_(None), fits)
        for row in (await session.scalars(unmeasured)).unique():
            row.document_bytes = len(kind.document(row).to_bytes())
    sizes = union_all(
        select(ProfileRow.user_id.label("user"), ProfileRow.document_bytes.label("bytes")).where(theirs[0]),
        select(MaintenanceRow.created_by_id, MaintenanceRow.document_bytes).where(theirs[1]),
    ).subquery()
    too_much = select(sizes.c.user).group_by(sizes.c.user).having(func.sum(sizes.c.bytes) > LARGEST_RULES)
    if await session.scalar(too_much.limit(1)) is not None:
        raise Refused(None, TOO_LARGE)
