"""`POST /api/v2/incidents/<pk>/events/`."""

from litestar import Response, post
from litestar.params import FromPath

from argus_http import v2
from argus_http.bodies import LARGEST_BODY, content
from argus_http.described import WRITING, described
from argus_http.errors import forbidden
from argus_http.shapes import EventShape
from argus_ingest.readmodel.repository import Fate
from argus_ingest.web.bodies import NewEvent
from argus_ingest.web.errands import Asked, Errand
from argus_ingest.web.requests import EventWish, event_wish
from argus_schemas.incident import Event, Incident
from argus_schemas.records import Acknowledge, Happened
from argus_schemas.words import EventType


@post(
    "/api/v2/incidents/{pk:int}/events/",
    request_max_body_size=LARGEST_BODY,
    **described(EventShape, 201, body=NewEvent, errors={*WRITING, 403}),
)
async def post_event(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Post an event to an incident."""
    errand = await Errand.of(request)
    acks_url = str(request.base_url.with_replacements(path=f"/api/v2/incidents/{pk}/acks/"))
    wish = event_wish(await content(request), errand.desk.zone, request.user, acks_url)
    incident = await errand.desk.lookups.incident(pk)
    event = await happen(errand, incident, wish)
    return errand.answer(v2.event(event, errand.desk.zone))


async def happen(errand: Errand, incident: Incident, wish: EventWish) -> Event:
    """Post an event to an incident; a repeat gets the event that it posted before.

    Raises:
        ApiError: Argus's refusal.
    """
    who = errand.principal
    if errand.desk.strict_sources and who.is_source and who.source_id != incident.source.pk:
        raise forbidden()

    def record(pks: list[int]) -> Happened:
        common = errand.about(incident, wish.timestamp)
        return Happened(**common, event_pk=pks[0], type=wish.type, description=wish.description)

    made, fate = await errand.accept(record, 1)
    return await event_after(errand, made, wish.type, fate)


async def event_after(errand: Errand, record: Happened | Acknowledge, type_: EventType, fate: Fate | None) -> Event:
    """Return the event that stands for `record`: its own, or that of the record which it repeats."""
    if fate is not None and fate.event != record.event_pk and (first := await errand.desk.event(record.event_id)):
        return first
    return own_event(record, type_)


def own_event(record: Happened | Acknowledge, type_: EventType) -> Event:
    """Return the event that `record` makes."""
    if record.incident is None:
        raise AssertionError("a record about an incident carries it")
    return Event(
        pk=record.event_pk, event_id=record.event_id, incident=record.incident.pk, type=type_, actor=record.actor,
        occurred_at=record.occurred_at, received_at=record.received_at, description=record.description,
    )  # fmt: skip
