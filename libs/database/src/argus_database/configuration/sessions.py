"""Sessions of browsers: a cookie's digest, and until when it counts."""

import secrets
from datetime import UTC, datetime, timedelta

from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.changes import account_changed
from argus_database.configuration.errors import Refused
from argus_database.configuration.tokens import BYTES, digest_of
from argus_database.tables.accounts import UserRow
from argus_database.tables.logins import SessionRow

LIFETIME = timedelta(days=14)
"""After this one logs in again."""
MOST = 20
"""Of one user at a time: the oldest ends when another begins, since nobody ends those of browsers that are gone."""


async def open_session(session: AsyncSession, user: int, kept: str | None = None) -> str:
    """Log a user in and return the key for the cookie; sessions that are over go, and the oldest beyond 20.

    Raises:
        Refused: `kept` is no longer the hash of the user's password, which has been changed meanwhile.
    """
    now = datetime.now(UTC)
    # Before rows of sessions, as whoever gives the user another password has it.
    password = await session.scalar(select(UserRow.password).where(UserRow.id == user).with_for_update(key_share=True))
    if kept is not None and password != kept:
        raise Refused("password", "The password has been changed.")
    over = select(SessionRow.id).where(SessionRow.expires_at <= now).with_for_update(skip_locked=True)
    await session.execute(delete(SessionRow).where(SessionRow.id.in_(over)))
    await _make_room(session, user)
    key = secrets.token_hex(BYTES)
    session.add(SessionRow(digest=digest_of(key), user_id=user, expires_at=now + LIFETIME))
    return key


async def close_session(session: AsyncSession, digest: str) -> int | None:
    """Log out the browser whose cookie has this digest, and return whose it is."""
    user = await session.scalar(delete(SessionRow).where(SessionRow.digest == digest).returning(SessionRow.user_id))
    if user is not None:
        await account_changed(session, user)
    return user


async def _make_room(session: AsyncSession, user: int) -> None:
    """End a user's oldest sessions so that one more may begin; its row is the caller's to lock."""
    newest = select(SessionRow.id).where(SessionRow.user_id == user).order_by(SessionRow.id.desc()).limit(MOST - 1)
    oldest = delete(SessionRow).where(SessionRow.user_id == user, SessionRow.id.not_in(newest))
    if (await session.scalars(oldest.returning(SessionRow.id))).all():
        await account_changed(session, user)
