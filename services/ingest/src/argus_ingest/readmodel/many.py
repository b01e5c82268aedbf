"""Questions about thousands of incidents and records, each in one statement."""

import asyncio
from collections.abc import Sequence
from uuid import UUID

from argus_ingest.readmodel import repository
from argus_ingest.readmodel.postgres import Postgres
from argus_ingest.readmodel.repository import Fate
from argus_schemas.incident import Event, Incident

AT_ONCE = 100
"""Documents read between two looks at what else there is to do."""


class Many:
    """Asks PostgreSQL about many at once; all raise Unreachable while it is away."""

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def incidents(self, pks: Sequence[int]) -> dict[int, Incident]:
        """Return the incidents that people know by these pks."""
        found = await self._postgres.ask(lambda asked: repository.documents(asked, pks)) if pks else {}
        incidents = {}
        for number, (pk, document) in enumerate(found.items()):
            incidents[pk] = Incident.read(document)
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
        return incidents

    async def fates(self, ids: Sequence[UUID]) -> dict[UUID, Fate]:
        """Return what became of the records with these event ids."""
        return await self._postgres.ask(lambda asked: repository.fates(asked, ids))

    async def events(self, ids: Sequence[UUID]) -> dict[UUID, Event]:
        """Return the events with these ids."""
        found = await self._postgres.ask(lambda asked: repository.events(asked, ids)) if ids else {}
        return {event_id: Event.read(document) for event_id, document in found.items()}
