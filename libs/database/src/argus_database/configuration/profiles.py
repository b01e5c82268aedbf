"""Profiles: users' wishes to be told."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from argus_database.configuration import outbox, publish
from argus_database.configuration.errors import Refused
from argus_database.configuration.filters import filters_for
from argus_database.configuration.owned import LONGEST_NAME, chosen, own
from argus_database.tables.profiles import DestinationRow, ProfileRow, TimeslotRow
from argus_schemas.topics import RULES

WHOLE = (
    joinedload(ProfileRow.timeslot).selectinload(TimeslotRow.recurrences),
    selectinload(ProfileRow.timeslots).selectinload(TimeslotRow.recurrences),
    selectinload(ProfileRow.filters),
    selectinload(ProfileRow.destinations),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a profile shall say; None leaves as it is."""

    name: str | None = None
    timeslots: Sequence[int] | None = None
    """The first is the one that v2 shows."""
    filters: Sequence[int] | None = None
    destinations: Sequence[int] | None = None
    active: bool | None = None


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
        Refused: the user has one of that name, there is no filter or timeslot, or one is not the user's to use.
    """
    await outbox.lock(session)
    row = ProfileRow(user_id=user, filters=[], timeslots=[], destinations=[])
    await _apply(session, row, Wish(name, timeslots, filters, destinations, active))
    session.add(row)
    await session.flush()
    await publish.profiles(session, ProfileRow.id == row.id)
    return row


async def own_profiles(session: AsyncSession, user: int) -> Sequence[ProfileRow]:
    """Return a user's profiles with all that they embed."""
    mine = select(ProfileRow).where(ProfileRow.user_id == user).order_by(ProfileRow.id)
    return (await session.scalars(mine.options(*WHOLE))).all()


async def own_profile(session: AsyncSession, user: int, pk: int) -> ProfileRow:
    """Return a user's own profile with all that it embeds.

    Raises:
        Absent: it is not there, or is somebody else's.
    """
    return await own(session, ProfileRow, user, pk, *WHOLE)


async def change_profile(session: AsyncSession, user: int, pk: int, wish: Wish) -> ProfileRow:
    """Change what `wish` names of a user's own profile."""
    await outbox.lock(session)
    row = await own_profile(session, user, pk)
    await _apply(session, row, wish)
    await publish.profiles(session, ProfileRow.id == pk)
    return row


async def delete_profile(session: AsyncSession, user: int, pk: int) -> None:
    """Delete a user's own profile."""
    await outbox.lock(session)
    row = await own(session, ProfileRow, user, pk)
    await session.delete(row)
    await session.flush()
    await publish.deletions(session, RULES, "profile", [pk])


async def _apply(session: AsyncSession, row: ProfileRow, wish: Wish) -> None:
    user = row.user_id
    with session.no_autoflush:
        if wish.name is not None and wish.name != row.name:
            await _check_name(session, user, wish.name)
            row.name = wish.name
        if wish.timeslots is not None:
            row.timeslots = await _timeslots_for(session, user, wish.timeslots)
            row.timeslot_id = wish.timeslots[0]
        if wish.filters is not None:
            row.filters = await filters_for(session, user, _not_empty("filters", wish.filters))
        if wish.destinations is not None:
            mine = DestinationRow.user_id == user
            row.destinations = await chosen(session, DestinationRow, wish.destinations, mine)
        if wish.active is not None:
            row.active = wish.active


async def _timeslots_for(session: AsyncSession, user: int, pks: Sequence[int]) -> list[TimeslotRow]:
    found = select(TimeslotRow).where(TimeslotRow.id.in_(_not_empty("timeslots", pks)), TimeslotRow.user_id == user)
    rows = {row.id: row for row in await session.scalars(found)}
    if any(pk not in rows for pk in pks):
        raise Refused(None, "The user of 'timeslot' must be the same as the requesting user.")
    return list(rows.values())


def _not_empty(field: str, pks: Sequence[int]) -> Sequence[int]:
    if not pks:
        raise Refused(field, "This list may not be empty.")
    return pks


async def _check_name(session: AsyncSession, user: int, name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise Refused("name", f"Ensure this field has no more than {LONGEST_NAME} characters.")
    if await session.scalar(select(ProfileRow.id).where(ProfileRow.user_id == user, ProfileRow.name == name)):
        raise Refused(None, "The requesting user already has a profile with that name.")
