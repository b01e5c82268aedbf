"""All that store says to PostgreSQL; every function is part of its caller's transaction."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

import msgspec

from argus_database.announcements import Announcement
from argus_runtime.errors import PartitionTaken
from argus_runtime.kafka.records import Partition
from argus_schemas.incident import Incident
from argus_store import statements
from argus_store.folding import Stored
from argus_store.holds import Hold
from argus_store.link import Transaction
from argus_store.rows import Changes

Positions = Mapping[Partition, int]
Held = Mapping[Partition, Hold]
Rows = Sequence[Mapping[str, Any]]


async def positions(transaction: Transaction, earliest: Positions) -> dict[Partition, tuple[int, str]]:
    """Return the positions of these partitions and what stands beside them; a new one begins at its earliest record."""
    rows = [_row(partition) | {"next_offset": offset} for partition, offset in earliest.items()]
    await transaction.execute(statements.ADD_POSITIONS, [_document(rows)])
    found = await transaction.execute(statements.LOCK_POSITIONS, [_document(rows)])
    await transaction.sync()
    return {
        Partition(topic, partition): (offset, opening) for topic, partition, offset, opening in await found.fetchall()
    }


async def leave(transaction: Transaction, held: Held) -> None:
    """Leave what stands beside positions while their owner works."""
    rows = [_row(partition) | {"opening": hold.text} for partition, hold in held.items()]
    await transaction.execute(statements.OPEN_POSITIONS, [_document(rows)])


async def close(transaction: Transaction, partitions: Iterable[Partition], owner: str) -> None:
    """Clear what `owner` has left beside positions; what another has left stays."""
    document = _document([_row(partition) for partition in partitions])
    await transaction.execute(statements.LOCK_POSITIONS, [document])
    await transaction.execute(statements.CLOSE_POSITIONS, [document, owner])


async def load(
    transaction: Transaction, expected: Positions, keys: Sequence[str], event_ids: Sequence[UUID]
) -> tuple[dict[str, Stored], dict[UUID, int | None]]:
    """Take the positions and return the incidents by key, and which event ids are known, all in one round trip.

    Raises:
        PartitionTaken: somebody else has moved a position.
    """
    taken = await transaction.execute(statements.LOCK_POSITIONS, [_document([_row(name) for name in expected])])
    incidents = await transaction.execute(statements.INCIDENTS, [_document(keys)]) if keys else None
    known = await transaction.execute(statements.KNOWN, [_document(event_ids)] * 2) if event_ids else None
    await transaction.sync()
    found = {Partition(topic, partition): offset for topic, partition, offset, _ in await taken.fetchall()}
    if found != expected:
        moved = ", ".join(f"{name}@{offset}" for name, offset in expected.items() if found.get(name) != offset)
        raise PartitionTaken(f"another store has moved {moved}")
    return (
        {key: Stored(Incident.read(document), text) for key, document, text in await incidents.fetchall()}
        if incidents
        else {},
        dict(await known.fetchall()) if known else {},
    )


async def write(transaction: Transaction, changes: Changes) -> None:
    """Write what the fold has made of incidents."""
    if changes.deleted:
        await transaction.execute(statements.KEEP_EVENT_IDS, [changes.deleted])
        for statement in statements.DELETE:
            await transaction.execute(statement, [changes.deleted])
    if changes.retagged:
        await transaction.execute(statements.CLEAR_TAGS, [changes.retagged])
    await _each(transaction, statements.OPEN_INCIDENTS, changes.opened)
    await _each(transaction, statements.CHANGE_INCIDENTS, changes.changed)
    await _each(transaction, statements.ADD_TAGS, changes.tags)
    await _each(transaction, statements.ADD_EVENTS, changes.events)
    await _each(transaction, statements.PUT_ACKS, changes.acks)
    await _each(transaction, statements.ADD_OUTCOMES, changes.outcomes)
    await _each(transaction, statements.ADD_ALIASES, changes.aliases)


async def write_deliveries(transaction: Transaction, notifications: Rows, attempts: Rows) -> None:
    """Write how far notifications have come."""
    await _each(transaction, statements.PUT_NOTIFICATIONS, notifications)
    await _each(transaction, statements.PUT_ATTEMPTS, attempts)


async def move(transaction: Transaction, held: Held, said: Mapping[Partition, Announcement]) -> None:
    """Move the positions and what stands beside them, and announce them to whoever waits for a record."""
    rows = [
        _row(partition) | {"next_offset": hold.position, "opening": hold.text, "said": said[partition].text}
        for partition, hold in held.items()
    ]
    await transaction.execute(statements.MOVE_POSITIONS, [_document(rows)])


async def _each(transaction: Transaction, statement: str, rows: Rows) -> None:
    if rows:
        await transaction.execute(statement, [_document(rows)])


def _document(values: Rows | Sequence[str] | Sequence[UUID]) -> str:
    return msgspec.json.encode(values).decode()


def _row(partition: Partition) -> dict[str, Any]:
    return {"topic": partition.topic, "partition": partition.partition}
