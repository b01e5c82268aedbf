"""What a user wishes a profile to say."""

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec
from msgspec import UNSET, UnsetType
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.date_lists import check_left_out
from argus_database.configuration.errors import EMPTY, Refused
from argus_database.configuration.escalation import steps_for
from argus_database.configuration.filters import filters_for
from argus_database.configuration.kinds import OF_TIMESLOTS
from argus_database.configuration.owned import LONGEST_NAME, chosen
from argus_database.tables.profiles import DestinationRow, ProfileRow, TimeslotRow
from argus_schemas.configuration import Damping, EscalationStep


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


async def apply(session: AsyncSession, row: ProfileRow, wish: Wish) -> None:
    """Let a profile say what its user wishes.

    Raises:
        Refused: the user has another of that name, no filter or timeslot is left, one is not the user's to use, or the
            escalation cannot be.
    """
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
    await check_left_out(session, pks)
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
