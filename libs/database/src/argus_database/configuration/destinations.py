"""Destinations: where users can be reached; secret settings are encrypted before they reach a row."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration import outbox, publish
from argus_database.configuration.errors import InUse, Kept, NoSuch, Refused
from argus_database.configuration.names import profile_names
from argus_database.configuration.owned import own
from argus_database.tables.profiles import DestinationRow, ProfileRow
from argus_schemas.media import MEDIA, MediumKind, secret_settings
from argus_schemas.topics import DESTINATIONS

LONGEST_LABEL = 50

Encrypt = Callable[[str, str], str]
"""Turns a secret and what it is bound to into what may be kept."""

_NEXT_PK = text("select nextval(pg_get_serial_sequence('destinations', 'id'))")


def bound_to(pk: int, setting: str) -> str:
    """Return what a secret setting is bound to, so that its ciphertext is worthless elsewhere."""
    return f"destination:{pk}:{setting}"


async def add_destination(
    session: AsyncSession,
    user: int,
    media: str,
    settings: Mapping[str, Any],
    *,
    encrypt: Encrypt,
    label: str | None = None,
    managed: bool = False,
) -> DestinationRow:
    """Add a destination of a user; settings that the medium does not know are dropped.

    Raises:
        Refused: there is no such medium, or the user has such a destination or one of that label.
        pydantic.ValidationError: the settings cannot be.
    """
    await outbox.lock(session)
    medium = MEDIA.get(media)
    if medium is None:
        raise NoSuch("media", media)
    checked = medium.settings.model_validate(dict(settings)).model_dump(mode="json")
    label = await _checked_label(session, user, media, label)
    await _check_settings(session, user, medium, checked)
    pk = (await session.execute(_NEXT_PK)).scalar_one()
    kept = _encrypted(medium, checked, pk, encrypt)
    row = DestinationRow(id=pk, user_id=user, media=media, label=label, settings=kept, managed=managed)
    session.add(row)
    await publish.destinations(session, DestinationRow.id == pk)
    return row


async def own_destinations(session: AsyncSession, user: int) -> Sequence[DestinationRow]:
    """Return a user's destinations."""
    mine = select(DestinationRow).where(DestinationRow.user_id == user).order_by(DestinationRow.id)
    return (await session.scalars(mine)).all()


async def delete_destination(session: AsyncSession, user: int, pk: int) -> None:
    """Delete a user's own destination.

    Raises:
        InUse: a profile uses it.
        Kept: it is defined elsewhere.
    """
    await outbox.lock(session)
    row = await own(session, DestinationRow, user, pk)
    if row.managed:
        raise Kept(None, "Cannot delete this destination since it was defined by an outside source.")
    if names := await profile_names(session, ProfileRow.destinations.any(DestinationRow.id == pk)):
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


async def _checked_label(session: AsyncSession, user: int, media: str, label: str | None) -> str | None:
    if not label:
        return None
    if len(label) > LONGEST_LABEL:
        raise Refused("label", f"Ensure this field has no more than {LONGEST_LABEL} characters.")
    same = (DestinationRow.user_id == user, DestinationRow.media == media, DestinationRow.label == label)
    if await session.scalar(select(DestinationRow.id).where(*same)):
        raise Refused("label", "A destination with this medium and label already exists")
    return label


async def _check_settings(session: AsyncSession, user: int, medium: MediumKind, settings: dict[str, Any]) -> None:
    main = DestinationRow.settings[medium.key].astext == str(settings[medium.key])
    mine = select(DestinationRow.id).where(DestinationRow.user_id == user, DestinationRow.media == medium.slug, main)
    if await session.scalar(mine):
        raise Refused(None, "A destination with these settings already exists")
