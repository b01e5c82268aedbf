"""`POST /api/v2/incidents/sources/heartbeat/`: a source says that it is alive (specification 2.10.2)."""

from litestar import MediaType, Response, post
from litestar.openapi.datastructures import ResponseSpec

from argus_http.bodies import LARGEST_BODY
from argus_http.described import described
from argus_ingest.web.errands import Asked

TOLD = described(None, 204, errors=(401, 413, 503), early=False)
FOR_PEOPLE = {403: ResponseSpec(None, generate_examples=False, description="Not for people; without a body.")}


@post(
    "/api/v2/incidents/sources/heartbeat/",
    status_code=204,
    request_max_body_size=LARGEST_BODY,
    opt={"unmetered": True},
    responses=TOLD["responses"] | FOR_PEOPLE,
)
async def beat(request: Asked) -> Response[None]:
    """Tell that the requesting source is alive; people get 403, without a body."""
    # Whoever authenticates a source takes note of it, so that here is nothing left to do.
    return Response(None, status_code=204 if request.user.is_source else 403, media_type=MediaType.TEXT)
