"""What the handlers of write requests share: from a wish to its answer."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from uuid import UUID

from argus_http.errors import forbidden, invalid
from argus_http.principals import Principal
from argus_ingest.accounts import Accounts
from argus_ingest.created import Created
from argus_ingest.readmodel.lookups import Lookups
from argus_ingest.readmodel.postgres import Unreachable
from argus_ingest.readmodel.repository import Fate
from argus_ingest.web.accepting import Acceptance
from argus_ingest.web.identity import Identity
from argus_ingest.web.requests import AckWish, EventWish, IncidentWish
from argus_schemas.identity import incident_key
from argus_schemas.incident import Event, Incident, Source
from argus_schemas.records import Acknowledge, Create, Happened
from argus_schemas.words import EventType

LAST_PK = 2**31 - 1


@dataclass(frozen=True, slots=True)
class Desk:
    """Creates incidents, events and acks, each answered as the store has it or, where it is late, as it was said."""

    acceptance: Acceptance
    lookups: Lookups
    accounts: Accounts
    zone: tzinfo
    strict_sources: bool = False

    async def create(
        self, wish: IncidentWish, principal: Principal, identity: Identity, *, wait: bool
    ) -> Incident | Created:
        """Create an incident; a repeat gets the one that it created before.

        Raises:
            ApiError: Argus's refusal.
        """
        source = await self._source(wish, principal)
        draft = wish.draft(source)
        now = datetime.now(UTC)

        def record(pks: list[int]) -> Create:
            return Create(
                event_id=identity.event_id, digest=identity.digest, actor=principal.actor,
                key=incident_key(source.pk, draft.source_incident_id, identity.event_id),
                occurred_at=draft.start_time, received_at=now, incident_pk=pks[0], event_pk=pks[1], draft=draft,
            )  # fmt: skip

        made, fate = await self.acceptance.accept(record, 2, wait=wait)
        incident = await self._created(made, fate)
        self.lookups.known.remember(incident.pk, incident)
        return incident

    async def _source(self, wish: IncidentWish, principal: Principal) -> Source:
        if wish.names_source:
            if not principal.is_superuser:
                raise invalid(["You must be a superuser to be allowed to specify the 'source' field."])
            return await self.accounts.source(_pk(wish.source))
        if principal.source is None:
            raise invalid(["The requesting user must have a connected source system."])
        return principal.source

    async def _created(self, record: Create, fate: Fate | None) -> Incident | Created:
        if fate is not None and fate.event != record.event_pk and fate.incident is not None:
            try:
                if stored := await self.lookups.stored(fate.incident):
                    return stored
            except Unreachable:
                pass
        return Created(record)

    async def post_event(
        self, incident: Incident, wish: EventWish, principal: Principal, identity: Identity, *, wait: bool
    ) -> Event:
        """Post an event to an incident; a repeat gets the event that it posted before.

        Raises:
            ApiError: Argus's refusal.
        """
        if self.strict_sources and principal.is_source and principal.source_id != incident.source.pk:
            raise forbidden()

        def record(pks: list[int]) -> Happened:
            return Happened(
                event_id=identity.event_id, digest=identity.digest, actor=principal.actor, key=incident.key,
                occurred_at=wish.timestamp, received_at=datetime.now(UTC), incident=incident, event_pk=pks[0],
                type=wish.type, description=wish.description,
            )  # fmt: skip

        made, fate = await self.acceptance.accept(record, 1, wait=wait)
        return await self._event(made, wish.type, incident, fate)

    async def post_ack(
        self, incident: Incident, wish: AckWish, principal: Principal, identity: Identity, *, wait: bool
    ) -> tuple[Event, datetime | None]:
        """Acknowledge an incident and return the ack's event and expiry; a repeat gets the ack that it made before.

        Raises:
            ApiError: Argus's refusal.
        """

        def record(pks: list[int]) -> Acknowledge:
            return Acknowledge(
                event_id=identity.event_id, digest=identity.digest, actor=principal.actor, key=incident.key,
                occurred_at=wish.timestamp, received_at=datetime.now(UTC), incident=incident, event_pk=pks[0],
                description=wish.description, expires_at=wish.expires_at,
            )  # fmt: skip

        made, fate = await self.acceptance.accept(record, 1, wait=wait)
        event = await self._event(made, EventType.ACKNOWLEDGE, incident, fate)
        own = fate is None or fate.event == made.event_pk
        return event, wish.expires_at if own or fate is None else fate.expires_at

    async def _event(
        self, record: Happened | Acknowledge, type_: EventType, incident: Incident, fate: Fate | None
    ) -> Event:
        if fate is not None and fate.event != record.event_pk and (first := await self._first(record.event_id)):
            return first
        return Event(
            pk=record.event_pk, event_id=record.event_id, incident=incident.pk, type=type_, actor=record.actor,
            occurred_at=record.occurred_at, received_at=record.received_at, description=record.description,
        )  # fmt: skip

    async def _first(self, event_id: UUID) -> Event | None:
        try:
            return await self.lookups.event(event_id)
        except Unreachable:
            return None


def _pk(value: object) -> int:
    """Return the pk that a superuser names.

    Raises:
        ApiError: 400, it is none.
    """
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or not 0 < len(text) < 11:
        raise invalid([f"SourceSystem with pk={text[:100]} does not exist."])
    return min(int(text), LAST_PK)
