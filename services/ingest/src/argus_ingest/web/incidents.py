"""Handlers of write requests about incidents, in v2 and v3."""

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from argus_domain.states import is_acked
from argus_http import v2, v3
from argus_http.bodies import LARGEST_BODY, content
from argus_http.principals import Principal
from argus_ingest.created import Created
from argus_ingest.web.desk import Desk
from argus_ingest.web.identity import EVENT_HEADER, Identity, identity_of, wants_no_wait
from argus_ingest.web.requests import ack_wish, event_wish, incident_wish
from argus_schemas.incident import Incident

Asked = Request[Principal, Any, Any]


@post(["/api/v2/incidents/", "/api/v2/incidents/mine/"], request_max_body_size=LARGEST_BODY)
async def create_incident(request: Asked) -> Response[bytes]:
    """Create an incident."""
    errand = await Errand.of(request)
    wish = incident_wish(await content(request), errand.desk.zone)
    incident = await errand.desk.create(wish, request.user, errand.identity, wait=errand.wait)
    now = datetime.now(UTC)
    return errand.answer(v2.incident(incident, acked=_acked(incident, now), at=now, zone=errand.desk.zone))


@post(["/api/v3/incidents/", "/api/v3/incidents/mine/"], request_max_body_size=LARGEST_BODY)
async def create_incident_v3(request: Asked) -> Response[bytes]:
    """Create an incident whose tags are texts."""
    errand = await Errand.of(request)
    wish = incident_wish(await content(request), errand.desk.zone, v3=True)
    incident = await errand.desk.create(wish, request.user, errand.identity, wait=errand.wait)
    now = datetime.now(UTC)
    seen = now if request.user.source_id == incident.source.pk else None
    acked = _acked(incident, now)
    return errand.answer(v3.incident(incident, acked=acked, at=now, zone=errand.desk.zone, last_seen=seen))


@post("/api/v2/incidents/{pk:int}/events/", request_max_body_size=LARGEST_BODY)
async def post_event(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Post an event to an incident."""
    errand = await Errand.of(request)
    acks_url = str(request.base_url.with_replacements(path=f"/api/v2/incidents/{pk}/acks/"))
    wish = event_wish(await content(request), errand.desk.zone, request.user, acks_url)
    incident = await errand.desk.lookups.incident(pk)
    event = await errand.desk.post_event(incident, wish, request.user, errand.identity, wait=errand.wait)
    return errand.answer(v2.event(event, errand.desk.zone))


@post("/api/v2/incidents/{pk:int}/acks/", request_max_body_size=LARGEST_BODY)
async def post_ack(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Acknowledge an incident."""
    errand = await Errand.of(request)
    wish = ack_wish(await content(request), errand.desk.zone)
    incident = await errand.desk.lookups.incident(pk)
    event, expires_at = await errand.desk.post_ack(incident, wish, request.user, errand.identity, wait=errand.wait)
    return errand.answer(v2.acknowledgement(event, expires_at, errand.desk.zone))


@dataclass(frozen=True, slots=True)
class Errand:
    """What all write requests have: a desk that serves them, an identity, and whether they wait for the store."""

    desk: Desk
    identity: Identity
    wait: bool

    @classmethod
    async def of(cls, request: Asked) -> "Errand":
        """Return the errand of a request.

        The desk comes from the state and the headers are asked for once: an injected dependency, and each look at
        `request.headers`, costs some microseconds.
        """
        headers = request.headers
        identity = await identity_of(request, headers, request.user)
        return cls(request.app.state.desk, identity, not wants_no_wait(headers))

    def answer(self, body: Any) -> Response[bytes]:
        """Return 201, or 202 to who does not wait."""
        headers = {EVENT_HEADER: str(self.identity.event_id)}
        if not self.wait:
            headers["Preference-Applied"] = "respond-async"
        status = 201 if self.wait else 202
        return Response(msgspec.json.encode(body), status_code=status, headers=headers, media_type="application/json")


def _acked(incident: Incident | Created, at: datetime) -> bool:
    return isinstance(incident, Incident) and is_acked(incident, at)
