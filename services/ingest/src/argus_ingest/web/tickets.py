"""`PUT /api/v2|v3/incidents/<pk>/ticket_url/`, and `automatic-ticket/`, which opens the ticket itself."""

from datetime import UTC, datetime

from litestar import Response, put
from litestar.params import FromPath

from argus_domain.states import is_acked
from argus_http import v2
from argus_http.bodies import LARGEST_BODY, content
from argus_http.described import WRITING, described
from argus_http.fields import Fields
from argus_http.shapes import TicketUrlShape
from argus_ingest.web.bodies import TicketUrl
from argus_ingest.web.errands import Asked, Errand
from argus_ingest.web.updates import change
from argus_schemas.incident import LONGEST_URL, Incident
from argus_tickets import Facts


@put(
    ["/api/v2/incidents/{pk:int}/ticket_url/", "/api/v3/incidents/{pk:int}/ticket_url/"],
    request_max_body_size=LARGEST_BODY,
    **described(TicketUrlShape, body=TicketUrl),
)
async def put_ticket_url(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Set the ticket of an incident to any text; an empty one takes it away."""
    errand = await Errand.of(request)
    incident = await errand.desk.lookups.incident(pk)
    fields = Fields(await content(request), errand.desk.zone)
    url = fields.text("ticket_url", longest=LONGEST_URL, required=True)
    fields.check()
    record, fate = await change(errand, incident, ticket_url=url)
    stored = await errand.after(record, fate, incident)
    return errand.answer({"ticket_url": stored.ticket_url}, 200)


@put(
    "/api/v2/incidents/{pk:int}/automatic-ticket/",
    request_max_body_size=LARGEST_BODY,
    **described(TicketUrlShape, errors={*WRITING, 403, 502}),
)
async def open_ticket(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Open a ticket for an incident in the ticket system, unless it has one already."""
    errand = await Errand.of(request)
    tickets = errand.desk.tickets
    async with tickets.turn(pk):
        incident = await errand.desk.lookups.incident(pk)
        if not incident.ticket_url:
            url = await tickets.open(incident.pk, lambda: _facts(errand, request, incident))
            record, fate = await change(errand, incident, ticket_url=url, first_ticket=True)
            tickets.written(incident.pk)
            incident = await errand.after(record, fate, incident)
    return errand.answer({"ticket_url": incident.ticket_url}, 200)


async def _facts(errand: Errand, request: Asked, incident: Incident) -> Facts:
    at = datetime.now(UTC)
    base = errand.desk.tickets.base_url or str(request.base_url)
    return Facts(
        incident=v2.incident(incident, acked=is_acked(incident, at), at=at, zone=errand.desk.zone),
        argus_url=f"{base.rstrip('/')}/incidents/{incident.pk}",
        user=await errand.desk.accounts.full_name(errand.principal),
    )
