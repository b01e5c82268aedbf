"""`PATCH` and `PUT /api/v2|v3/incidents/<pk>/`: what may change of an incident that exists."""

from datetime import tzinfo
from typing import Any

from litestar import HttpMethod, Response, route
from litestar.params import FromPath

from argus_http.bodies import LARGEST_BODY, content
from argus_http.described import described
from argus_http.errors import invalid
from argus_http.fields import Fields
from argus_http.shapes import IncidentShape
from argus_http.tags import read_tags
from argus_ingest.readmodel.repository import Fate
from argus_ingest.web.bodies import IncidentChanges
from argus_ingest.web.errands import Asked, Errand
from argus_ingest.web.requests import LEVELS, NO_METADATA
from argus_ingest.web.showing import shown
from argus_schemas.incident import LONGEST_URL, Incident
from argus_schemas.records import FIELDS_THAT_CHANGE, Change
from argus_schemas.words import Level

READ_ONLY = frozenset(
    {
        "pk", "id", "start_time", "end_time", "source", "source_incident_id", "search_text", "events",
        "incident_tag_relations",
    }
)  # fmt: skip
"""What Argus knows of an incident and lets nobody change."""


@route(
    ["/api/v2/incidents/{pk:int}/", "/api/v3/incidents/{pk:int}/"],
    http_method=[HttpMethod.PATCH, HttpMethod.PUT],
    request_max_body_size=LARGEST_BODY,
    **described(IncidentShape, body=IncidentChanges),
)
async def change_incident(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Change what the body names of an incident; each field that differs becomes an event of type CHI."""
    errand = await Errand.of(request)
    incident = await errand.desk.lookups.incident(pk)
    whole = request.method == HttpMethod.PUT
    wishes = change_wishes(await content(request), errand.desk.zone, v3=errand.v3, whole=whole)
    if wishes:
        record, fate = await change(errand, incident, tags_of_anyone=errand.v3, **wishes)
        incident = await errand.after(record, fate, incident)
    return errand.answer(await shown(errand, incident), 200)


async def change(errand: Errand, incident: Incident, **wishes: Any) -> tuple[Change, Fate | None]:
    """Append the wishes for an incident, and return them and what became of them.

    Raises:
        ApiError: Argus's refusal.
    """

    def record(pks: list[int]) -> Change:
        return Change(**errand.about(incident), change_pks=tuple(pks), **wishes)

    return await errand.accept(record, len(FIELDS_THAT_CHANGE))


def change_wishes(body: Any, zone: tzinfo, *, v3: bool, whole: bool) -> dict[str, Any]:
    """Return the fields that `body` names, and what they are to be; a `whole` one names the tags.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    fields = Fields(body, zone)
    _refuse_others(body)
    wishes = {
        "tags": read_tags(fields, "tags", v3=v3, required=whole),
        "details_url": fields.text("details_url", longest=LONGEST_URL),
        "ticket_url": fields.url("ticket_url"),
        "level": fields.choice("level", LEVELS, Level.INFORMATION),
        "description": fields.text("description"),
    }
    if "metadata" in fields and fields.raw("metadata") is not None:
        wishes["metadata"] = fields.json("metadata", {})
    fields.check()
    if "metadata" in fields and fields.raw("metadata") is None:
        raise invalid([NO_METADATA])
    return {name: wish for name, wish in wishes.items() if name in fields}


def _refuse_others(body: dict[str, Any]) -> None:
    errors = {
        name: "The field is not allowed to be changed." if name in READ_ONLY else "The field does not exist."
        for name in body
        if name not in FIELDS_THAT_CHANGE
    }
    if errors:
        raise invalid(errors)
