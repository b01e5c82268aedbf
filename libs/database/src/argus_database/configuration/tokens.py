"""Tokens: keys for the API, shown once and kept as digests."""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.users import user_named
from argus_database.tables.accounts import SourceRow, TokenRow

BYTES = 32


def digest_of(key: str) -> str:
    """Return what is kept of a key: it has 256 random bits, so that a fast digest is enough."""
    return sha256(key.encode()).hexdigest()


async def create_token(
    session: AsyncSession,
    username: str,
    *,
    expires: timedelta | None = None,
    kind: str = "cli",
    label: str = "",
) -> str:
    """Give a user another token and return its key, which nobody can show again.

    Raises:
        Refused: there is no such user.
    """
    await outbox.lock(session)
    user = await user_named(session, username)
    key = secrets.token_hex(BYTES)
    expires_at = None if expires is None else datetime.now(UTC) + expires
    session.add(TokenRow(digest=digest_of(key), user_id=user.id, kind=kind, label=label, expires_at=expires_at))
    await publish.sources(session, SourceRow.user_id == user.id)
    return key
