"""What store does with records: one transaction makes them rows and moves the positions."""

import asyncio
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

import psycopg

from argus_database.announcements import Announcement
from argus_runtime.errors import TooManyDeadLetters
from argus_runtime.kafka.records import Partition, Record
from argus_runtime.metrics import consumed
from argus_schemas.notification import Delivery, Notification
from argus_schemas.records import Record as IncidentRecord
from argus_store import repository
from argus_store.announcing import announced
from argus_store.entries import Entry
from argus_store.folding import Folding, Kept
from argus_store.holds import Hold
from argus_store.link import Link, Transaction
from argus_store.metrics import BATCH_RECORDS, BATCH_SECONDS, GIVEN_UP, OUTCOMES
from argus_store.rows import changes_of
from argus_store.steps import attempts_of, rows_of

# A bad deploy must stop the store, not drain its topics into the dead letters.
MOST_DEAD_LETTERS_IN_A_ROW = 100

Held = dict[Partition, Hold]
"""What we hold, by partition; it follows what is committed."""

PROGRAM_LIMIT = "54"  # PostgreSQL's class of errors for values that are too large or complex for it


class Letters(Protocol):
    """Keeps records that can never be processed."""

    async def bury(self, record: Record, reason: str, *, attempts: int = 1) -> object:
        """Keep a record as it came."""

    async def bury_bytes(self, key: bytes | None, value: bytes | None, origin: str, reason: str) -> object:
        """Keep what stood at `origin`."""


class Handler:
    """Makes records rows, exactly once: rows and positions change together, and only from the position we know.

    A record that PostgreSQL refuses for its data is found by halving the batch, and becomes a dead letter.
    """

    def __init__(self, link: Link, letters: Letters) -> None:
        self._link = link
        self._letters = letters
        self._dead_in_a_row = 0

    async def store(self, entries: Sequence[Entry], held: Held) -> None:
        """Store the entries, each partition's in order from its position, which moves past them.

        Raises:
            PartitionTaken: another store has moved a position; nothing is stored.
            TransientError, psycopg.Error: Kafka or PostgreSQL is away; where we stand is to be read from PostgreSQL.
            TooManyDeadLetters: we are probably the fault.
        """
        try:
            await self._commit(entries, held)
        except psycopg.Error as error:
            if not is_refusal(error):
                raise
            GIVEN_UP.labels("refused").inc()
            if len(entries) == 1:
                await self._store_one(entries[0], held)
                return
            middle = len(entries) // 2
            await self.store(entries[:middle], held)
            await self.store(entries[middle:], held)

    async def mark(self, partition: Partition, held: Held) -> None:
        """Leave word that the record at a position is alone in hand.

        Raises:
            PartitionTaken: another store has moved the position.
            psycopg.Error: PostgreSQL is away.
        """
        hold = held[partition].with_one()
        async with self._link.transaction() as transaction:
            await repository.load(transaction, {partition: hold.position}, [], [])
            await repository.leave(transaction, {partition: hold})
        held[partition] = hold

    async def pass_over(self, reached: Mapping[Partition, int], held: Held) -> None:
        """Move positions to where no record of theirs is left unread: past what only marks transactions.

        Raises:
            PartitionTaken: another store, or an operator, has moved one of the positions that we hold.
            psycopg.Error: PostgreSQL is away; where we stand is to be read from it.
        """
        moved = {name: held[name].passed(at) for name, at in reached.items()}
        async with self._link.transaction() as transaction:
            await repository.load(transaction, {name: hold.position for name, hold in held.items()}, [], [])
            if moved:
                said = {name: Announcement(*name, at) for name, at in reached.items()}
                await repository.move(transaction, moved, said)
        held.update(moved)

    async def _store_one(self, entry: Entry, held: Held) -> None:
        try:
            # Once more: another store may have written the same event id in the same moment, and now we see it.
            await self._commit([entry], held)
        except psycopg.Error as error:
            if not is_refusal(error):
                raise
            fault = f"PostgreSQL refused it: {error.diag.message_primary or type(error).__name__} ({error.sqlstate})"
            await self._commit([replace(entry, value=None, fault=fault)], held)

    async def _commit(self, entries: Sequence[Entry], held: Held) -> None:
        began = time.perf_counter()
        dead_in_a_row = self._counted(entries)
        reached = {entry.record.partition: entry.record.offset + 1 for entry in entries}
        moved = {name: held[name].moved(at) for name, at in reached.items()}
        records = [entry.value for entry in entries if isinstance(entry.value, IncidentRecord)]
        async with self._link.transaction() as transaction:
            folding = await _folded(transaction, {name: held[name].position for name in reached}, records)
            await self._bury([entry for entry in entries if entry.fault], folding.refused)
            await repository.write(transaction, changes_of(folding))
            await _write_deliveries(transaction, entries)
            said = announced(entries, folding, {name: held[name].position for name in reached})
            await repository.move(transaction, moved, said)
        held.update(moved)
        self._dead_in_a_row = dead_in_a_row
        _measure(entries, folding, time.perf_counter() - began)

    def _counted(self, entries: Sequence[Entry]) -> int:
        in_a_row = self._dead_in_a_row
        for entry in entries:
            in_a_row = in_a_row + 1 if entry.fault else 0
            if in_a_row > MOST_DEAD_LETTERS_IN_A_ROW:
                raise TooManyDeadLetters(entry.record.partition.topic, in_a_row)
        return in_a_row

    async def _bury(self, dead: Sequence[Entry], refused: Sequence[Kept]) -> None:
        await asyncio.gather(
            *(self._letters.bury(entry.record, entry.fault, attempts=entry.attempts) for entry in dead),
            *(self._bury_report(kept) for kept in refused),
        )

    async def _bury_report(self, kept: Kept) -> None:
        origin = kept.record.origin
        if origin is None:
            return
        place = f"{origin.topic}[{origin.partition}]@{origin.offset}"
        key = None if origin.key is None else origin.key.encode()
        # A report that can be refused carries its text; should one not, what we made of it is better than nothing.
        value = kept.record.to_bytes() if origin.report is None else origin.report.encode()
        await self._letters.bury_bytes(key, value, place, kept.reason)


async def _folded(
    transaction: Transaction, expected: repository.Positions, records: Sequence[IncidentRecord]
) -> Folding:
    keys = list({record.key for record in records})
    stored, known = await repository.load(transaction, expected, keys, [record.event_id for record in records])
    folding = Folding(stored, known)
    for record in records:
        folding.take(record)
    return folding


async def _write_deliveries(transaction: Transaction, entries: Sequence[Entry]) -> None:
    notifications = [entry.value for entry in entries if isinstance(entry.value, Notification)]
    deliveries = [entry.value for entry in entries if isinstance(entry.value, Delivery)]
    await repository.write_deliveries(transaction, rows_of(notifications, deliveries), attempts_of(deliveries))


def is_refusal(error: psycopg.Error) -> bool:
    """Tell whether PostgreSQL refused the data; anything else may pass."""
    refused = isinstance(error, psycopg.DataError | psycopg.IntegrityError)
    return refused or (error.sqlstate or "").startswith(PROGRAM_LIMIT)


def _measure(entries: Sequence[Entry], folding: Folding, seconds: float) -> None:
    BATCH_SECONDS.observe(seconds)
    BATCH_RECORDS.observe(len(entries))
    for what, many in Counter(folding.outcomes).items():
        OUTCOMES.labels(what).inc(many)
    for entry in entries:
        consumed(entry.topic, "dead" if entry.fault else "handled").inc()
