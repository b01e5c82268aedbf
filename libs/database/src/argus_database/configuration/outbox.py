"""The outbox: documents on their way to the log, numbered in the order in which they are committed."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from sqlalchemy import func, insert, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.configuration.errors import Refused
from argus_database.tables.outbox import OutboxRow
from argus_schemas.codec import Written
from argus_schemas.topics import Topic

CHANNEL = "argus_outbox"
"""Where PostgreSQL announces that a transaction left something in the outbox."""

ROOM_FOR_KEYS = 1024
"""Bytes that a record needs beside its value."""

# Any number will do; it only has to be ours.
LOCK = 0x4172677573_01

_LAST_ID = text("select coalesce(pg_sequence_last_value(pg_get_serial_sequence('outbox', 'id')::regclass), 0)")
_SET_LAST_ID = text("select setval(pg_get_serial_sequence('outbox', 'id'), :version)")
_NEXT_IDS = text("select nextval(pg_get_serial_sequence('outbox', 'id')) from generate_series(1, :many)")


class Document(NamedTuple):
    """What an outbox row will say once it has a version."""

    topic: Topic[Any]
    key: str
    value: Written | None
    """None deletes. Its version is that of the row."""


async def lock(session: AsyncSession) -> None:
    """Wait until no other transaction writes configuration.

    To be taken before anything is read or written: what is read afterwards is what the one before committed, and the
    ids that are taken afterwards are in the order of the commits.
    """
    await session.execute(select(func.pg_advisory_xact_lock(LOCK)))


async def put(session: AsyncSession, documents: Sequence[Document]) -> list[int]:
    """Add `documents` to the outbox, in their order, and wake the relay at the commit; return how large they are.

    Raises:
        Refused: one is larger than its topic takes, so that it could never be published.
    """
    if not documents:
        return []
    versions = (await session.scalars(_NEXT_IDS, {"many": len(documents)})).all()
    rows = [_row(version, document) for version, document in zip(versions, documents, strict=True)]
    await session.execute(insert(OutboxRow), rows)
    await session.execute(select(func.pg_notify(CHANNEL, "")))
    return [len(row["value"] or b"") for row in rows]


async def waiting(session: AsyncSession, topic: Topic[Any], keys: Sequence[str]) -> set[str]:
    """Return those of `keys` of which the outbox still has a version to publish."""
    found = select(OutboxRow.key).where(OutboxRow.topic == topic.name, OutboxRow.key.in_(keys))
    return set(await session.scalars(found))


async def last_version(session: AsyncSession) -> int:
    """Return the highest version that was ever given."""
    return int(await session.scalar(_LAST_ID) or 0)


async def number_above(session: AsyncSession, version: int) -> None:
    """Give versions above `version` from now on; to be called under the lock."""
    if await last_version(session) < version:
        await session.execute(_SET_LAST_ID, {"version": version})


def encoded(version: int, document: Document) -> bytes | None:
    """Return what is published of a document.

    Raises:
        Refused: it is larger than its topic takes.
    """
    if document.value is None:
        return None
    value = document.value.but(version=version).to_bytes()
    most = document.topic.largest - ROOM_FOR_KEYS
    if len(value) > most:
        raise Refused(None, f"{document.key} would have {len(value)} bytes with this; {most} can be published.")
    return value


def _row(version: int, document: Document) -> dict[str, Any]:
    return {"id": version, "topic": document.topic.name, "key": document.key, "value": encoded(version, document)}
