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
from argus_store.link import Connection
from argus_store.rows import Changes

Positions = Mapping[Partition, int]
Rows = Sequence[Mapping[str, Any]]


async def positions(connection: Connection, earliest: Positions) -> dict[Partition, int]:
    """Return the positions of these partitions; one that has none begins at its earliest record."""
    document = _document(_position_rows(earliest))
    await connection.execute(statements.ADD_POSITIONS, [document])
    found = await connection.execute(statements.LOCK_POSITIONS, [document])
    return {Partition(topic, partition): offset for topic, partition, offset in await found.fetchall()}


async def load(
    connection: Connection, expected: Positions, keys: Sequence[str], event_ids: Sequence[UUID]
) -> tuple[dict[str, Stored], dict[UUID, int | None]]:
    """Take the positions and return the incidents by key, and which event ids are known, all in one round trip.

    Raises:
        PartitionTaken: somebody else has moved a position.
    """
    taken = await connection.execute(statements.LOCK_POSITIONS, [_document(_position_rows(expected))])
    incidents = await connection.execute(statements.INCIDENTS, [list(keys)]) if keys else None
    known = await connection.execute(statements.KNOWN, [list(event_ids)] * 2) if event_ids else None
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


async def write(connection: Connection, changes: Changes) -> None:
    """Write what the fold has made of incidents."""
    if changes.deleted:
        await connection.execute(statements.KEEP_EVENT_IDS, [changes.deleted])
        for statement in statements.DELETE:
            await connection.execute(statement, [changes.deleted])
    if changes.retagged:
        await connection.execute(statements.CLEAR_TAGS, [changes.retagged])
    await _each(connection, statements.OPEN_INCIDENTS, changes.opened)
    await _each(connection, statements.CHANGE_INCIDENTS, changes.changed)
    await _each(connection, statements.ADD_TAGS, changes.tags)
    await _each(connection, statements.ADD_EVENTS, changes.events)
    await _each(connection, statements.PUT_ACKS, changes.acks)
    await _each(connection, statements.ADD_OUTCOMES, changes.outcomes)
    await _each(connection, statements.ADD_ALIASES, changes.aliases)


async def write_deliveries(connection: Connection, notifications: Rows, attempts: Rows) -> None:
    """Write how far notifications have come."""
    await _each(connection, statements.PUT_NOTIFICATIONS, notifications)
    await _each(connection, statements.PUT_ATTEMPTS, attempts)


async def move(connection: Connection, reached: Positions) -> None:
    """Move the positions, and announce them to whoever waits for a record."""
    document = _document(_position_rows(reached))
    await connection.execute(statements.MOVE_POSITIONS, [document])
    await connection.execute(statements.ANNOUNCE, [document])


async def _each(connection: Connection, statement: str, rows: Rows) -> None:
    if rows:
        await connection.execute(statement, [_document(rows)])


def _document(rows: Rows) -> str:
    return to_json(rows).decode()


def _position_rows(offsets: Positions) -> Rows:
    return [{"topic": name.topic, "partition": name.partition, "next_offset": at} for name, at in offsets.items()]
