"""Handlers of write requests about incidents, in v2 and v3."""

from datetime import UTC, datetime
from typing import Any

import msgspec
from litestar import Request, Response, post
from litestar.params import FromPath

from argus_domain.states import is_acked
from argus_http import v2, v3
from argus_http.bodies import LARGEST_BODY, content
from argus_http.principals import Principal
from argus_ingest.web.desk import Desk
from argus_ingest.web.identity import EVENT_HEADER, Identity, identity_of, wants_no_wait
from argus_ingest.web.requests import ack_wish, event_wish, incident_wish
from argus_schemas.incident import Incident

Asked = Request[Principal, Any, Any]


@post(["/api/v2/incidents/", "/api/v2/incidents/mine/"], request_max_body_size=LARGEST_BODY)
async def create_incident(request: Asked) -> Response[bytes]:
    """Create an incident."""
    desk = _desk(request)
    incident, identity = await _create(request, desk, v3_=False)
    now = datetime.now(UTC)
    return _answer(request, identity, v2.incident(incident, acked=is_acked(incident, now), at=now, zone=desk.zone))


@post(["/api/v3/incidents/", "/api/v3/incidents/mine/"], request_max_body_size=LARGEST_BODY)
async def create_incident_v3(request: Asked) -> Response[bytes]:
    """Create an incident whose tags are texts."""
    desk = _desk(request)
    incident, identity = await _create(request, desk, v3_=True)
    now = datetime.now(UTC)
    seen = now if request.user.source_id == incident.source.pk else None
    shown = v3.incident(incident, acked=is_acked(incident, now), at=now, zone=desk.zone, last_seen=seen)
    return _answer(request, identity, shown)


@post("/api/v2/incidents/{pk:int}/events/", request_max_body_size=LARGEST_BODY)
async def post_event(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Post an event to an incident."""
    desk = _desk(request)
    acks_url = str(request.base_url.with_replacements(path=f"/api/v2/incidents/{pk}/acks/"))
    wish = event_wish(await content(request), desk.zone, request.user, acks_url)
    identity = await identity_of(request, request.user)
    incident = await desk.lookups.incident(pk)
    event = await desk.post_event(incident, wish, request.user, identity, wait=not wants_no_wait(request))
    return _answer(request, identity, v2.event(event, desk.zone))


@post("/api/v2/incidents/{pk:int}/acks/", request_max_body_size=LARGEST_BODY)
async def post_ack(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Acknowledge an incident."""
    desk = _desk(request)
    wish = ack_wish(await content(request), desk.zone)
    identity = await identity_of(request, request.user)
    incident = await desk.lookups.incident(pk)
    event, expires_at = await desk.post_ack(incident, wish, request.user, identity, wait=not wants_no_wait(request))
    return _answer(request, identity, v2.acknowledgement(event, expires_at, desk.zone))


def _desk(request: Asked) -> Desk:
    """Return the desk; from the state, since each injected dependency costs a request some microseconds."""
    desk: Desk = request.app.state.desk
    return desk


async def _create(request: Asked, desk: Desk, *, v3_: bool) -> tuple[Incident, Identity]:
    wish = incident_wish(await content(request), desk.zone, v3=v3_)
    identity = await identity_of(request, request.user)
    return await desk.create(wish, request.user, identity, wait=not wants_no_wait(request)), identity


def _answer(request: Asked, identity: Identity, body: Any) -> Response[bytes]:
    headers = {EVENT_HEADER: str(identity.event_id)}
    status = 201
    if wants_no_wait(request):
        status = 202
        headers["Preference-Applied"] = "respond-async"
    return Response(msgspec.json.encode(body), status_code=status, headers=headers, media_type="application/json")
