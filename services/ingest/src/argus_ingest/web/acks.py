"""`POST /api/v2/incidents/<pk>/acks/`, and `PUT`, `PATCH` of one of them."""

from datetime import UTC, datetime, tzinfo
from typing import Any

from litestar import HttpMethod, Response, post, route
from litestar.params import FromPath

from argus_http import v2
from argus_http.bodies import LARGEST_BODY, content
from argus_http.described import described
from argus_http.errors import invalid
from argus_http.fields import Fields
from argus_http.shapes import AcknowledgementShape
from argus_ingest.web.bodies import Expiration, NewAcknowledgement
from argus_ingest.web.errands import Asked, Errand
from argus_ingest.web.events import event_after
from argus_ingest.web.requests import AckWish, ack_wish
from argus_schemas.incident import Event, Incident
from argus_schemas.records import Acknowledge, AcknowledgementChanged
from argus_schemas.words import EventType


@post(
    "/api/v2/incidents/{pk:int}/acks/",
    request_max_body_size=LARGEST_BODY,
    **described(AcknowledgementShape, 201, body=NewAcknowledgement),
)
async def post_ack(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Acknowledge an incident."""
    errand = await Errand.of(request)
    wish = ack_wish(await content(request), errand.desk.zone)
    incident = await errand.desk.lookups.incident(pk)
    event, expires_at = await acknowledge(errand, incident, wish)
    return errand.answer(v2.acknowledgement(event, expires_at, errand.desk.zone))


async def acknowledge(errand: Errand, incident: Incident, wish: AckWish) -> tuple[Event, datetime | None]:
    """Acknowledge an incident and return the ack's event and expiry; a repeat gets the ack that it made before.

    Raises:
        ApiError: Argus's refusal.
    """

    def record(pks: list[int]) -> Acknowledge:
        common = errand.about(incident, wish.timestamp)
        return Acknowledge(**common, event_pk=pks[0], description=wish.description, expires_at=wish.expires_at)

    made, fate = await errand.accept(record, 1)
    event = await event_after(errand, made, EventType.ACKNOWLEDGE, fate)
    own = fate is None or fate.event == made.event_pk
    return event, wish.expires_at if own or fate is None else fate.expires_at


@route(
    "/api/v2/incidents/{pk:int}/acks/{ack_pk:int}/",
    http_method=[HttpMethod.PATCH, HttpMethod.PUT],
    request_max_body_size=LARGEST_BODY,
    **described(AcknowledgementShape, body=Expiration),
)
async def change_ack(request: Asked, pk: FromPath[int], ack_pk: FromPath[int]) -> Response[bytes]:
    """Let an acknowledgement hold until another moment, or for ever where the body names none."""
    errand = await Errand.of(request)
    incident = await errand.desk.lookups.incident(pk)
    event = await errand.desk.lookups.ack(incident.pk, ack_pk)
    expires_at = expiration(await content(request), errand.desk.zone)

    def record(_: list[int]) -> AcknowledgementChanged:
        return AcknowledgementChanged(**errand.about(incident), ack=event.pk, expires_at=expires_at)

    await errand.accept(record, 0)
    return errand.answer(v2.acknowledgement(event, expires_at, errand.desk.zone), 200)


def expiration(body: Any, zone: tzinfo) -> datetime | None:
    """Return until when an ack is to hold; None: for ever.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    fields = Fields(body, zone)
    expires_at = fields.moment("expiration", null=True)
    fields.check()
    now = datetime.now(UTC)
    if expires_at is not None and expires_at <= now:
        raise invalid({"expiration": [f"'expiration' must be later than current moment ({now}) or null."]})
    return expires_at
