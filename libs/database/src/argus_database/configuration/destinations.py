"""Destinations: where users can be reached; secret settings are encrypted before they reach a row."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, null, or_, select, text
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import joinedload

from argus_database.configuration import documents, outbox, publish
from argus_database.configuration.errors import InUse, Kept, NoSuch, Refused
from argus_database.configuration.escalation import tells
from argus_database.configuration.names import profile_names
from argus_database.configuration.owned import check_one_more, own
from argus_database.configuration.settings import checked_settings
from argus_database.tables.profiles import DestinationRow
from argus_media import HIDDEN, MediumKind, secret_settings
from argus_media.finding import kind_of
from argus_schemas.topics import DESTINATIONS

LONGEST_LABEL = 50

Encrypt = Callable[[str, str], str]
"""Turns a secret and what it is bound to into what may be kept."""

_NEXT_PK = text("select nextval(pg_get_serial_sequence('destinations', 'id'))")


def bound_to(pk: int, setting: str) -> str:
    """Return what a secret setting is bound to, so that its ciphertext is worthless elsewhere."""
    return f"destination:{pk}:{setting}"


async def add_destination(
    session: AsyncSession, user: int, media: str, settings: Mapping[str, Any], *,
    encrypt: Encrypt, label: str | None = None, managed: bool | None = False,
) -> DestinationRow:  # fmt: skip
    """Add a destination of a user; settings that the medium does not know are dropped.

    Raises:
        Refused: there is no such medium, or the user has such a destination, one of that label, or too many.
        pydantic.ValidationError: the settings cannot be.
    """
    await outbox.lock(session)
    await check_one_more(session, DestinationRow, user)
    medium = kind_of(media)
    if medium is None:
        raise NoSuch("media", media)
    checked = checked_settings(medium, settings)
    pk = (await session.execute(_NEXT_PK)).scalar_one()
    # Left at None it would get the column's default.
    row = DestinationRow(id=pk, user_id=user, media=media, managed=null() if managed is None else managed)
    row.label = await _checked_label(session, row, label)
    await _check_settings(session, row, medium, checked)
    row.settings = _encrypted(medium, checked, pk, encrypt)
    session.add(row)
    await publish.destinations(session, DestinationRow.id == pk)
    return row


async def change_destination(
    session: AsyncSession, user: int, pk: int, *,
    encrypt: Encrypt, media: str | None = None, label: str | None = None, settings: Mapping[str, Any] | None = None,
) -> DestinationRow:  # fmt: skip
    """Change what is given of a user's own destination; an empty label is none, and a hidden secret stays.

    One that is managed becomes the user's own with its new settings, and a new managed one keeps those before.

    Raises:
        Refused: the user has such a destination, one of that label, or too many, or it is of another medium.
        pydantic.ValidationError: the settings cannot be.
    """
    await outbox.lock(session)
    row = await own(session, DestinationRow, user, pk, joinedload(DestinationRow.user))
    before = documents.destination(row)
    if media not in (None, row.media):
        raise Refused("media", "Media cannot be updated, only settings.")
    if label is not None:
        row.label = await _checked_label(session, row, label)
    if settings is not None:
        await _change_settings(session, row, settings, encrypt)
    await session.flush()
    if documents.destination(row) != before:
        mine = DestinationRow.user_id == user, DestinationRow.media == row.media
        await publish.destinations(session, *mine, or_(DestinationRow.id == pk, DestinationRow.managed.is_(True)))
    return row


async def is_shared(session: AsyncSession, user: int, pk: int) -> bool:
    """Tell whether another user has a destination with the main setting of this user's own.

    Raises:
        Absent: it is not there, or is somebody else's.
    """
    row = await own(session, DestinationRow, user, pk)
    medium = kind_of(row.media)
    if medium is None:
        return False
    twin = select(DestinationRow.id).where(DestinationRow.user_id != user, _same_as(medium, row.settings)).limit(1)
    return await session.scalar(twin) is not None


async def own_destinations(session: AsyncSession, user: int) -> Sequence[DestinationRow]:
    """Return a user's destinations."""
    mine = select(DestinationRow).where(DestinationRow.user_id == user).order_by(DestinationRow.id)
    return (await session.scalars(mine)).all()


async def delete_destination(session: AsyncSession, user: int, pk: int) -> None:
    """Delete a user's own destination.

    Raises:
        InUse: a profile uses it, or a step of its escalation.
        Kept: it is defined elsewhere.
    """
    await outbox.lock(session)
    row = await own(session, DestinationRow, user, pk)
    if row.managed:
        raise Kept(None, "Cannot delete this destination since it was defined by an outside source.")
    if names := await profile_names(session, user, tells(pk)):
        raise InUse("destination", names)
    await session.delete(row)
    await session.flush()
    await publish.deletions(session, DESTINATIONS, "destination", [pk])


def _encrypted(medium: MediumKind, settings: dict[str, Any], pk: int, encrypt: Encrypt) -> dict[str, Any]:
    secret = secret_settings(medium.settings)
    return {
        name: encrypt(value, bound_to(pk, name)) if name in secret and value else value
        for name, value in settings.items()
    }


async def _change_settings(
    session: AsyncSession, row: DestinationRow, said: Mapping[str, Any], encrypt: Encrypt
) -> None:
    medium, before = kind_of(row.media), row.settings
    if medium is None:
        raise NoSuch("media", row.media)
    secret = secret_settings(medium.settings)
    kept = {name: before[name] for name in secret if said.get(name) == HIDDEN and before.get(name)}
    news = {name: value for name, value in said.items() if name not in kept}
    checked = checked_settings(medium, news)
    await _check_settings(session, row, medium, checked)
    row.settings = _encrypted(medium, checked, row.id, encrypt) | kept
    if row.managed and row.settings != before:
        await check_one_more(session, DestinationRow, row.user_id)
        row.managed = False
        # No medium whose destinations are managed has secrets, which would be bound to the pk before.
        session.add(DestinationRow(user_id=row.user_id, media=row.media, settings=before, managed=True))


async def _checked_label(session: AsyncSession, row: DestinationRow, label: str | None) -> str | None:
    if not label:
        return None
    if len(label) > LONGEST_LABEL:
        raise Refused("label", f"Ensure this field has no more than {LONGEST_LABEL} characters.")
    same = *_others(row), DestinationRow.media == row.media, DestinationRow.label == label
    if await session.scalar(select(DestinationRow.id).where(*same)):
        raise Refused("label", "A destination with this medium and label already exists")
    return label


async def _check_settings(
    session: AsyncSession, row: DestinationRow, medium: MediumKind, settings: Mapping[str, Any]
) -> None:
    if await session.scalar(select(DestinationRow.id).where(*_others(row), _same_as(medium, settings))):
        raise Refused(None, "A destination with these settings already exists")


def _others(row: DestinationRow) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    """Return what the other destinations of the same user fit."""
    return DestinationRow.user_id == row.user_id, DestinationRow.id != row.id


def _same_as(medium: MediumKind, settings: Mapping[str, Any]) -> ColumnElement[bool]:
    """Return what the destinations of a medium fit that have the same main setting."""
    main = DestinationRow.settings[medium.key].astext == str(settings[medium.key])
    return and_(DestinationRow.media == medium.slug, main)
