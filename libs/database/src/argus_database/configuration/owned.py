"""What users own: found for its owner alone, chosen by pks, and named once."""

from collections.abc import Sequence
from typing import TypeVar

from sqlalchemy import ColumnElement, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.interfaces import ORMOption

from argus_database.configuration.errors import Absent, NoSuch, Refused
from argus_database.configuration.limits import MOST_OWNED, check_room
from argus_database.tables.accounts import UserRow
from argus_database.tables.base import Base
from argus_database.tables.profiles import DateListRow, DestinationRow, FilterRow, ProfileRow, TimeslotRow
from argus_schemas.base import sought

LONGEST_NAME = 40
LARGEST_PK = 2**31 - 1

Owned = TypeVar("Owned", FilterRow, TimeslotRow, DateListRow, DestinationRow, ProfileRow)
Named = TypeVar("Named", FilterRow, TimeslotRow, DateListRow)


async def own(session: AsyncSession, kind: type[Owned], user: int, pk: int, *embedded: ORMOption) -> Owned:
    """Return what a user owns, with what is to be loaded with it.

    Raises:
        Absent: it is not there, or is somebody else's.
    """
    mine = select(kind).where(kind.user_id == user, kind.id == sought(pk, LARGEST_PK)).options(*embedded)
    row = await session.scalar(mine)
    if row is None:
        raise Absent(word(kind), pk)
    return row


async def chosen(
    session: AsyncSession, kind: type[Owned], pks: Sequence[int], usable: ColumnElement[bool], field: str | None = None
) -> list[Owned]:
    """Return what the pks name, in the order of the pks themselves; the field is called as the kind unless told.

    Raises:
        NoSuch: one is not there, or not usable.
    """
    found = select(kind).where(kind.id.in_(pks), usable).order_by(kind.id)
    rows = {row.id: row for row in await session.scalars(found)}
    for pk in pks:
        if pk not in rows:
            raise NoSuch(field or kind.__tablename__, pk)
    return list(rows.values())


async def check_one_more(session: AsyncSession, kind: type[Owned], user: int) -> None:
    """Refuse a user more of a kind than anybody may have."""
    await check_room(session, kind, MOST_OWNED, f"{word(kind)}s of one user", kind.user_id == user)


async def check_name(session: AsyncSession, kind: type[Named], user: int, name: str) -> None:
    """Refuse a name that is blank, too long, or that the user has given before."""
    if not name.strip():
        raise Refused("name", "This field may not be blank.")
    if len(name) > LONGEST_NAME:
        raise Refused("name", f"Ensure this field has no more than {LONGEST_NAME} characters.")
    if await session.scalar(select(kind.id).where(kind.user_id == user, kind.name == name)):
        owner = await session.scalar(select(UserRow.username).where(UserRow.id == user))
        # "a another" is Argus's wording.
        taken = f'The name "{name}" is already in use for a another {word(kind)} owned by user {owner}.'
        raise Refused("name", taken)


async def rename(session: AsyncSession, user: int, row: Named, name: str | None) -> None:
    """Give what a user owns another name; None leaves the one that it has.

    Raises:
        Refused: the name cannot be, or the user has given it before.
    """
    if name is not None and name != row.name:
        await check_name(session, type(row), user, name)
        row.name = name


def word(kind: type[Base]) -> str:
    """Return what one of a kind is called: `filter`, `timeslot`, `date list`, `destination` or `profile`."""
    return str(kind.__tablename__).removesuffix("s").replace("_", " ")
