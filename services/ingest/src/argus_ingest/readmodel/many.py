"""Questions about thousands of incidents and records, each in one statement."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncSession

from argus_ingest.readmodel import repository
from argus_ingest.readmodel.postgres import Postgres
from argus_ingest.readmodel.repository import Fate
from argus_schemas.incident import Event, Incident

AT_ONCE = 100
"""Documents read between two looks at what else there is to do."""

LARGEST = 16 * 1024 * 1024
"""Bytes of incidents that are read at once; as objects they take many times as much."""

T = TypeVar("T")


class TooMuch(Exception):
    """The incidents together are larger than what is read at once."""


class Many:
    """Asks PostgreSQL about many at once; all raise Unreachable while it is away, or too slow with it.

    Such a question takes a connection of the pool: the one for short questions is not held up.
    """

    def __init__(self, postgres: Postgres) -> None:
        self._postgres = postgres

    async def incidents(self, pks: Sequence[int]) -> dict[int, Incident]:
        """Return the incidents that people know by these pks.

        Raises:
            TooMuch: they have more than `LARGEST` bytes.
        """
        if not pks:
            return {}
        found, size = await self._ask(lambda asked: repository.documents(asked, pks, LARGEST))
        if size > LARGEST:
            raise TooMuch
        incidents = {}
        for number, (pk, document) in enumerate(found.items()):
            incidents[pk] = Incident.read(document)
            if number % AT_ONCE == AT_ONCE - 1:
                await asyncio.sleep(0)
        return incidents

    async def fates(self, ids: Sequence[UUID]) -> dict[UUID, Fate]:
        """Return what became of the records with these event ids."""
        return await self._ask(lambda asked: repository.fates(asked, ids)) if ids else {}

    async def events(self, ids: Sequence[UUID]) -> dict[UUID, Event]:
        """Return the events with these ids."""
        found = await self._ask(lambda asked: repository.events(asked, ids)) if ids else {}
        return {event_id: Event.read(document) for event_id, document in found.items()}

    async def _ask(self, question: Callable[[Any], Awaitable[T]]) -> T:
        async def within(session: AsyncSession) -> T:
            pooled = await (await session.connection()).get_raw_connection()
            return await question(pooled.driver_connection)

        return await self._postgres.work(within, tells=False)
