"""Questions about single records and incidents, asked together."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from argus_http.errors import ApiError, Unavailable, not_found
from argus_ingest.appending import Log
from argus_ingest.readmodel import repository
from argus_ingest.readmodel.known import Known
from argus_ingest.readmodel.many import Many, TooMuch
from argus_ingest.readmodel.positions import Positions
from argus_ingest.readmodel.postgres import Postgres, Unreachable
from argus_ingest.readmodel.repository import Fate
from argus_runtime.batched import Batched
from argus_schemas.base import LARGEST_INTEGER
from argus_schemas.incident import Event, Incident

TOO_LARGE_TOGETHER = "These incidents are too large together; ask for fewer at once."


class Lookups:
    """Answers from PostgreSQL; incidents, while it is away, from what this process remembers."""

    def __init__(self, postgres: Postgres, positions: Positions, log: Log, *, within: float) -> None:
        self._postgres = postgres
        self._positions = positions
        self._log = log
        self._within = within
        self._fates = Batched(lambda ids: postgres.ask(lambda asked: repository.fates(asked, ids)))
        self._incidents = Batched(lambda pks: postgres.ask(lambda asked: repository.incidents(asked, pks)))
        self._events = Batched(lambda ids: postgres.ask(lambda asked: repository.events(asked, ids)))
        self.many = Many(postgres)
        self._acks = Batched(lambda pks: postgres.ask(lambda asked: repository.acks(asked, pks)))
        self._last_seen = Batched(lambda pks: postgres.ask(lambda asked: repository.last_seen(asked, pks)))
        self.known = Known()

    async def fate(self, event_id: UUID) -> Fate | None:
        """Return what became of a record; None: nobody can say now.

        Raises:
            Unreachable: PostgreSQL is away.
        """
        return await self._fates.get(event_id)

    async def event(self, event_id: UUID) -> Event | None:
        """Return an event by its identity.

        Raises:
            Unreachable: PostgreSQL is away.
        """
        found = await self._events.get(event_id)
        return None if found is None else Event.read(found)

    async def ack(self, incident: int, pk: int) -> Event:
        """Return the event of an ack of an incident.

        Raises:
            ApiError: 404, no record up to the log's present end has made it; 503, that cannot be known now.
        """
        if not 0 < pk <= LARGEST_INTEGER:
            raise not_found("Acknowledgement")
        try:
            found = await self._acks.get(pk)
            if found is None:
                await self._caught_up()
                found = await self._acks.get(pk)
        except Unreachable:
            raise Unavailable("The acknowledgement cannot be looked up now.") from None
        event = None if found is None else Event.read(found)
        if event is None or event.incident != incident:
            raise not_found("Acknowledgement")
        return event

    async def last_seen(self, source: int) -> datetime | None:
        """Return when a source was last heard of.

        Raises:
            Unreachable: PostgreSQL is away.
        """
        return await self._last_seen.get(source)

    async def stored(self, pk: int) -> Incident | None:
        """Return the incident `pk` as it is stored.

        Raises:
            Unreachable: PostgreSQL is away.
        """
        incident = await self._incidents.get(pk)
        if incident is not None:
            self.known.remember(pk, incident)
        return incident

    async def incident(self, pk: int) -> Incident:
        """Return the incident that people know as `pk`.

        Raises:
            ApiError: 404, no record up to the log's present end has made it; 503, that cannot be known now.
        """
        if not 0 < pk <= LARGEST_INTEGER:
            raise not_found("Incident")
        try:
            found = await self.stored(pk) or self.known.get(pk)
        except Unreachable:
            found = self.known.get(pk)
            if found is None:
                raise Unavailable("The incident cannot be looked up now.") from None
        return found or await self._last_look(pk)

    async def _last_look(self, pk: int) -> Incident:
        await self._caught_up()
        try:
            found = await self.stored(pk)
        except Unreachable:
            raise Unavailable("The incident cannot be looked up now.") from None
        if found is None:
            raise not_found("Incident")
        return found

    async def incidents(self, pks: Collection[int]) -> dict[int, Incident]:
        """Return those of the incidents that are there, by the pks that people know them by.

        Raises:
            ApiError: 413, they are too large together; 503, that cannot be known now.
        """
        possible = [pk for pk in pks if 0 < pk <= LARGEST_INTEGER]
        found = await self._those_of(possible)
        if missing := [pk for pk in possible if pk not in found]:
            await self._caught_up()
            found |= await self._those_of(missing)
        return found

    async def _those_of(self, pks: Sequence[int]) -> dict[int, Incident]:
        try:
            stored = await self.many.incidents(pks)
        except Unreachable:
            stored = None
        except TooMuch:
            raise ApiError(413, {"detail": TOO_LARGE_TOGETHER}) from None
        found = {} if stored is None else stored
        found |= {pk: known for pk in pks if pk not in found and (known := self.known.get(pk))}
        if stored is None and len(found) < len(pks):
            raise Unavailable("The incidents cannot be looked up now.")
        return found

    async def _caught_up(self) -> None:
        """Return when the store has passed all that is in the log now."""
        if not await self._positions.all_passed(await self._log.ends(), self._within):
            raise Unavailable("The incident cannot be looked up now: the store is behind.")
