"""Why a profile is told of an incident, or was not told of an event."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Annotated, Any, NamedTuple

from litestar import Response, get
from litestar.params import FromPath
from msgspec import Meta, Struct
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.context import Api, Asked, Context, answer, pk_in, query_of
from argus_api.repositories import explaining as repository
from argus_database.incidents import incident_by_pk
from argus_database.tables.incidents import NotificationRow
from argus_domain.explain import Explanation, explain
from argus_domain.findings import Finding
from argus_domain.hindsight import TAKEN_AS_NOW, after
from argus_domain.profiles import reachable
from argus_http.described import showing
from argus_http.errors import invalid, not_found
from argus_http.moments import shown
from argus_http.shapes import Moment
from argus_schemas.base import sought
from argus_schemas.configuration import Profile
from argus_schemas.incident import Event, Incident

ONE_OF_BOTH = "Name either an incident or an event."


class FindingShape(Struct):
    """A condition: whether it holds, what was wanted and what was found; `text` is all of it for people."""

    slug: str
    about: str
    holds: bool
    wanted: str
    found: str
    text: str


class ToldShape(Struct):
    """What became of the event for a destination; `state` is `none` where nothing was to be sent."""

    destination: int
    state: str
    reason: str
    purpose: str
    profiles: list[int]
    matched_at: Moment | None
    updated_at: Moment | None


class ExplanationShape(Struct):
    """Why a profile is told, or is not: wanted if all conditions hold, withheld unless all `in_the_way` hold, too."""

    profile: int
    incident: int
    event: int | None
    at: Moment
    wanted: bool
    withheld: bool
    conditions: list[FindingShape]
    in_the_way: list[FindingShape]
    note: str
    taken_as_now: list[str]
    destinations: list[ToldShape]


Number = Annotated[int, Meta(ge=1)]
QUERY = {
    "incident": (Number, "The incident, as it is now."),
    "event": (Number, "The event, its incident as it was after it."),
}


class _Asked(NamedTuple):
    """What is to be explained: an incident, perhaps after one of its events."""

    incident: Incident
    event: Event | None
    at: datetime


@get("/api/v3/notificationprofiles/{pk:int}/explain/", **showing(ExplanationShape, query=QUERY))
async def explain_profile(request: Asked, api: Api, pk: FromPath[int]) -> Response[bytes]:
    """Say why one's own profile is told of an incident as it is now, or why it was told of an event, or was not.

    Of an event, the incident is looked at as it was after it, as far as its events tell; `taken_as_now` names what is
    not kept as it was. `destinations` has what really became of the event.
    """
    query = query_of(request)
    incident, event = (pk_in(query, name) for name in ("incident", "event"))
    if (incident is None) == (event is None):
        raise invalid({"non_field_errors": [ONE_OF_BOTH]})
    async with api.database.reading() as session:
        profile = await repository.profile(session, request.user.pk, pk)
        about = await _of_event(session, event) if event is not None else await _of_incident(session, incident or 0)
        tasks = await repository.maintenance(session, about.at if about.event is None else about.event.occurred_at)
        told = await repository.notifications(session, about.event, profile.owner) if about.event else ()
    found = explain(profile, about.incident, about.at, about.event, fallback=api.fallback, tasks=tasks)
    return answer(_body(api, profile, about, found, told))


async def _of_incident(session: AsyncSession, pk: int) -> _Asked:
    incident = await incident_by_pk(session, sought(pk))
    if incident is None:
        raise not_found("Incident")
    return _Asked(incident, None, datetime.now(UTC))


async def _of_event(session: AsyncSession, pk: int) -> _Asked:
    event = await repository.event(session, pk)
    incident = None if event is None else await incident_by_pk(session, event.incident)
    if event is None or incident is None:
        raise not_found("Event")
    then = after(incident, await repository.turns(session, event), await repository.acks(session, event))
    return _Asked(then, event, event.received_at)


def _body(
    api: Context, profile: Profile, about: _Asked, found: Explanation, told: Sequence[NotificationRow]
) -> dict[str, Any]:
    event = about.event
    return {
        "profile": profile.pk,
        "incident": about.incident.pk,
        "event": None if event is None else event.pk,
        "at": shown(about.at, api.zone),
        "wanted": found.wanted,
        "withheld": found.withheld,
        "conditions": _findings(found.asked),
        "in_the_way": _findings(found.in_the_way),
        "note": found.note,
        "taken_as_now": [] if event is None else list(TAKEN_AS_NOW),
        "destinations": [] if event is None else [*_told(api, profile, told)],
    }


def _findings(findings: Iterable[Finding]) -> list[dict[str, Any]]:
    names = ("slug", "about", "holds", "wanted", "found")
    return [{name: getattr(each, name) for name in names} | {"text": str(each)} for each in findings]


def _told(api: Context, profile: Profile, rows: Sequence[NotificationRow]) -> Iterable[dict[str, Any]]:
    """Yield what became of the event for the profile's destinations, and for those that it was told by then."""
    own = reachable(profile)
    for row in rows:
        if row.destination_id in own or profile.pk in row.profiles:
            yield {
                "destination": row.destination_id, "state": row.state, "reason": row.reason, "purpose": row.purpose,
                "profiles": row.profiles, "matched_at": shown(row.matched_at, api.zone),
                "updated_at": shown(row.updated_at, api.zone),
            }  # fmt: skip
    for destination in sorted({*profile.destinations} - {row.destination_id for row in rows}):
        yield {
            "destination": destination, "state": "none", "reason": "nothing was to be sent", "purpose": "",
            "profiles": [], "matched_at": None, "updated_at": None,
        }  # fmt: skip
