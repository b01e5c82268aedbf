"""Profiles: users' wishes to be told."""

from collections.abc import Collection, Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload
from sqlalchemy.orm.interfaces import ORMOption

from argus_database.configuration import documents, outbox, publish
from argus_database.configuration.kinds import OF_TIMESLOTS, SHOWN_OF_TIMESLOTS
from argus_database.configuration.limits import check_names
from argus_database.configuration.owned import LARGEST_PK, check_one_more, own
from argus_database.configuration.sizes import check_bytes, grew
from argus_database.configuration.wishes import Wish, apply
from argus_database.tables.profiles import EscalationStepRow, ProfileRow
from argus_schemas.base import sought
from argus_schemas.topics import RULES


def _embedded(*of_timeslots: Any) -> tuple[ORMOption, ...]:
    return (
        joinedload(ProfileRow.timeslot).options(*of_timeslots),
        selectinload(ProfileRow.timeslots).options(*of_timeslots),
        selectinload(ProfileRow.filters),
        selectinload(ProfileRow.destinations),
        selectinload(ProfileRow.escalation).selectinload(EscalationStepRow.destinations),
    )


WHOLE, SHOWN = _embedded(*OF_TIMESLOTS), _embedded(*SHOWN_OF_TIMESLOTS)


async def add_profile(
    session: AsyncSession,
    user: int,
    *,
    timeslots: Sequence[int],
    filters: Sequence[int],
    destinations: Sequence[int] = (),
    name: str | None = None,
    active: bool = True,
) -> ProfileRow:
    """Add a profile of a user.

    Raises:
        Refused: the user has one of that name, or too many, or they name too much; there is no filter or timeslot, or
            one is not the user's to use.
    """
    wish = Wish(name, timeslots=timeslots, filters=filters, destinations=destinations, active=active)
    return await add_wished(session, user, wish)


async def add_wished(session: AsyncSession, user: int, wish: Wish) -> ProfileRow:
    """Add the profile that a user wishes.

    Raises:
        Refused: as for `add_profile`.
    """
    await outbox.lock(session)
    await check_one_more(session, ProfileRow, user)
    row = ProfileRow(user_id=user, active=True, filters=[], timeslots=[], destinations=[], escalation=[])
    await apply(session, row, wish)
    session.add(row)
    await check_names(session, user)
    await publish.profiles(session, ProfileRow.id == row.id)
    await check_bytes(session, user)
    return row


async def sketched(session: AsyncSession, user: int, wish: Wish) -> ProfileRow:
    """Return the profile that a user wishes, without adding it: nobody is told by it, and no name is taken.

    Raises:
        Refused: as for `add_profile`, whatever profiles the user has.
    """
    row = ProfileRow(user_id=user, active=True, filters=[], timeslots=[], destinations=[], escalation=[])
    await apply(session, row, replace(wish, name=None))
    return row


async def own_profiles(session: AsyncSession, user: int) -> Sequence[ProfileRow]:
    """Return a user's profiles, with what is shown of what they embed."""
    mine = select(ProfileRow).where(ProfileRow.user_id == user).order_by(ProfileRow.id)
    return (await session.scalars(mine.options(*SHOWN))).all()


async def own_profile(session: AsyncSession, user: int, pk: int) -> ProfileRow:
    """Return a user's own profile, with what is shown of what it embeds.

    Raises:
        Absent: it is not there, or is somebody else's.
    """
    return await own(session, ProfileRow, user, pk, *SHOWN)


async def change_profile(session: AsyncSession, user: int, pk: int, wish: Wish) -> ProfileRow:
    """Change what `wish` names of a user's own profile.

    Raises:
        Refused: the user has another of that name, no filter or timeslot is left, one is not the user's to use, or the
            user's profiles name too much.
    """
    await outbox.lock(session)
    row = await own(session, ProfileRow, user, pk, *WHOLE, joinedload(ProfileRow.user))
    before, named = documents.profile(row), _named_by(row)
    await apply(session, row, wish)
    if _named_by(row) > named:
        await check_names(session, user)
    after = documents.profile(row)
    if after != before:
        await publish.profiles(session, ProfileRow.id == pk)
    if grew(before, after):
        await check_bytes(session, user)
    return row


async def toggle_profiles(session: AsyncSession, pks: Collection[int]) -> dict[int, bool]:
    """Make active profiles inactive and inactive ones active, whosever they are; return which are active now.

    Those that are not there are left out.
    """
    await outbox.lock(session)
    named = ProfileRow.id.in_([sought(pk, LARGEST_PK) for pk in pks])
    rows = (await session.scalars(select(ProfileRow).where(named).order_by(ProfileRow.id))).all()
    for row in rows:
        row.active = not row.active
    await publish.profiles(session, named)
    return {row.id: row.active for row in rows}


async def delete_profile(session: AsyncSession, user: int, pk: int) -> None:
    """Delete a user's own profile."""
    await outbox.lock(session)
    row = await own(session, ProfileRow, user, pk)
    await session.delete(row)
    await session.flush()
    await publish.deletions(session, RULES, "profile", [pk])


def _named_by(row: ProfileRow) -> int:
    later = sum(len(step.destinations) for step in row.escalation)
    return len(row.filters) + len(row.timeslots) + len(row.destinations) + later
