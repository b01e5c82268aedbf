"""The ASGI application of ingest."""

from typing import Any

from litestar import Litestar, Request, Response
from litestar.datastructures import State
from litestar.types import ASGIApp

from argus_http import described, errors
from argus_http.authentication import Authentication, Holder
from argus_http.middleware import compatible
from argus_ingest.web.acks import change_ack, post_ack
from argus_ingest.web.bodies import BODIES
from argus_ingest.web.bulk import post_acks, post_events, post_ticket_urls
from argus_ingest.web.creating import create_incident
from argus_ingest.web.deleting import delete_incident
from argus_ingest.web.desk import Desk
from argus_ingest.web.events import post_event
from argus_ingest.web.heartbeat import beat
from argus_ingest.web.rates import Metering, Rates
from argus_ingest.web.reports import Reports, post_reports
from argus_ingest.web.tags import add_tags, remove_tag
from argus_ingest.web.tickets import open_ticket, put_ticket_url
from argus_ingest.web.updates import change_incident
from argus_runtime.errors import LogUnavailable, RecordTooLarge

HANDLERS = [
    create_incident, change_incident, delete_incident, post_event, post_ack, change_ack, add_tags, remove_tag,
    put_ticket_url, open_ticket, post_acks, post_events, post_ticket_urls, beat, post_reports,
]  # fmt: skip


def create_app(desk: Desk, reports: Reports, holder: Holder, rates: Rates) -> ASGIApp:
    """Return the application; `holder` says who sends a request."""
    authentication = Authentication(holder)
    return compatible(
        Litestar(
            HANDLERS,
            state=State({"desk": desk, "reports": reports, "rates": rates}),
            middleware=[authentication, Metering(rates)] if rates else [authentication],
            exception_handlers=errors.HANDLERS | {LogUnavailable: _unavailable, RecordTooLarge: _too_large},
            openapi_config=None,
            logging_config=None,
        ),
        authentication,
    )


def document() -> dict[str, Any]:
    """Return the OpenAPI document of the write requests about incidents."""
    return described.document(HANDLERS, BODIES)


def _unavailable(request: Request[Any, Any, Any], error: LogUnavailable) -> Response[Any]:
    """Say that nothing is known: the record may still appear, and a repeat under the same key is harmless."""
    del error
    return errors.answer(request, errors.Unavailable("The log cannot be reached; try again."))


def _too_large(request: Request[Any, Any, Any], error: RecordTooLarge) -> Response[Any]:
    return errors.answer(request, errors.ApiError(413, {"detail": str(error)}))
