"""What happens to accounts: changes are announced, so that no service goes on believing what an account was."""

from sqlalchemy import func, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.tables.accounts import UserRow

CHANNEL = "argus_accounts"
"""Where PostgreSQL announces the pk of a user whose tokens, sessions or rights have changed."""


async def account_changed(session: AsyncSession, user: int) -> None:
    """Announce at the commit that what a user's tokens and sessions lead to has changed."""
    await session.execute(select(func.pg_notify(CHANNEL, str(user))))


async def note_login(session: AsyncSession, user: int) -> None:
    """Keep when a user last logged in with a password."""
    await session.execute(update(UserRow).where(UserRow.id == user).values(last_login=func.now()))


def user_in(payload: str) -> int | None:
    """Return the user that an announcement names; None: anybody may have changed."""
    return int(payload) if payload.isascii() and payload.isdigit() and len(payload) < 11 else None
