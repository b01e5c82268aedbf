"""Sessions of browsers: a cookie's digest, and until when it counts."""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.changes import account_changed
from argus_database.configuration.tokens import BYTES, digest_of
from argus_database.tables.logins import SessionRow

LIFETIME = timedelta(days=14)
"""After this one logs in again."""


async def open_session(session: AsyncSession, user: int) -> str:
    """Log a user in and return the key for the cookie; sessions that are over go."""
    now = datetime.now(UTC)
    await session.execute(delete(SessionRow).where(SessionRow.expires_at <= now))
    key = secrets.token_hex(BYTES)
    session.add(SessionRow(digest=digest_of(key), user_id=user, expires_at=now + LIFETIME))
    return key


async def close_session(session: AsyncSession, digest: str) -> int | None:
    """Log out the browser whose cookie has this digest, and return whose it is."""
    user = await session.scalar(delete(SessionRow).where(SessionRow.digest == digest).returning(SessionRow.user_id))
    if user is not None:
        await account_changed(session, user)
    return user
