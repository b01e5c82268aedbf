"""The ASGI application of api."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.di import Provide
from litestar.types import ASGIApp
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm.exc import StaleDataError

from argus_api import shapes_v3
from argus_api.context import Context
from argus_api.controllers import (
    accounts,
    date_lists,
    destinations,
    events,
    explanations,
    filters,
    incidents,
    maintenance,
    media,
    metadata,
    previews,
    profile_previews,
    profiles,
    quiet,
    reads,
    sessions,
    sources,
    tags,
    timeslots,
    tokens,
)
from argus_api.details import Details
from argus_api.wishes import accounts as accounts_wishes
from argus_api.wishes.bodies import BODIES
from argus_api.wishes.sketches import SketchBody
from argus_database.configuration.errors import Absent, Kept, Refused
from argus_http import described, errors
from argus_http.authentication import Authentication
from argus_http.middleware import compatible
from argus_http.principals import Principal
from argus_runtime.errors import SecretUnreadable

MODELS = {
    "filter": "Filter", "timeslot": "Timeslot", "destination": "DestinationConfig", "profile": "NotificationProfile",
    "maintenance": "PlannedMaintenanceTask", "date list": "DateList",
}  # fmt: skip
"""What Argus calls the things that people configure."""

ABOUT_INCIDENTS = ("/api/v2/incidents/", "/api/v3/incidents/")
"""Where a request of a source is a sign of life."""

INGEST = files("argus_api") / "ingest.json"
"""The part of the OpenAPI document that is ingest's; `make docs` writes it."""

HANDLERS = [
    metadata.show_metadata, metadata.show_schema, metadata.still_alive, metadata.show_error,
    metadata.gone,
    incidents.list_incidents, incidents.list_my_incidents, incidents.show_incident,
    tags.list_tags, tags.show_tag,
    events.list_all_events, events.list_events, events.show_event, events.list_acks, events.show_ack,
    events.list_notifications,
    tokens.give_token, tokens.refresh_token, tokens.log_in, tokens.log_out, tokens.log_out_everywhere,
    sessions.log_in, sessions.log_out, accounts.show_me, accounts.show_user,
    sources.list_sources, sources.add_source, sources.show_source, sources.rename_source, sources.change_source,
    sources.list_types, sources.add_type, sources.show_type,
    filters.list_filters, filters.add_filter, filters.show_filter, filters.change_filter, filters.remove_filter,
    timeslots.list_timeslots, timeslots.add_timeslot, timeslots.show_timeslot, timeslots.change_timeslot,
    timeslots.remove_timeslot,
    date_lists.list_date_lists, date_lists.add_date_list, date_lists.show_date_list, date_lists.change_date_list,
    date_lists.remove_date_list, quiet.show_quiet, quiet.be_quiet, quiet.be_told,
    media.list_media, media.show_medium, media.show_medium_schema,
    destinations.list_destinations, destinations.add_destination, destinations.show_destination,
    destinations.change_destination, destinations.remove_destination, destinations.show_whether_duplicate,
    profiles.list_profiles, profiles.add_profile, profiles.show_profile, profiles.change_profile,
    profiles.remove_profile,
    explanations.explain_profile, profile_previews.preview_profile, profile_previews.preview_sketch,
    previews.preview_filter, previews.list_incidents_of_profile, previews.list_incidents_of_maintenance,
    maintenance.list_maintenance, maintenance.add_maintenance, maintenance.show_maintenance,
    maintenance.change_maintenance, maintenance.remove_maintenance,
]  # fmt: skip


@cache
def document() -> dict[str, Any]:
    """Return the OpenAPI document of the whole API: beside our own what ingest says of writes about incidents."""
    return described.joined(own_document(), json.loads(INGEST.read_bytes()))


def own_document() -> dict[str, Any]:
    """Return the OpenAPI document of reads and configuration."""
    bodies = (*BODIES, *accounts_wishes.BODIES, *reads.OF_V3, *shapes_v3.SHAPES, SketchBody)
    return described.document(HANDLERS, bodies, {"api": Provide(lambda: None, sync_to_thread=False)})


def create_app(api: Context, saw: Callable[[int | None], None] = lambda _: None) -> ASGIApp:
    """Return the application; `saw` is told which source asked about incidents."""

    async def note(request: Request[Principal, Any, Any]) -> None:
        if request.url.path.startswith(ABOUT_INCIDENTS) and request.scope.get("user"):
            saw(request.user.source_id)

    authentication = Authentication(api.credentials.holder)
    return compatible(
        Litestar(
            HANDLERS,
            state=State({"details": Details(api.database), "document": document}),
            dependencies={"api": Provide(lambda: api, sync_to_thread=False)},
            middleware=[authentication],
            before_request=note,
            exception_handlers=errors.HANDLERS | _HANDLERS,
            openapi_config=None,
            logging_config=None,
        ),
        authentication,
    )


def _refused(request: Request[Any, Any, Any], error: Refused) -> Response[Any]:
    return errors.answer(request, errors.invalid({error.field or "non_field_errors": [error.message]}))


def _absent(request: Request[Any, Any, Any], error: Absent) -> Response[Any]:
    return errors.answer(request, errors.not_found(MODELS[error.thing]))


def _kept(request: Request[Any, Any, Any], error: Kept) -> Response[Any]:
    return errors.answer(request, errors.invalid([error.message]))


def _overtaken(request: Request[Any, Any, Any], _error: Exception) -> Response[Any]:
    detail = "Somebody else has just changed what this request is about; look again."
    return errors.answer(request, errors.ApiError(409, {"detail": detail}))


def _no_key(request: Request[Any, Any, Any], error: SecretUnreadable) -> Response[Any]:
    return errors.answer(request, errors.Unavailable(f"The secret cannot be kept: {error}"))


_HANDLERS: dict[type[Exception] | int, Any] = {
    Refused: _refused, Absent: _absent, Kept: _kept, IntegrityError: _overtaken, StaleDataError: _overtaken,
    SecretUnreadable: _no_key,
}  # fmt: skip
