"""Reading what happened to an incident: events, acknowledgements, notifications."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from sqlalchemy.ext.asyncio import AsyncSession

from argus_api.context import Asked, Context, answer, query_of
from argus_api.controllers.reads import PAGED, EventPage, NotificationShape
from argus_api.repositories import events as repository
from argus_api.repositories.incidents import pk_of
from argus_database.tables.incidents import AttemptRow, NotificationRow
from argus_http import v2
from argus_http.described import showing
from argus_http.errors import not_found
from argus_http.moments import shown
from argus_http.pagination import LARGEST_PAGE, cursor_in, page, size_in
from argus_http.shapes import AcknowledgementShape, EventShape
from argus_schemas.base import sought
from argus_schemas.incident import Event


@get("/api/v2/incidents/events/", **showing(EventPage, query=PAGED))
async def list_all_events(request: Asked, api: NamedDependency[Context]) -> Response[bytes]:
    """List the events of all incidents, newest first."""
    query = query_of(request)
    cursor, size = cursor_in(query), size_in(query)
    async with api.database.reading() as session:
        rows = await repository.events(session, None, cursor, size)
    found = page(rows, cursor, size, _place)
    return answer(found.body([v2.event(each, api.zone) for each in found.rows], api.address(request), query))


@get("/api/v2/incidents/{pk:int}/events/", **showing(list[EventShape], query=PAGED))
async def list_events(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """List the events of an incident, newest first; of very many 5,000, and a `Link` to the next."""
    query = query_of(request)
    cursor, size = cursor_in(query), size_in(query, LARGEST_PAGE)
    async with api.database.reading() as session:
        rows = await repository.events(session, await _incident(session, pk), cursor, size)
    found = page(rows, cursor, size, _place)
    shown = [v2.event(each, api.zone) for each in found.rows]
    return answer(shown, headers=found.links(api.address(request), query))


@get("/api/v2/incidents/{pk:int}/events/{event_pk:int}/", **showing(EventShape))
async def show_event(api: NamedDependency[Context], pk: FromPath[int], event_pk: FromPath[int]) -> Response[bytes]:
    """Show an event of an incident."""
    async with api.database.reading() as session:
        found = await repository.event(session, await _incident(session, pk), sought(event_pk))
    if found is None:
        raise not_found("Event")
    return answer(v2.event(found, api.zone))


@get("/api/v2/incidents/{pk:int}/acks/", **showing(list[AcknowledgementShape], query=PAGED))
async def list_acks(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """List the acknowledgements of an incident, newest first; of very many 5,000, and a `Link` to the next."""
    query = query_of(request)
    cursor, size = cursor_in(query), size_in(query, LARGEST_PAGE)
    async with api.database.reading() as session:
        rows = await repository.acknowledgements(session, await _incident(session, pk), cursor, size)
    found = page(rows, cursor, size, lambda ack: _place(ack[0]))
    shown = [v2.acknowledgement(*ack, api.zone) for ack in found.rows]
    return answer(shown, headers=found.links(api.address(request), query))


@get("/api/v2/incidents/{pk:int}/acks/{ack_pk:int}/", **showing(AcknowledgementShape))
async def show_ack(api: NamedDependency[Context], pk: FromPath[int], ack_pk: FromPath[int]) -> Response[bytes]:
    """Show an acknowledgement of an incident."""
    async with api.database.reading() as session:
        found = await repository.acknowledgement(session, await _incident(session, pk), sought(ack_pk))
    if found is None:
        raise not_found("Acknowledgement")
    return answer(v2.acknowledgement(*found, api.zone))


@get("/api/v3/incidents/{pk:int}/notifications/", **showing(list[NotificationShape]))
async def list_notifications(request: Asked, api: NamedDependency[Context], pk: FromPath[int]) -> Response[bytes]:
    """List who was told of an incident and how that went: staff sees all, others what concerned themselves.

    Of very many the 5,000 of which something became last.
    """
    owner = None if request.user.is_staff or request.user.is_superuser else request.user.pk
    async with api.database.reading() as session:
        found = await repository.notifications(session, await _incident(session, pk), owner, LARGEST_PAGE)
        attempts = await repository.attempts(session, found)
    return answer([_notification(each, attempts[each.id], api) for each in found])


def _place(event: Event) -> tuple[datetime, int]:
    return event.occurred_at, event.pk


async def _incident(session: AsyncSession, pk: int) -> int:
    found = await pk_of(session, pk)
    if found is None:
        raise not_found("Incident")
    return found


def _notification(row: NotificationRow, attempts: Iterable[AttemptRow], api: Context) -> dict[str, Any]:
    return {
        "id": str(row.id),
        "incident": row.incident_id,
        "event": row.event_pk,
        "destination": row.destination_id,
        "owner": row.owner_id,
        "purpose": row.purpose,
        "profiles": row.profiles,
        "state": row.state,
        "reason": row.reason,
        "code": row.code,
        "matched_at": shown(row.matched_at, api.zone),
        "updated_at": shown(row.updated_at, api.zone),
        "next_at": shown(row.next_at, api.zone),
        "replay": row.replay,
        "attempts": [_attempt(each, api) for each in attempts],
    }


def _attempt(row: AttemptRow, api: Context) -> dict[str, Any]:
    return {
        "attempt": row.attempt,
        "replay": row.replay,
        "medium": row.medium,
        "state": row.state,
        "reason": row.reason,
        "code": row.code,
        "at": shown(row.at, api.zone),
        "next_at": shown(row.next_at, api.zone),
    }
