"""Profiles: users' wishes to be told."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload, selectinload

from argus_database.configuration import documents, outbox, publish
from argus_database.configuration.errors import EMPTY, Refused
from argus_database.configuration.escalation import steps_for
from argus_database.configuration.filters import filters_for
from argus_database.configuration.kinds import OF_TIMESLOTS
from argus_database.configuration.limits import check_names
from argus_database.configuration.owned import LARGEST_PK, LONGEST_NAME, check_one_more, chosen, own
from argus_database.tables.profiles import DestinationRow, EscalationStepRow, ProfileRow, TimeslotRow
from argus_schemas.base import sought
from argus_schemas.configuration import Damping, EscalationStep
from argus_schemas.topics import RULES

WHOLE = (
    joinedload(ProfileRow.timeslot).options(*OF_TIMESLOTS),
    selectinload(ProfileRow.timeslots).options(*OF_TIMESLOTS),
    selectinload(ProfileRow.filters),
    selectinload(ProfileRow.destinations),
    selectinload(ProfileRow.escalation).selectinload(EscalationStepRow.destinations),
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a profile shall say; None leaves as it is."""

    name: str | None = None
    unnamed: bool = False
    """It shall have no name."""
    timeslot: int | None = None
    """The one that v2 shows; by itself it takes the place of that one, and further timeslots stay."""
    timeslots: Sequence[int] | None = None
    """All of them; the first is the one that v2 shows, unless `timeslot` says another."""
    filters: Sequence[int] | None = None
    destinations: Sequence[int] | None = None
    active: bool | None = None
    damping: Damping | UnsetType | None = UNSET
    """None: an incident that flaps is told of as any other; unset leaves as it is."""
    escalation: Sequence[EscalationStep] | None = None


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
    await _apply(session, row, wish)
    session.add(row)
    await check_names(session, user)
    await publish.profiles(session, ProfileRow.id == row.id)
    return row


async def sketched(session: AsyncSession, user: int, wish: Wish) -> ProfileRow:
    """Return the profile that a user wishes, without adding it: nobody is told by it.

    Raises:
        Refused: as for `add_profile`, however many profiles the user has.
    """
    row = ProfileRow(user_id=user, active=True, filters=[], timeslots=[], destinations=[], escalation=[])
    await _apply(session, row, wish)
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
    """Change what `wish` names of a user's own profile.

    Raises:
        Refused: the user has another of that name, no filter or timeslot is left, one is not the user's to use, or the
            user's profiles name too much.
    """
    await outbox.lock(session)
    row = await own(session, ProfileRow, user, pk, *WHOLE, joinedload(ProfileRow.user))
    before, named = documents.profile(row), _named_by(row)
    await _apply(session, row, wish)
    if _named_by(row) > named:
        await check_names(session, user)
    if documents.profile(row) != before:
        await publish.profiles(session, ProfileRow.id == pk)
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


async def _apply(session: AsyncSession, row: ProfileRow, wish: Wish) -> None:
    user = row.user_id
    with session.no_autoflush:
        if wish.unnamed:
            row.name = None
        elif wish.name is not None and wish.name != row.name:
            await _check_name(session, user, wish.name)
            row.name = wish.name
        if wish.timeslot is not None or wish.timeslots is not None:
            pks = _timeslots_of(row, wish)
            row.timeslots = await _timeslots_for(session, user, pks)
            row.timeslot_id = pks[0]
        if wish.filters is not None:
            row.filters = await filters_for(session, user, wish.filters)
        if wish.destinations is not None:
            mine = DestinationRow.user_id == user
            row.destinations = await chosen(session, DestinationRow, wish.destinations, mine)
        if wish.damping is not UNSET:
            row.damping = None if wish.damping is None else msgspec.to_builtins(wish.damping)
        if wish.escalation is not None:
            row.escalation = await steps_for(session, user, wish.escalation)
        if wish.active is not None:
            row.active = wish.active


def _named_by(row: ProfileRow) -> int:
    later = sum(len(step.destinations) for step in row.escalation)
    return len(row.filters) + len(row.timeslots) + len(row.destinations) + later


def _timeslots_of(row: ProfileRow, wish: Wish) -> list[int]:
    """Return the pks that the wish makes of the row's, the one that v2 shows first."""
    further = wish.timeslots
    if further is None:
        further = [each.id for each in row.timeslots if each.id != row.timeslot_id]
    first = [] if wish.timeslot is None else [wish.timeslot]
    return list(dict.fromkeys([*first, *further]))


async def _timeslots_for(session: AsyncSession, user: int, pks: Sequence[int]) -> list[TimeslotRow]:
    if not pks:
        raise Refused("timeslots", EMPTY)
    mine = select(TimeslotRow).where(TimeslotRow.id.in_(pks), TimeslotRow.user_id == user)
    found = mine.options(*OF_TIMESLOTS).order_by(TimeslotRow.id)
    rows = {row.id: row for row in await session.scalars(found)}
    if any(pk not in rows for pk in pks):
        raise Refused(None, "The user of 'timeslot' must be the same as the requesting user.")
    return list(rows.values())


async def _check_name(session: AsyncSession, user: int, name: str) -> None:
    if len(name) > LONGEST_NAME:
        raise Refused("name", f"Ensure this field has no more than {LONGEST_NAME} characters.")
    if await session.scalar(select(ProfileRow.id).where(ProfileRow.user_id == user, ProfileRow.name == name)):
        raise Refused(None, "The requesting user already has a profile with that name.")
