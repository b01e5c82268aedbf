"""Single tags of an incident: `POST /api/v2|v3/incidents/<pk>/tags/` and `DELETE` of one; nobody asks who added it."""

from collections.abc import Iterable
from typing import Any

from litestar import Response, delete, post
from litestar.params import FromPath

from argus_domain.fold import fold
from argus_domain.outcome import State, What
from argus_http.bodies import LARGEST_BODY, content
from argus_http.described import described
from argus_http.errors import ApiError, not_found
from argus_http.shapes import TagNameShape
from argus_http.tags import no_incident, tag_in_path, tags_in_body
from argus_ingest.web.bodies import NewTags
from argus_ingest.web.errands import Asked, Errand
from argus_ingest.web.updates import change
from argus_schemas.incident import Incident, TagName


@post(
    ["/api/v2/incidents/{pk:int}/tags/", "/api/v3/incidents/{pk:int}/tags/"],
    request_max_body_size=LARGEST_BODY,
    **described(TagNameShape | list[str], 201, body=NewTags),
)
async def add_tags(request: Asked, pk: FromPath[int]) -> Response[bytes]:
    """Add a tag to an incident, in v3 a list of them; one that is there already stays as it is."""
    errand = await Errand.of(request)
    incident = await _incident(errand, pk)
    wished = tags_in_body(await content(request), v3=errand.v3)
    if wished:
        await change(errand, incident, add_tags=wished)
    return errand.answer(_shown(wished, v3=errand.v3))


@delete(
    ["/api/v2/incidents/{pk:int}/tags/{tag:str}/", "/api/v3/incidents/{pk:int}/tags/{tag:str}/"],
    status_code=204,
    **described(None, 204),
)
async def remove_tag(request: Asked, pk: FromPath[int], tag: FromPath[str]) -> Response[None]:
    """Remove a tag from an incident."""
    errand = await Errand.of(request)
    incident = await _incident(errand, pk)
    record, fate = await change(errand, incident, remove_tags=(tag_in_path(tag, v3=errand.v3),))
    what = fold(State(incident), record)[1].what if fate is None else fate.what
    if what == What.MERGED:
        raise not_found("Tag")
    return errand.gone()


async def _incident(errand: Errand, pk: int) -> Incident:
    try:
        return await errand.desk.lookups.incident(pk)
    except ApiError as error:
        raise no_incident(pk) if error.status == 404 else error from None


def _shown(tags: Iterable[TagName], *, v3: bool) -> Any:
    texts = [str(tag) for tag in tags]
    return texts if v3 else {"tag": texts[0]}
