"""Tokens and sessions as PostgreSQL has them."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Row, delete, literal, select
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.tables.accounts import SourceRow, TokenRow, UserRow
from argus_database.tables.logins import SessionRow
from argus_http.principals import Account, Principal
from argus_schemas.incident import Source

_USER = (
    UserRow.id.label("user_id"), UserRow.username, UserRow.is_active, UserRow.is_superuser, UserRow.is_staff,
    SourceRow.id.label("source_id"), SourceRow.name, SourceRow.type, SourceRow.base_url,
)  # fmt: skip
_ACCOUNT = (
    select(TokenRow.kind, TokenRow.expires_at, *_USER)
    .join(UserRow, UserRow.id == TokenRow.user_id)
    .outerjoin(SourceRow, SourceRow.user_id == UserRow.id)
)
_SESSION = (
    select(literal("session").label("kind"), SessionRow.expires_at, *_USER)
    .join(UserRow, UserRow.id == SessionRow.user_id)
    .outerjoin(SourceRow, SourceRow.user_id == UserRow.id)
)


async def account(session: AsyncSession, digest: str) -> Account | None:
    """Return what the token of `digest` leads to, or None where there is no such token."""
    return _account((await session.execute(_ACCOUNT.where(TokenRow.digest == digest))).one_or_none())


async def session_account(session: AsyncSession, digest: str) -> Account | None:
    """Return what the session of `digest` leads to, or None where there is no such session."""
    return _account((await session.execute(_SESSION.where(SessionRow.digest == digest))).one_or_none())


async def forget_expired(session: AsyncSession, digest: str) -> None:
    """Delete the token of `digest` if it has expired, as Argus does."""
    expired = TokenRow.expires_at <= datetime.now(UTC)
    await session.execute(delete(TokenRow).where(TokenRow.digest == digest, expired))


async def source(session: AsyncSession, pk: int) -> Source | None:
    """Return the source `pk`."""
    found = select(
        SourceRow.id.label("source_id"), SourceRow.name, SourceRow.type, SourceRow.base_url,
        UserRow.id.label("user_id"), UserRow.username,
    ).join(UserRow, UserRow.id == SourceRow.user_id)  # fmt: skip
    row = (await session.execute(found.where(SourceRow.id == pk))).one_or_none()
    return None if row is None else _source(row)


def _source(row: Row[*tuple[Any, ...]]) -> Source | None:
    if row.source_id is None:
        return None
    return Source(
        pk=row.source_id, name=row.name, type=row.type, user=row.user_id, username=row.username, base_url=row.base_url
    )


def _account(row: Row[*tuple[Any, ...]] | None) -> Account | None:
    if row is None:
        return None
    principal = Principal(row.user_id, row.username, row.is_superuser, row.is_staff, _source(row))
    return Account(principal, row.is_active, row.kind, row.expires_at)
