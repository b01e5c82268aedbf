"""Incidents that open, change, end and open again, many a second, while a test does harm elsewhere."""

import asyncio
import random
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

from argus_schemas.records import IncidentRecord
from argus_schemas.words import EventType, Level
from tests.builders import a_draft, a_happening, a_start
from tests.integration.matcher.world import World

INCIDENTS = 200
BEATS_A_SECOND = 20


@dataclass
class Load:
    """Appends events at a rate until it is told to end."""

    world: World
    rate: int
    appended: int = 0
    ended: asyncio.Event = field(default_factory=asyncio.Event)
    _random: random.Random = field(default_factory=lambda: random.Random(5))

    async def run(self) -> None:
        """Append until `ended` is set."""
        started = asyncio.get_running_loop().time()
        while not self.ended.is_set():
            due = int((asyncio.get_running_loop().time() - started) * self.rate)
            batch = [self._record(number) for number in range(self.appended, due)]
            await self.world.append(*batch)
            self.appended = due
            await asyncio.sleep(1 / BEATS_A_SECOND)

    def _record(self, number: int) -> IncidentRecord:
        name = f"box-{self._random.randrange(INCIDENTS)}"
        now = datetime.now(UTC) + timedelta(microseconds=number)
        pks = range(1000 + number * 10, 1010 + number * 10)
        common: dict[str, Any] = {"key": f"2:{name}", "occurred_at": now, "received_at": now, "event_id": uuid4()}
        if self._random.random() < 0.4:
            return a_happening(EventType.END, event_pk=pks[1], reported=True, strict=False, **common)
        level = Level(self._random.randint(1, 5))
        draft = a_draft(source_incident_id=name, start_time=now, level=level)
        return a_start(
            incident_pk=pks[0], event_pk=pks[1], change_pks=tuple(pks[2:8]), said=("level",), draft=draft, **common
        )
