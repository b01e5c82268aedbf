"""What a newcomer finds: an administrator, and a demo user and source with all it takes to be told of everything."""

import secrets
from collections.abc import Callable
from contextlib import suppress
from typing import Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.errors import Refused
from argus_database.configuration.filters import add_filter
from argus_database.configuration.profiles import add_profile
from argus_database.configuration.sources import add_source, source_of_slug
from argus_database.configuration.tokens import create_token, digest_of
from argus_database.configuration.users import ALL_THE_TIME, add_user, set_password, user_named
from argus_database.engine import Sessions
from argus_database.tables.accounts import TokenRow, UserRow
from argus_database.tables.profiles import DestinationRow, TimeslotRow
from argus_local.data import DataFolder, read_json, write_json
from argus_schemas.configuration import Filter

ADMIN = "admin"
DEMO = "demo"
DEMO_ADDRESS = "demo@example.org"
DEMO_SOURCE_USER = "demo-source"
EVERYTHING = Filter(maxlevel=5)  # a filter without any condition matches nothing, as in Argus

Account = dict[str, Any]


async def welcome(
    sessions: Sessions, data: DataFolder, *, demo: bool, new_passwords: bool = True
) -> dict[str, Account]:
    """Return the credentials, making what is missing; they are kept in the data folder.

    Where they were lost, accounts that are there get new tokens, and `new_passwords` unless they may be others'.
    """
    credentials = read_json(data.credentials)
    makers: dict[str, Callable[[AsyncSession, bool], Any]] = {"admin": _admin, "demo": _demo}
    wanted = {name: make for name, make in makers.items() if demo or name != "demo"}
    for name, make in wanted.items():
        async with sessions.begin() as session:
            if not await _still_valid(session, credentials.get(name)):
                credentials[name] = await make(session, new_passwords)
        write_json(data.credentials, credentials)
    return {name: credentials[name] for name in wanted}


async def _still_valid(session: AsyncSession, account: Account | None) -> bool:
    """Tell whether the account's tokens are those of this database."""
    tokens = [value for name, value in (account or {}).items() if name.endswith("token")]
    digests = [digest_of(token) for token in tokens]
    known = await session.scalars(select(TokenRow.digest).where(TokenRow.digest.in_(digests)))
    return bool(tokens) and set(known) == set(digests)


async def _admin(session: AsyncSession, new_password: bool) -> Account:
    password = await _user(session, ADMIN, new_password, is_superuser=True)
    return {"username": ADMIN, "password": password, "token": await create_token(session, ADMIN)}


async def _demo(session: AsyncSession, new_password: bool) -> Account:
    password = await _user(session, DEMO, new_password, email=DEMO_ADDRESS, first_name="Demo")
    user = await user_named(session, DEMO)
    with suppress(Refused):  # there already, from a start whose credentials were lost
        async with session.begin_nested():
            await _profile(session, user)
    with suppress(Refused):
        async with session.begin_nested():
            await add_source(session, DEMO, DEMO, slug=DEMO, username=DEMO_SOURCE_USER)
    source = await source_of_slug(session, DEMO)
    owner = await session.get_one(UserRow, source.user_id)
    return {
        "username": DEMO,
        "password": password,
        "email": DEMO_ADDRESS,
        "user_token": await create_token(session, DEMO),
        "source": source.slug,
        "source_token": await create_token(session, owner.username),
    }


async def _user(session: AsyncSession, username: str, new_password: bool, **details: Any) -> str | None:
    """Add a user, or give the one that is there a new password; return it, None where it stays as it was."""
    password = secrets.token_urlsafe(9)
    try:
        async with session.begin_nested():
            await add_user(session, username, password=password, **details)
    except Refused:
        if not new_password:
            return None
        await set_password(session, username, password)
    return password


async def _profile(session: AsyncSession, user: UserRow) -> None:
    timeslot = await session.scalar(
        select(TimeslotRow.id).where(TimeslotRow.user_id == user.id, TimeslotRow.name == ALL_THE_TIME)
    )
    destinations = await session.scalars(select(DestinationRow.id).where(DestinationRow.user_id == user.id))
    everything = await add_filter(session, user.id, "Everything", EVERYTHING)
    await add_profile(
        session,
        user.id,
        name="Everything",
        timeslots=[] if timeslot is None else [timeslot],
        filters=[everything.id],
        destinations=list(destinations),
    )
