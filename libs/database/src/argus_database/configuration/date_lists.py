"""Date lists: days, holidays for example, that several of a user's timeslots may leave out."""

from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import documents, outbox, publish
from argus_database.configuration.errors import InUse, Refused
from argus_database.configuration.limits import MOST_LEFT_OUT
from argus_database.configuration.owned import check_name, check_one_more, chosen, own, rename, word
from argus_database.configuration.sizes import check_bytes, grew
from argus_database.tables.profiles import DateListRow, ProfileRow, TimeslotRow, timeslot_exceptions
from argus_schemas.schedules import MOST_DATES


async def add_date_list(session: AsyncSession, user: int, name: str, dates: Iterable[date]) -> DateListRow:
    """Add a date list of a user.

    Raises:
        Refused: the user has one of that name, or too many, or it has too many dates.
    """
    await outbox.lock(session)
    await check_one_more(session, DateListRow, user)
    await check_name(session, DateListRow, user, name)
    row = DateListRow(user_id=user, name=name, dates=_checked(dates))
    session.add(row)
    await session.flush()
    return row


async def own_date_lists(session: AsyncSession, user: int) -> Sequence[DateListRow]:
    """Return a user's date lists by name."""
    mine = select(DateListRow).where(DateListRow.user_id == user).order_by(DateListRow.name)
    return (await session.scalars(mine)).all()


async def date_lists_for(session: AsyncSession, user: int, pks: Sequence[int]) -> list[DateListRow]:
    """Return the date lists that a timeslot of a user shall leave out.

    Raises:
        NoSuch: one is not there, or is somebody else's.
    """
    return await chosen(session, DateListRow, pks, DateListRow.user_id == user, "exceptions")


async def check_left_out(session: AsyncSession, timeslots: Sequence[int]) -> None:
    """Refuse timeslots for one profile whose dates no document has room for, before all of them are read.

    Raises:
        Refused: they leave out too many.
    """
    many = select(func.sum(func.cardinality(DateListRow.dates))).join(timeslot_exceptions)
    if (await session.scalar(many.where(timeslot_exceptions.c.timeslot_id.in_(timeslots))) or 0) > MOST_LEFT_OUT:
        raise Refused("timeslots", f"The timeslots of one profile can leave out at most {MOST_LEFT_OUT} dates.")


async def change_date_list(
    session: AsyncSession, user: int, pk: int, *, name: str | None = None, dates: Iterable[date] | None = None
) -> DateListRow:
    """Change what is given of a user's own date list, and publish the profiles whose timeslots leave it out.

    Raises:
        Absent: it is not there, or is somebody else's.
        Refused: the user has another of that name, or it has too many dates.
    """
    await outbox.lock(session)
    row = await own(session, DateListRow, user, pk)
    before = documents.date_list(row)
    await rename(session, user, row, name)
    if dates is not None:
        row.dates = _checked(dates)
    after = documents.date_list(row)
    grown = grew(before, after)
    if after != before:
        await publish.profiles(
            session, ProfileRow.timeslots.any(TimeslotRow.exceptions.any(DateListRow.id == pk)), grown=grown
        )
    if grown:
        await check_bytes(session, user)
    return row


async def delete_date_list(session: AsyncSession, user: int, pk: int) -> None:
    """Delete a user's own date list.

    Raises:
        Absent: it is not there, or is somebody else's.
        InUse: a timeslot leaves it out.
    """
    await outbox.lock(session)
    row = await own(session, DateListRow, user, pk)
    using = select(TimeslotRow.name).where(TimeslotRow.exceptions.any(DateListRow.id == pk))
    if names := (await session.scalars(using.order_by(TimeslotRow.name))).all():
        raise InUse(word(DateListRow), names, "timeslot(s)")
    await session.delete(row)
    await session.flush()


def _checked(dates: Iterable[date]) -> list[date]:
    """Return the dates in their order, each once; a list that had them already is one that has not changed."""
    found = sorted(set(dates))
    if len(found) > MOST_DATES:
        raise Refused("dates", f"Ensure this field has no more than {MOST_DATES} elements.")
    return found
