"""Sources: the systems that report incidents, each with a user, a slug and a topic of its own."""

import re
import secrets
from urllib.parse import urlsplit

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.errors import Refused
from argus_database.configuration.users import add_user
from argus_database.tables.accounts import SourceRow, SourceTypeRow, UserRow

LONGEST_SLUG = 60
_SLUG = re.compile(r"[a-z0-9-]{1,60}")
_NO_SLUG = re.compile(r"[^a-z0-9]+")


async def add_source(
    session: AsyncSession,
    name: str,
    type_: str,
    *,
    slug: str | None = None,
    base_url: str = "",
    username: str | None = None,
    password: str | None = None,
) -> SourceRow:
    """Add a source with its user; its type too, where it is the first of it.

    Raises:
        Refused: name and type, or the slug, are taken or cannot be.
    """
    await outbox.lock(session)
    await _check(session, name, type_)
    _check_url(base_url)
    chosen = await _free_slug(session, name) if slug is None else await _checked_slug(session, slug)
    user = await add_user(session, await _free_username(session, username or name), password=password)
    await session.execute(insert(SourceTypeRow).values(name=type_).on_conflict_do_nothing())
    source = SourceRow(slug=chosen, name=name, type=type_, user_id=user.id, base_url=base_url)
    session.add(source)
    await publish.sources(session, SourceRow.user_id == user.id)
    return source


async def source_of_slug(session: AsyncSession, slug: str) -> SourceRow:
    """Return a source.

    Raises:
        Refused: there is none with that slug.
    """
    source = await session.scalar(select(SourceRow).where(SourceRow.slug == slug))
    if source is None:
        raise Refused("slug", f"There is no source with the slug {slug!r}.")
    return source


def slug_of(name: str) -> str:
    """Return the slug that a name suggests.

    Raises:
        Refused: it suggests none; since a slug stays for ever, it is not made up.
    """
    slug = _NO_SLUG.sub("-", name.lower()).strip("-")[:LONGEST_SLUG].strip("-")
    if not slug:
        raise Refused("slug", f"{name!r} has none of a-z and 0-9 to make a slug of: say one with --slug.")
    return slug


async def _check(session: AsyncSession, name: str, type_: str) -> None:
    if not name.strip():
        raise Refused("name", "This field may not be blank.")
    if not type_.islower():
        raise Refused("type", f"{type_!r} is not a lowercase string")
    if await session.scalar(select(SourceRow.id).where(SourceRow.name == name, SourceRow.type == type_)):
        raise Refused(None, "Source system with this Name and Type already exists.")


def _check_url(url: str) -> None:
    if not url:
        return
    try:
        parts = urlsplit(url)
        usable = parts.scheme in {"http", "https"} and bool(parts.hostname) and re.search(r"\s", url) is None
    except ValueError:
        usable = False
    if not usable:
        raise Refused("base_url", f"{url!r} is no URL that begins with http:// or https:// and a host.")


async def _checked_slug(session: AsyncSession, slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise Refused("slug", "A slug has 1 to 60 lowercase letters, digits and hyphens only.")
    if await _taken(session, slug):
        raise Refused("slug", f"There is already a source with the slug {slug!r}.")
    return slug


async def _free_slug(session: AsyncSession, name: str) -> str:
    slug, number = slug_of(name), 1
    candidate = slug
    while await _taken(session, candidate):
        number += 1
        ending = f"-{number}"
        candidate = slug[: LONGEST_SLUG - len(ending)] + ending
    return candidate


async def _taken(session: AsyncSession, slug: str) -> bool:
    return await session.scalar(select(SourceRow.id).where(SourceRow.slug == slug)) is not None


async def _free_username(session: AsyncSession, wished: str) -> str:
    """Return `wished`, with a suffix where somebody has it (specification 2.10.1)."""
    username = re.sub(r"[^\w.@+-]", "-", wished)[:150]
    if await session.scalar(select(UserRow.id).where(UserRow.username == username)) is None:
        return username
    return f"{username[:143]}_{secrets.token_hex(3).upper()}"
