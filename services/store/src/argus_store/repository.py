"""All that store says to PostgreSQL; every function is part of its caller's transaction."""

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from pydantic_core import to_json

from argus_runtime.errors import PartitionTaken
from argus_runtime.kafka.records import Partition
from argus_schemas.incident import Incident
from argus_store import statements
from argus_store.folding import Stored
from argus_store.link import Transaction
from argus_store.rows import Changes

Positions = Mapping[Partition, int]
Rows = Sequence[Mapping[str, Any]]


async def positions(transaction: Transaction, earliest: Positions) -> dict[Partition, int]:
    """Return the positions of these partitions; one that has none begins at its earliest record."""
    document = _document(_position_rows(earliest))
    await transaction.execute(statements.ADD_POSITIONS, [document])
    found = await transaction.execute(statements.LOCK_POSITIONS, [document])
    await transaction.sync()
    return {Partition(topic, partition): offset for topic, partition, offset in await found.fetchall()}


async def load(
    transaction: Transaction, expected: Positions, keys: Sequence[str], event_ids: Sequence[UUID]
) -> tuple[dict[str, Stored], dict[UUID, int | None]]:
    """Take the positions and return the incidents by key, and which event ids are known, all in one round trip.

    Raises:
        PartitionTaken: somebody else has moved a position.
    """
    taken = await transaction.execute(statements.LOCK_POSITIONS, [_document(_position_rows(expected))])
    incidents = await transaction.execute(statements.INCIDENTS, [list(keys)]) if keys else None
    known = await transaction.execute(statements.KNOWN, [list(event_ids)] * 2) if event_ids else None
    await transaction.sync()
    found = {Partition(topic, partition): offset for topic, partition, offset in await taken.fetchall()}
    if found != expected:
        moved = ", ".join(f"{name}@{offset}" for name, offset in expected.items() if found.get(name) != offset)
        raise PartitionTaken(f"another store has moved {moved}")
    return (
        {
            key: Stored(Incident.model_validate_json(document), text)
            for key, document, text in await incidents.fetchall()
        }
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


async def move(transaction: Transaction, reached: Positions) -> None:
    """Move the positions, and announce them to whoever waits for a record."""
    await transaction.execute(statements.MOVE_POSITIONS, [_document(_position_rows(reached))])


async def _each(transaction: Transaction, statement: str, rows: Rows) -> None:
    if rows:
        await transaction.execute(statement, [_document(rows)])


def _document(rows: Rows) -> str:
    return to_json(rows).decode()


def _position_rows(offsets: Positions) -> Rows:
    return [{"topic": name.topic, "partition": name.partition, "next_offset": at} for name, at in offsets.items()]
