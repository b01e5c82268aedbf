"""Reading the tags of an incident, in v2 and v3 (specification 2.6)."""

from collections.abc import Sequence

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.context import Asked, Context, answer
from argus_api.repositories import incidents as repository
from argus_http.described import showing
from argus_http.errors import not_found
from argus_http.shapes import TagNameShape
from argus_http.tags import no_incident, tag_in_path

V3 = "/api/v3/"


@get(
    ["/api/v2/incidents/{pk:int}/tags/", "/api/v3/incidents/{pk:int}/tags/"], **showing(list[TagNameShape] | list[str])
)
async def list_tags(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """List the tags of an incident, in the order in which they were added."""
    async with api.database.reading() as session:
        found = await _tags(session, pk)
    return answer(found if _is_v3(request) else [{"tag": each} for each in found])


@get(
    ["/api/v2/incidents/{pk:int}/tags/{tag:str}/", "/api/v3/incidents/{pk:int}/tags/{tag:str}/"],
    **showing(TagNameShape | list[str]),
)
async def show_tag(
    request: Asked, api: NamedDependency[Context], pk: FromPath[int], tag: FromPath[str]
) -> Response[bytes]:
    """Show a tag of an incident; in v3 as a list of one."""
    v3 = _is_v3(request)
    async with api.database.reading() as session:
        found = await _tags(session, pk)
    text = str(tag_in_path(tag, v3=v3))
    if text not in found:
        raise not_found("Tag")
    return answer([text] if v3 else {"tag": text})


async def _tags(session: AsyncSession, pk: int) -> Sequence[str]:
    known = await repository.pk_of(session, pk)
    if known is None:
        raise no_incident(pk)
    return await repository.tags(session, known)


def _is_v3(request: Asked) -> bool:
    return bool(request.scope["path"].startswith(V3))
