"""`POST /api/v2|v3/incidents/`."""

from datetime import UTC, datetime

from litestar import Response, post

from argus_http.bodies import LARGEST_BODY, content
from argus_http.described import WRITING, described
from argus_http.errors import invalid
from argus_http.shapes import IncidentShape
from argus_ingest.created import Created
from argus_ingest.readmodel.postgres import Unreachable
from argus_ingest.readmodel.repository import Fate
from argus_ingest.web.bodies import NewIncident
from argus_ingest.web.errands import Asked, Errand
from argus_ingest.web.requests import IncidentWish, incident_wish
from argus_ingest.web.showing import shown
from argus_schemas.identity import incident_key
from argus_schemas.incident import Incident, Source
from argus_schemas.records import Create

LAST_PK = 2**31 - 1


@post(
    ["/api/v2/incidents/", "/api/v2/incidents/mine/", "/api/v3/incidents/", "/api/v3/incidents/mine/"],
    request_max_body_size=LARGEST_BODY,
    **described(IncidentShape, 201, body=NewIncident, errors={*WRITING, 403} - {404}),
)
async def create_incident(request: Asked) -> Response[bytes]:
    """Create an incident; in v3 its tags are texts."""
    errand = await Errand.of(request)
    wish = incident_wish(await content(request), errand.desk.zone, v3=errand.v3)
    incident = await create(errand, wish)
    return errand.answer(await shown(errand, incident))


async def create(errand: Errand, wish: IncidentWish) -> Incident | Created:
    """Create an incident; a repeat gets the one that it created before.

    Raises:
        ApiError: Argus's refusal.
    """
    source = await _source(errand, wish)
    draft, identity = wish.draft(source), errand.identity
    now = datetime.now(UTC)

    def record(pks: list[int]) -> Create:
        return Create(
            event_id=identity.event_id, digest=identity.digest, actor=errand.principal.actor,
            key=incident_key(source.pk, draft.source_incident_id, identity.event_id),
            occurred_at=draft.start_time, received_at=now, incident_pk=pks[0], event_pk=pks[1], draft=draft,
        )  # fmt: skip

    made, fate = await errand.accept(record, 2)
    incident = await _created(errand, made, fate)
    errand.desk.lookups.known.remember(incident.pk, incident)
    return incident


async def _source(errand: Errand, wish: IncidentWish) -> Source:
    if wish.names_source:
        if not errand.principal.is_superuser:
            raise invalid(["You must be a superuser to be allowed to specify the 'source' field."])
        return await errand.desk.accounts.source(_pk(wish.source))
    if errand.principal.source is None:
        raise invalid(["The requesting user must have a connected source system."])
    return errand.principal.source


async def _created(errand: Errand, record: Create, fate: Fate | None) -> Incident | Created:
    if fate is not None and fate.event != record.event_pk and fate.incident is not None:
        try:
            if stored := await errand.desk.lookups.stored(fate.incident):
                return stored
        except Unreachable:
            pass
    return Created(record)


def _pk(value: object) -> int:
    """Return the pk that a superuser names.

    Raises:
        ApiError: 400, it is none.
    """
    text = str(value)
    if isinstance(value, bool) or not (text.isascii() and text.isdigit()) or not 0 < len(text) < 11:
        raise invalid([f"SourceSystem with pk={text[:100]} does not exist."])
    return min(int(text), LAST_PK)
