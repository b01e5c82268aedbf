"""Tokens: keys for the API, shown once and kept as digests.

There are three kinds: `cli`, made by administrators; `drf`, of which `token-auth` gives a user one at a time; and
`knox`, one for each login. A user may hold all of them side by side.
"""

import secrets
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import NamedTuple

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.changes import account_changed
from argus_database.configuration.errors import NoSuch, Refused
from argus_database.configuration.users import user_named
from argus_database.tables.accounts import SourceRow, TokenRow, UserRow

BYTES = 32
BYTES_OF_A_TOKEN_AUTH = 20
"""Argus's key has 40 characters, and clients have columns for it."""

LOGIN_LIFETIME = timedelta(hours=10)
MOST_LOGINS = 100
"""Of one user at a time; the oldest goes, since a source's document holds the digests of all."""

MOST_MADE = 100
"""Of one user at a time, by administrators; which of them is in use nobody knows, so that one more is refused."""


class Login(NamedTuple):
    """A key, and until when it counts."""

    key: str
    expires_at: datetime


def digest_of(key: str) -> str:
    """Return what is kept of a key: it has 160 random bits or more, so that a fast digest is enough."""
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
        Refused: there is no such user, or it has too many tokens.
    """
    await outbox.lock(session)
    user = await user_named(session, username)
    await _check_room(session, user, kind)
    key = secrets.token_hex(BYTES)
    expires_at = None if expires is None else datetime.now(UTC) + expires
    session.add(TokenRow(digest=digest_of(key), user_id=user.id, kind=kind, label=label, expires_at=expires_at))
    await _publish(session, user.id)
    return key


async def revoke_tokens(session: AsyncSession, username: str) -> int:
    """Take back all tokens of a user, those of its logins too, and return how many.

    Raises:
        Refused: there is no such user.
    """
    await outbox.lock(session)
    user = await user_named(session, username)
    await _lock_for(session, user.id)  # so that none takes the place of another meanwhile
    taken = await session.scalars(delete(TokenRow).where(TokenRow.user_id == user.id).returning(TokenRow.id))
    revoked = len(taken.all())
    await _publish(session, user.id)
    return revoked


async def renew_token(session: AsyncSession, user: int, lifetime: timedelta) -> str:
    """Return a new key of `token-auth` for a user; the one before it counts no longer."""
    await _lock_for(session, user)
    await session.execute(delete(TokenRow).where(TokenRow.user_id == user, TokenRow.kind == "drf"))
    return await _give(session, user, "drf", lifetime)


async def replace_token(session: AsyncSession, user: int, presented: str, lifetime: timedelta) -> str | None:
    """Return a new key in place of the one whose digest is `presented`, or else of the user's key of `token-auth`.

    One that an administrator made keeps its lifetime. None: the user has only logins.

    Raises:
        NoSuch: what is presented has been replaced meanwhile.
    """
    await _lock_for(session, user)
    held = (await session.scalars(select(TokenRow).where(TokenRow.user_id == user))).all()
    shown = next((row for row in held if row.digest == presented), None)
    if presented and shown is None:
        raise NoSuch("token", "presented")
    old = shown if shown and shown.kind != "knox" else next((row for row in held if row.kind == "drf"), None)
    if old is None:
        return None
    await session.execute(delete(TokenRow).where(TokenRow.id == old.id))
    if old.kind == "cli":
        as_long = None if old.expires_at is None else old.expires_at - old.created_at
        return await _give(session, user, "cli", as_long, old.label)
    return await _give(session, user, "drf", lifetime)


async def log_in(session: AsyncSession, user: int, presented: str = "") -> Login:
    """Return a further key for a user that counts for ten hours; `presented`: the digest of one that gives it.

    Raises:
        NoSuch: what is presented has been taken back meanwhile.
    """
    await _lock_for(session, user)
    shown = select(TokenRow.id).where(TokenRow.user_id == user, TokenRow.digest == presented)
    if presented and await session.scalar(shown) is None:
        raise NoSuch("token", "presented")
    logins = (TokenRow.user_id == user, TokenRow.kind == "knox")
    await session.execute(delete(TokenRow).where(*logins, TokenRow.expires_at <= datetime.now(UTC)))
    newest = select(TokenRow.id).where(*logins).order_by(TokenRow.id.desc()).limit(MOST_LOGINS - 1)
    await session.execute(delete(TokenRow).where(*logins, TokenRow.id.not_in(newest)))
    key = secrets.token_hex(BYTES)
    expires_at = datetime.now(UTC) + LOGIN_LIFETIME
    session.add(TokenRow(digest=digest_of(key), user_id=user, kind="knox", expires_at=expires_at))
    await _publish(session, user)
    return Login(key, expires_at)


async def log_out(session: AsyncSession, user: int, digest: str | None = None) -> None:
    """End a user's login of that digest, or all of them."""
    await _lock_for(session, user)
    logins = delete(TokenRow).where(TokenRow.user_id == user, TokenRow.kind == "knox")
    await session.execute(logins if digest is None else logins.where(TokenRow.digest == digest))
    await _publish(session, user)


async def login_holder(session: AsyncSession, digest: str) -> int | None:
    """Return whose login has that digest, or None where there is no such login."""
    login = (TokenRow.digest == digest, TokenRow.kind == "knox", TokenRow.expires_at > datetime.now(UTC))
    return await session.scalar(select(TokenRow.user_id).where(*login))


async def _check_room(session: AsyncSession, user: UserRow, kind: str) -> None:
    """Delete a user's tokens of this kind that are over, and refuse one more than it may have."""
    same = (TokenRow.user_id == user.id, TokenRow.kind == kind)
    await session.execute(delete(TokenRow).where(*same, TokenRow.expires_at <= datetime.now(UTC)))
    if (await session.scalar(select(func.count()).select_from(TokenRow).where(*same)) or 0) >= MOST_MADE:
        reason = f"{user.username!r} has {MOST_MADE} tokens: `argus token revoke` takes them all back."
        raise Refused("username", reason)


async def _give(session: AsyncSession, user: int, kind: str, lifetime: timedelta | None, label: str = "") -> str:
    key = secrets.token_hex(BYTES_OF_A_TOKEN_AUTH)
    expires_at = None if lifetime is None else datetime.now(UTC) + lifetime
    session.add(TokenRow(digest=digest_of(key), user_id=user, kind=kind, label=label, expires_at=expires_at))
    await _publish(session, user)
    return key


async def _lock_for(session: AsyncSession, user: int) -> None:
    """Wait for who changes tokens of the same user; for all writers if it is a source's, whose document has them."""
    if await session.scalar(select(SourceRow.id).where(SourceRow.user_id == user)) is not None:
        await outbox.lock(session)
    await session.execute(select(UserRow.id).where(UserRow.id == user).with_for_update(key_share=True))


async def _publish(session: AsyncSession, user: int) -> None:
    await publish.sources(session, SourceRow.user_id == user)
    await account_changed(session, user)
