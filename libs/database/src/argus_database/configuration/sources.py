"""Sources: the systems that report incidents, each with a user, a slug and a topic of its own."""

import re
import secrets
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.changes import account_changed
from argus_database.configuration.errors import Refused
from argus_database.configuration.limits import MOST_TYPES, check_room
from argus_database.configuration.users import add_user
from argus_database.tables.accounts import SourceRow, SourceTypeRow, UserRow
from argus_domain.urls import is_web

LONGEST_SLUG = 60
LONGEST_NAME = 255
LONGEST_TYPE = 255

NO_CHOICE = "Select a valid choice. That choice is not one of the available choices."
TAKEN = "Source system with this Name and Type already exists."

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
    heartbeat_frequency: timedelta | None = None,
    spare_slug: str | None = None,
) -> SourceRow:
    """Add a source with its user; its type too, in lowercase, where it is the first of it.

    `spare_slug` is what its slug begins with where the name has no letter for one.

    Raises:
        Refused: name and type, or the slug, are taken or cannot be.
    """
    await outbox.lock(session)
    await _check(session, name, type_.lower())
    _check_url(base_url)
    chosen = await _slug_for(session, name, slug, spare_slug)
    user = await add_user(session, await _free_username(session, username or name), password=password)
    source = SourceRow(
        slug=chosen, name=name, type=type_.lower(), user_id=user.id, base_url=base_url,
        heartbeat_frequency=heartbeat_frequency,
    )  # fmt: skip
    await _add(session, source)
    return source


async def rename_source(session: AsyncSession, source: SourceRow, name: str) -> None:
    """Give a source another name.

    Raises:
        Refused: the name is blank, or another source of its type has it.
    """
    await outbox.lock(session)
    await session.refresh(source, ["name"])  # somebody may have changed it since it was read
    if source.name == name:
        return
    await _check(session, name, source.type, but=source.id)
    source.name = name
    await publish.sources(session, SourceRow.id == source.id)
    await account_changed(session, source.user_id)


async def add_source_type(session: AsyncSession, name: str) -> None:
    """Add a type of sources.

    Raises:
        Refused: it is there, is not lowercase, or there are too many.
    """
    await outbox.lock(session)
    _check_type("name", name)
    await check_room(session, SourceTypeRow, MOST_TYPES, "types of sources")
    added = insert(SourceTypeRow).values(name=name).on_conflict_do_nothing().returning(SourceTypeRow.name)
    if await session.scalar(added) is None:
        raise Refused("name", "source system type with this name already exists.")


async def check_type_exists(session: AsyncSession, name: str) -> None:
    """Refuse a type of sources that there is not."""
    if await session.get(SourceTypeRow, name) is None:
        raise Refused("type", NO_CHOICE)


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


async def _add(session: AsyncSession, source: SourceRow) -> None:
    """Add a source, and its type where it is the first of it, and tell of it."""
    await session.execute(insert(SourceTypeRow).values(name=source.type).on_conflict_do_nothing())
    session.add(source)
    await publish.sources(session, SourceRow.user_id == source.user_id)


async def _check(session: AsyncSession, name: str, type_: str, *, but: int | None = None) -> None:
    if not name.strip():
        raise Refused("name", "This field may not be blank.")
    if len(name) > LONGEST_NAME:
        raise Refused("name", f"Ensure this field has no more than {LONGEST_NAME} characters.")
    _check_type("type", type_)
    same = (SourceRow.name == name, SourceRow.type == type_, SourceRow.id.is_distinct_from(but))
    if await session.scalar(select(SourceRow.id).where(*same)):
        raise Refused(None, TAKEN)


def _check_type(field: str, name: str) -> None:
    if not name.islower():
        raise Refused(field, f"{name!r} is not a lowercase string")
    if len(name) > LONGEST_TYPE:
        raise Refused(field, f"Ensure this field has no more than {LONGEST_TYPE} characters.")


def _check_url(url: str) -> None:
    if url and not is_web(url):
        raise Refused(
            "base_url", f"{url!r} is no URL that begins with http:// or https:// and a host's full name or address."
        )


async def _slug_for(session: AsyncSession, name: str, wished: str | None, spare: str | None) -> str:
    return await _free_slug(session, name, spare) if wished is None else await _checked_slug(session, wished)


async def _checked_slug(session: AsyncSession, slug: str) -> str:
    if not _SLUG.fullmatch(slug):
        raise Refused("slug", "A slug has 1 to 60 lowercase letters, digits and hyphens only.")
    if await _taken(session, slug):
        raise Refused("slug", f"There is already a source with the slug {slug!r}.")
    return slug


async def _free_slug(session: AsyncSession, name: str, spare: str | None) -> str:
    try:
        slug = slug_of(name)
    except Refused:
        if spare is None:
            raise
        slug = spare
    number = 1
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
