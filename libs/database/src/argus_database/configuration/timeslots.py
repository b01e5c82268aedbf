"""Timeslots: named times of the week when a user wants to be told."""

from collections.abc import Iterable, Sequence
from functools import cache
from zoneinfo import available_timezones

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import selectinload

from argus_database.configuration import documents, outbox, publish
from argus_database.configuration.date_lists import date_lists_for
from argus_database.configuration.errors import Refused
from argus_database.configuration.kinds import OF_TIMESLOTS, SHOWN_OF_TIMESLOTS
from argus_database.configuration.owned import check_name, check_one_more, own, rename
from argus_database.configuration.sizes import check_bytes, grew
from argus_database.tables.profiles import ProfileRow, RecurrenceRow, TimeslotRow
from argus_schemas.schedules import Recurrence
from argus_schemas.topics import RULES


async def add_timeslot(
    session: AsyncSession, user: int, name: str, recurrences: Iterable[Recurrence], *,
    zone: str = "UTC", exceptions: Sequence[int] = (),
) -> TimeslotRow:  # fmt: skip
    """Add a timeslot of a user, whose recurrences do not start on the days of the date lists `exceptions`.

    Raises:
        Refused: the user has one of that name, or too many, there is no such time zone, or a list is not the user's.
    """
    await outbox.lock(session)
    await check_one_more(session, TimeslotRow, user)
    await check_name(session, TimeslotRow, user, name)
    check_zone(zone)
    row = TimeslotRow(user_id=user, name=name, zone=zone, recurrences=_rows(recurrences))
    row.exceptions = await date_lists_for(session, user, exceptions)
    session.add(row)
    await session.flush()
    return row


async def own_timeslots(session: AsyncSession, user: int) -> Sequence[TimeslotRow]:
    """Return a user's timeslots by name, with what is shown of what they embed."""
    mine = select(TimeslotRow).where(TimeslotRow.user_id == user).order_by(TimeslotRow.name)
    return (await session.scalars(mine.options(*SHOWN_OF_TIMESLOTS))).all()


async def own_timeslot(session: AsyncSession, user: int, pk: int) -> TimeslotRow:
    """Return a user's own timeslot, with all that it embeds.

    Raises:
        Absent: it is not there, or is somebody else's.
    """
    return await own(session, TimeslotRow, user, pk, *OF_TIMESLOTS)


async def change_timeslot(
    session: AsyncSession, user: int, pk: int, *,
    name: str | None = None, recurrences: Iterable[Recurrence] | None = None, zone: str | None = None,
    exceptions: Sequence[int] | None = None,
) -> TimeslotRow:  # fmt: skip
    """Change what is given of a user's own timeslot, and publish the profiles that embed what is otherwise then.

    Raises:
        Refused: the user has another of that name, there is no such time zone, or a date list is not the user's.
    """
    await outbox.lock(session)
    row = await own_timeslot(session, user, pk)
    before = documents.timeslot(row)
    await rename(session, user, row, name)
    if recurrences is not None:
        row.recurrences = _rows(recurrences)
    if zone is not None:
        check_zone(zone)
        row.zone = zone
    if exceptions is not None:
        row.exceptions = await date_lists_for(session, user, exceptions)
    after = documents.timeslot(row)
    grown = grew(before, after)
    if after != before:
        await publish.profiles(session, ProfileRow.timeslots.any(TimeslotRow.id == pk), grown=grown)
    if grown:
        await check_bytes(session, user)
    return row


async def delete_timeslot(session: AsyncSession, user: int, pk: int) -> None:
    """Delete a user's own timeslot, and the profiles that have no other."""
    await outbox.lock(session)
    row = await own_timeslot(session, user, pk)
    embedding = select(ProfileRow).where(ProfileRow.timeslots.any(TimeslotRow.id == pk))
    gone: list[int] = []
    kept: list[int] = []
    for profile in await session.scalars(embedding.options(selectinload(ProfileRow.timeslots))):
        others = [each.id for each in profile.timeslots if each.id != pk]
        (kept if others else gone).append(profile.id)
        if others and profile.timeslot_id == pk:
            profile.timeslot_id = others[0]
    await session.flush()  # before the timeslot would take along what names it first
    await session.delete(row)
    await publish.deletions(session, RULES, "profile", gone)
    await publish.profiles(session, ProfileRow.id.in_(kept))


def check_zone(zone: str) -> None:
    """Refuse a time zone that is not there."""
    if zone not in _zones():
        raise Refused("zone", f'"{zone}" is not the name of a time zone.')


@cache
def _zones() -> frozenset[str]:
    return frozenset(available_timezones())  # asks for many files


def _rows(recurrences: Iterable[Recurrence]) -> list[RecurrenceRow]:
    return [RecurrenceRow(days=sorted(set(each.days)), start=each.start, end=each.end) for each in recurrences]
