"""Recent incidents that a profile would have been told of: a stored one, or one that somebody tries out."""

import asyncio
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any, NamedTuple

from litestar import Response, get, post
from litestar.params import FromPath
from msgspec import Struct
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.context import Api, Asked, Context, answer, query_of
from argus_api.controllers.reads import PAGED
from argus_api.controllers.wished import wished
from argus_api.repositories import explaining, previewing
from argus_api.repositories.counting import Count, count
from argus_api.repositories.incidents import incidents
from argus_api.repositories.previewing import Waking
from argus_api.repositories.shown import ShownIncident
from argus_api.wishes.sketches import SketchBody, sketch_wish
from argus_database.configuration import documents, outbox
from argus_database.configuration.profiles import sketched
from argus_database.tables.profiles import ProfileRow
from argus_http import v3
from argus_http.bodies import LARGEST_BODY
from argus_http.described import ADDING, described, showing
from argus_http.moments import shown
from argus_http.pagination import Page, cursor_in, page, size_in
from argus_http.shapes import IncidentShapeV3, Moment
from argus_schemas.configuration import Filter, NamedFilter, Profile, document_key
from argus_schemas.topics import RULES

ROOT = "/api/v3/notificationprofiles/"
INLINE = 0
"""The pk of a filter that is not stored."""


class WakingShape(Struct):
    """An incident that all filters accept; whether a timeslot was awake as it began, else when one begins next."""

    incident: IncidentShapeV3
    awake: bool
    next_start: Moment | None


class PreviewPage(Struct):
    """A page of what a profile would be told of, and how much there is of it, which may be estimated."""

    count: int
    estimated: bool
    next: str | None
    previous: str | None
    results: list[WakingShape]


@get(ROOT + "{pk:int}/preview/", **showing(PreviewPage, query=PAGED))
async def preview_profile(request: Asked, api: Api, pk: FromPath[int]) -> Response[bytes]:
    """List the newest incidents that all filters of one's own profile accept, with an event that they accept.

    Of each it says whether a timeslot was awake as it began, else when one begins within 14 days. A page has 1,000 at
    most, and fewer where the timeslots have very many times and dates.
    """
    async with api.database.reading() as session:
        profile = await explaining.profile(session, request.user.pk, pk)
        found = await _found(request, api, session, profile)
    return await _answered(request, api, profile, found)


@post(
    ROOT + "preview/",
    request_max_body_size=LARGEST_BODY,
    status_code=200,
    **described(PreviewPage, body=SketchBody, errors=ADDING, early=False, query=PAGED),
)
async def preview_sketch(request: Asked, api: Api) -> Response[bytes]:
    """List what a profile would be told of that is not saved; its filters may stand in the body, as `conditions`."""
    sketch = await wished(request, api, sketch_wish)
    user = request.user.pk
    async with api.database.reading() as session:
        profile = _drawn(user, await sketched(session, user, sketch.wish), sketch.conditions)
        found = await _found(request, api, session, profile)
    return await _answered(request, api, profile, found)


def _drawn(user: int, row: ProfileRow, conditions: Iterable[Filter]) -> Profile:
    """Return the profile that a sketch makes, if it is not too large to be saved: to look at it takes time.

    Raises:
        Refused: it is.
    """
    inline = (NamedFilter(pk=INLINE, name="", filter=each) for each in conditions)
    profile = Profile(
        pk=INLINE,
        version=documents.UNNUMBERED,
        owner=user,
        filters=(*map(documents.named_filter, row.filters), *inline),
        timeslots=tuple(map(documents.timeslot, row.timeslots)),
    )
    outbox.encoded(documents.UNNUMBERED, outbox.Document(RULES, document_key("profile", INLINE), profile))
    return profile


class _Found(NamedTuple):
    """A page of incidents, how many there are, and when that was."""

    page: Page[ShownIncident]
    counted: Count
    now: datetime


async def _found(request: Asked, api: Context, session: AsyncSession, profile: Profile) -> _Found:
    query, now = query_of(request), datetime.now(UTC)
    cursor, size = cursor_in(query), min(size_in(query), previewing.longest_page(profile))
    rows, until = await incidents(session, previewing.asking(profile, now, api.fallback), cursor, size)
    # Last: a count that takes too long ends the transaction.
    counted = await count(session, previewing.asking(profile, now, api.fallback), api.count_within)
    found = page(rows, cursor, size, lambda incident: (incident.start_time, incident.pk), until)
    return _Found(found, counted, now)


async def _answered(request: Asked, api: Context, profile: Profile, found: _Found) -> Response[bytes]:
    # Timeslots with very many times take their time, in which others are to be answered.
    wakings = await asyncio.to_thread(previewing.wakings, profile, found.page.rows)
    results = [_shown(api, found.now, each) for each in wakings]
    counted = {"count": found.counted.number, "estimated": found.counted.estimated}
    return answer(counted | found.page.body(results, api.address(request), query_of(request)))


def _shown(api: Context, now: datetime, waking: Waking) -> dict[str, Any]:
    its = waking.incident
    return {
        "incident": v3.incident(its, acked=its.acked, at=now, zone=api.zone, last_seen=its.last_seen),
        "awake": waking.awake,
        "next_start": shown(waking.next_start, api.zone),
    }
