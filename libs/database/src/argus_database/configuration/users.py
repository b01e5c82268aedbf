"""Users: people, and the accounts of sources."""

import re
from datetime import time

from sqlalchemy import delete, exists, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, passwords, publish
from argus_database.configuration.changes import account_changed
from argus_database.configuration.errors import Refused
from argus_database.configuration.managed import follow_address
from argus_database.tables.accounts import SourceRow, UserRow
from argus_database.tables.incidents import EventRow, IncidentRow, IncidentTagRow
from argus_database.tables.logins import KnownAddressRow, SessionRow
from argus_database.tables.profiles import RecurrenceRow, TimeslotRow
from argus_media.values import one_spelling

ALL_THE_TIME = "All the time"
DAY_START = time.min
DAY_END = time.max
"""23:59:59.999999: both together are Argus's "all day"."""
EVERY_DAY = [1, 2, 3, 4, 5, 6, 7]

LONGEST_NAME = 150
"""Of what a person is called by others."""

_USERNAME = re.compile(r"[\w.@+-]{1,150}")
_EMAIL = re.compile(r"[^@\s\x00-\x1f<>]+@[^@\s\x00-\x1f<>]+")


async def add_user(
    session: AsyncSession,
    username: str,
    *,
    password: str | None = None,
    email: str = "",
    first_name: str = "",
    last_name: str = "",
    is_superuser: bool = False,
    zone: str = "UTC",
) -> UserRow:
    """Add a user with the timeslot `All the time` and, where there is an address, a destination for it.

    Raises:
        Refused: a name or the address cannot be, or the username is taken.
    """
    await outbox.lock(session)
    email = one_spelling(email)
    await _check(session, username, email, first_name=first_name, last_name=last_name)
    hashed = None if password is None else await passwords.hashed(password)
    user = UserRow(
        username=username, password=hashed, email=email, first_name=first_name, last_name=last_name,
        is_superuser=is_superuser, is_staff=is_superuser,
    )  # fmt: skip
    session.add(user)
    await session.flush()
    _give_all_the_time(session, user, zone)
    await follow_address(session, user)
    await session.refresh(user)
    return user


async def user_named(session: AsyncSession, username: str) -> UserRow:
    """Return a user.

    Raises:
        Refused: there is none of that name.
    """
    user = await session.scalar(select(UserRow).where(UserRow.username == username))
    if user is None:
        raise Refused("username", f"There is no user named {username!r}.")
    return user


async def set_password(session: AsyncSession, username: str, password: str) -> None:
    """Give a user another password; who has logged in with the old one is logged out, and a stranger again."""
    user = await user_named(session, username)
    user.password = await passwords.hashed(password)
    await session.flush()  # the user's row first, as a login does
    await session.execute(delete(SessionRow).where(SessionRow.user_id == user.id))
    await session.execute(delete(KnownAddressRow).where(KnownAddressRow.user_id == user.id))
    await account_changed(session, user.id)


async def renew_hash(session: AsyncSession, user: int, kept: str, renewed: str) -> None:
    """Keep another hash of the same password, unless the password has changed meanwhile."""
    same = (UserRow.id == user, UserRow.password == kept)
    await session.execute(update(UserRow).where(*same).values(password=renewed))


async def set_active(session: AsyncSession, username: str, active: bool) -> None:
    """Let a user in, or keep it out; who is inactive is told nothing."""
    await outbox.lock(session)
    user = await user_named(session, username)
    user.is_active = active
    await publish.of_user(session, user.id)
    await account_changed(session, user.id)


async def is_used(session: AsyncSession, user: int) -> bool:
    """Tell whether a user has caused an event or added a tag, or its source has incidents."""
    own = select(SourceRow.id).where(SourceRow.user_id == user).scalar_subquery()
    caused = exists().where(EventRow.actor_id == user), exists().where(IncidentTagRow.added_by == user)
    return bool(await session.scalar(select(or_(*caused, exists().where(IncidentRow.source_id == own)))))


async def set_email(session: AsyncSession, username: str, email: str) -> None:
    """Give a user another address, or none; the destination that is managed follows it.

    Raises:
        Refused: there is no such user, or the address cannot be.
    """
    await outbox.lock(session)
    _check_email(email)
    user = await user_named(session, username)
    user.email = one_spelling(email)
    await follow_address(session, user)


async def _check(session: AsyncSession, username: str, email: str, **names: str) -> None:
    if not _USERNAME.fullmatch(username):
        raise Refused("username", "A username has 1 to 150 letters, digits and @ . + - _ only.")
    _check_email(email)
    for field, name in names.items():
        if len(name) > LONGEST_NAME:
            raise Refused(field, f"A {field.replace('_', ' ')} has at most {LONGEST_NAME} characters.")
    if await session.scalar(select(UserRow.id).where(UserRow.username == username)):
        raise Refused("username", f"There is already a user named {username!r}.")


def _check_email(email: str) -> None:
    if email and (len(email) > 254 or not _EMAIL.fullmatch(email)):
        raise Refused("email", "Enter a valid email address.")


def _give_all_the_time(session: AsyncSession, user: UserRow, zone: str) -> None:
    always = RecurrenceRow(days=EVERY_DAY, start=DAY_START, end=DAY_END)
    session.add(TimeslotRow(user_id=user.id, name=ALL_THE_TIME, zone=zone, recurrences=[always]))
