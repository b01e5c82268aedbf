"""`DELETE /api/v2|v3/incidents/<pk>/`, where the installation allows it."""

from litestar import Response, delete
from litestar.params import FromPath

from argus_http.described import described
from argus_http.errors import ApiError, forbidden
from argus_ingest.readmodel.postgres import Unreachable
from argus_ingest.web.errands import Asked, Errand
from argus_schemas.incident import Incident
from argus_schemas.records import Deleted

INDELIBLE = "Deletion of incidents is turned off, see setting INDELIBLE_INCIDENTS"
ALLOWED = "GET, PUT, PATCH, HEAD, OPTIONS"


@delete(
    ["/api/v2/incidents/{pk:int}/", "/api/v3/incidents/{pk:int}/"],
    status_code=204,
    **described(None, 204, errors=(400, 401, 403, 404, 405, 422, 429, 503)),
)
async def delete_incident(request: Asked, pk: FromPath[int]) -> Response[None]:
    """Delete an incident with all that happened to it; for its own source and for superusers."""
    errand = await Errand.of(request)
    if errand.desk.indelible:
        raise ApiError(405, {"detail": INDELIBLE}, {"Allow": ALLOWED})
    try:
        incident = await errand.desk.lookups.incident(pk)
    except ApiError as error:
        if error.status != 404 or not await _was_ours(errand):
            raise
    else:
        await _delete(errand, incident, pk)
    return errand.gone()


async def _delete(errand: Errand, incident: Incident, pk: int) -> None:
    who = errand.principal
    if not who.is_superuser and who.source_id != incident.source.pk:
        raise forbidden()
    await errand.accept(lambda _: Deleted(**errand.about(incident)), 0)
    for known in {pk, incident.pk}:
        errand.desk.lookups.known.forget(known)


async def _was_ours(errand: Errand) -> bool:
    """Tell whether the incident is gone because this same request was made before."""
    if errand.identity.digest is None:
        return False
    try:
        fate = await errand.desk.lookups.fate(errand.identity.event_id)
    except Unreachable:
        return False
    return fate is not None and fate.what == "applied" and fate.digest == errand.identity.digest
