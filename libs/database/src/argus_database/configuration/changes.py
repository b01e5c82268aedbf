"""Announces that an account has changed, so that no service goes on believing what it was."""

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

CHANNEL = "argus_accounts"
"""Where PostgreSQL announces the pk of a user whose tokens, sessions or rights have changed."""


async def account_changed(session: AsyncSession, user: int) -> None:
    """Announce at the commit that what a user's tokens and sessions lead to has changed."""
    await session.execute(select(func.pg_notify(CHANNEL, str(user))))


def user_in(payload: str) -> int | None:
    """Return the user that an announcement names; None: anybody may have changed."""
    return int(payload) if payload.isascii() and payload.isdigit() and len(payload) < 11 else None
