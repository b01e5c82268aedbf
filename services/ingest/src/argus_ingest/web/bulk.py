"""`POST /api/v2/incidents/(acks|events|ticket_url)/bulk/`: one wish for many incidents, each answered by itself."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Generic, TypeVar
from uuid import UUID

from litestar import Response, post

from argus_http import v2
from argus_http.bodies import LARGEST_BODY, content
from argus_http.described import WRITING, described
from argus_http.errors import ApiError, forbidden
from argus_http.shapes import ManyShape
from argus_ingest.web.accepting import unless_away
from argus_ingest.web.accepting_many import AT_ONCE, Accepted, accept_many
from argus_ingest.web.bodies import AcknowledgementForMany, EventForMany, TicketUrlForMany
from argus_ingest.web.bulk_requests import ack_for, event_for, ticket_for
from argus_ingest.web.errands import Asked, Errand
from argus_ingest.web.events import own_event
from argus_ingest.web.rates import Rates
from argus_ingest.web.refusals import refusal
from argus_schemas.identity import part_event_id
from argus_schemas.incident import Event, Incident
from argus_schemas.records import FIELDS_THAT_CHANGE, Acknowledge, Change, Happened, Record
from argus_schemas.words import EventType

R = TypeVar("R", bound=Record)
PAYS = {"unmetered": True}
Answer = dict[str, Any]


@post(
    "/api/v2/incidents/acks/bulk/",
    request_max_body_size=LARGEST_BODY,
    opt=PAYS,
    **described(ManyShape, 201, body=AcknowledgementForMany, errors={*WRITING} - {404}),
)
async def post_acks(request: Asked) -> Response[bytes]:
    """Acknowledge many incidents: `{"ids": [1, 2], "ack": {"timestamp": …, "description": …, "expiration": …}}`."""
    errand = await Errand.of(request)
    zone = errand.desk.zone
    ids, wish = ack_for(await _content(request), zone)

    def record(common: Answer, pks: list[int]) -> Acknowledge:
        said = {"occurred_at": wish.timestamp, "description": wish.description, "expires_at": wish.expires_at}
        return Acknowledge(**common | said, event_pk=pks[0])

    def show(accepted: Accepted[Acknowledge], first: Event | None) -> Answer:
        fate = accepted.fate
        expires_at = fate.expires_at if first is not None and fate is not None else wish.expires_at
        event = first or own_event(accepted.record, EventType.ACKNOWLEDGE)
        return v2.acknowledgement(event, expires_at, zone)

    return await Bulk(errand, "ack", 1, record, show).answer(_paid(request, ids))


@post(
    "/api/v2/incidents/events/bulk/",
    request_max_body_size=LARGEST_BODY,
    opt=PAYS,
    **described(ManyShape, 201, body=EventForMany, errors={*WRITING, 403} - {404}),
)
async def post_events(request: Asked) -> Response[bytes]:
    """Post an event to many incidents, of any type: `{"ids": [1, 2], "event": {"type": "CLO", "timestamp": …}}`.

    CLO closes those that are open and REO opens those that are closed; other events change no state.
    """
    errand = await Errand.of(request)
    zone = errand.desk.zone
    ids, wish = event_for(await _content(request), zone, request.user)

    def record(common: Answer, pks: list[int]) -> Happened:
        said = {"occurred_at": wish.timestamp, "description": wish.description, "type": wish.type}
        return Happened(**common | said, event_pk=pks[0], strict=False)

    def show(accepted: Accepted[Happened], first: Event | None) -> Answer:
        return v2.event(first or own_event(accepted.record, wish.type), zone)

    return await Bulk(errand, "event", 1, record, show, owners_only=errand.desk.strict_sources).answer(
        _paid(request, ids)
    )


@post(
    "/api/v2/incidents/ticket_url/bulk/",
    request_max_body_size=LARGEST_BODY,
    opt=PAYS,
    **described(ManyShape, 201, body=TicketUrlForMany, errors={*WRITING} - {404}),
)
async def post_ticket_urls(request: Asked) -> Response[bytes]:
    """Set the ticket of many incidents: `{"ids": [1, 2], "ticket_url": "…"}`; an empty one clears it."""
    errand = await Errand.of(request)
    ids, url = ticket_for(await _content(request), errand.desk.zone)

    def record(common: Answer, pks: list[int]) -> Change:
        return Change(**common, change_pks=tuple(pks), ticket_url=url, told_anyway=True)

    def show(_accepted: Accepted[Change], _first: Event | None) -> str:
        return url

    return await Bulk(errand, "ticket_url", len(FIELDS_THAT_CHANGE), record, show).answer(_paid(request, ids))


async def _content(request: Asked) -> Any:
    rates: Rates = request.app.state.rates
    rates.check(request.user)
    return await content(request)


def _paid(request: Asked, ids: list[int]) -> list[int]:
    """Return the ids once they are paid for: each incident counts as a write."""
    rates: Rates = request.app.state.rates
    rates.take(request.user, len(ids))
    return ids


@dataclass(frozen=True, slots=True)
class Bulk(Generic[R]):
    """A wish for many incidents: `record` makes it a record about one of them, `show` tells what became of that.

    Each incident's record has an id of its own, which follows from the request's id and the incident, so that a repeat
    of the request under the same `Idempotency-Key` repeats each record, also where the first try was cut short.
    """

    errand: Errand
    name: str
    """Of the result of each incident."""
    pks: int
    record: Callable[[Answer, list[int]], R]
    show: Callable[[Accepted[R], Event | None], Any]
    owners_only: bool = False
    """Whether a source may do this to its own incidents only."""

    async def answer(self, ids: list[int]) -> Response[bytes]:
        """Return 201 where some of the incidents are there, else 400, with a result for each id."""
        found = await self.errand.desk.lookups.incidents(ids)
        allowed = {pk: incident for pk, incident in found.items() if self._may_touch(incident)}
        # Two ids may name one incident: the pk of a create that was refused is an alias.
        incidents = {incident.pk: incident for incident in allowed.values()}
        makers = [self._maker(incident) for incident in incidents.values()]
        claim = self.errand.claim(next(iter(incidents.values()), None))
        accepted = await accept_many(self.errand.desk.acceptance, makers, self.pks, wait=self.errand.wait, claim=claim)
        by_incident = dict(zip(incidents, accepted, strict=True))
        firsts = await self._firsts(accepted)
        changes = {}
        for number, pk in enumerate(ids, 1):
            if number % AT_ONCE == 0:
                await asyncio.sleep(0)
            if pk not in found:
                changes[str(pk)] = self._failed(_unknown(pk))
            elif pk not in allowed:
                changes[str(pk)] = self._failed(forbidden())
            else:
                changes[str(pk)] = self._result(pk, by_incident[found[pk].pk], firsts)
        return self.errand.answer({"changes": changes}) if found else self.errand.refuse({"changes": changes})

    def _may_touch(self, incident: Incident) -> bool:
        who = self.errand.principal
        return not (self.owners_only and who.is_source and who.source_id != incident.source.pk)

    def _maker(self, incident: Incident) -> Callable[[list[int]], R]:
        def make(pks: list[int]) -> R:
            event_id = part_event_id(self.errand.identity.event_id, f"incident/{incident.pk}")
            return self.record(self.errand.about(incident) | {"event_id": event_id}, pks)

        return make

    async def _firsts(self, accepted: list[Accepted[R]]) -> Mapping[UUID, Event]:
        """Return the events of the records that ours repeat."""
        repeats = [one.record.event_id for one in accepted if _repeats(one)]
        return await unless_away(self.errand.desk.lookups.many.events(repeats)) or {}

    def _result(self, pk: int, accepted: Accepted[R], firsts: Mapping[UUID, Event]) -> Answer:
        if accepted.too_large is not None:
            return self._failed(ApiError(413, {"detail": str(accepted.too_large)}))
        fate = accepted.fate
        if fate is not None and fate.what == "refused":
            error = refusal(fate.reason, accepted.record)
            return self._failed(_unknown(pk) if error.status == 404 else error)
        return {self.name: self.show(accepted, firsts.get(accepted.record.event_id)), "status": 201, "errors": None}

    def _failed(self, error: ApiError) -> Answer:
        return {self.name: None, "status": error.status, "errors": error.body}


def _repeats(accepted: Accepted[Any]) -> bool:
    made = getattr(accepted.record, "event_pk", None)
    return made is not None and accepted.fate is not None and accepted.fate.event not in {None, made}


def _unknown(pk: int) -> ApiError:
    return ApiError(400, {"ids": f"Incident with id {pk} could not be found."})
