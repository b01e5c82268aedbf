"""A suspect that fails without a crash must not be taken for the cause of a later one."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Any, cast

from argus_runtime.health import Health
from argus_runtime.kafka import Consumer, Partition, Record
from argus_schemas.topics import INCIDENT_EVENTS
from argus_store.entries import Entry
from argus_store.handler import Handler, Held
from argus_store.intake import Intake
from argus_store.link import Link
from argus_store.statements import OPEN_POSITIONS
from tests.builders import a_create
from tests.eventually import eventually
from tests.unit.store.test_intake import FakeSource

INNOCENT, SUSPECT = (Partition("argus.incident-events", number) for number in range(2))


class Rows:
    """PostgreSQL with two positions; a store had crashed at one of them before, and now another has."""

    def __init__(self, did: list[str]) -> None:
        self.rows = {INNOCENT: (0, ""), SUSPECT: (0, "open:1:1:0 gone")}
        self._did = did

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator["Rows"]:
        yield self

    async def execute(self, statement: str, values: Sequence[Any]) -> "Rows":
        if statement == OPEN_POSITIONS:
            rows = json.loads(values[0])
            self.rows |= {Partition(row["topic"], row["partition"]): (0, row["opening"]) for row in rows}
            self._did.append(f"placed {sorted(row['partition'] for row in rows)}")
        return self

    async def sync(self) -> None:
        pass

    async def fetchall(self) -> list[tuple[str, int, int, str]]:
        return [(*partition, *row) for partition, row in self.rows.items()]


class TiredHandler:
    """Is too late with the suspect the first time."""

    def __init__(self, did: list[str]) -> None:
        self._did = did

    async def mark(self, partition: Partition, held: Held) -> None:
        held[partition] = held[partition].with_one()
        self._did.append(f"marked {partition.partition}")

    async def store(self, entries: Sequence[Entry], held: Held) -> None:
        (entry,) = entries
        tried = f"handled {entry.record.partition.partition}"
        self._did.append(tried)
        if entry.record.partition == SUSPECT and self._did.count(tried) == 1:
            raise TimeoutError
        held[entry.record.partition] = held[entry.record.partition].moved(1)

    async def pass_over(self, reached: Mapping[Partition, int], held: Held) -> None:
        pass


async def test_who_fails_alone_is_placed_again_before_anything_else_is_handled() -> None:
    did: list[str] = []
    health, stop = Health(), asyncio.Event()
    intake = Intake(
        cast("Handler", TiredHandler(did)), cast("Link", Rows(did)), {INNOCENT.topic: INCIDENT_EVENTS},
        database=health.check("database"), positions=health.check("positions"),
    )  # fmt: skip
    source = FakeSource([Record(name, 0, b"2:17", a_create().to_bytes(), (), 0) for name in (INNOCENT, SUSPECT)])
    running = asyncio.create_task(intake.run(cast("Consumer", source), stop, 100))

    await eventually(lambda: did.count("handled 1") == 2)
    stop.set()
    await running

    assert did[:5] == ["placed [0, 1]", "handled 0", "marked 1", "handled 1", "placed [0, 1]"]
