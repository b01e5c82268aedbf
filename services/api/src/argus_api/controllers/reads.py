"""What reads about incidents heed and answer, for the OpenAPI document (specification 2.5.1)."""

from typing import Annotated, Literal

from msgspec import Meta, Struct

from argus_http.pagination import LARGEST_PAGE
from argus_http.shapes import EventShape, IncidentShape, IncidentShapeV3, Moment


class CountShape(Struct):
    """How many incidents there are, and what was asked; `estimated` is left out where the number is exact."""

    count: int
    params: dict[str, str]
    estimated: bool = False


class IncidentPage(Struct):
    """A page of incidents, and its neighbours."""

    next: str | None
    previous: str | None
    results: list[IncidentShape]


class IncidentPageV3(Struct):
    """A page of incidents in v3, and its neighbours."""

    next: str | None
    previous: str | None
    results: list[IncidentShapeV3]


class EventPage(Struct):
    """A page of events, and its neighbours."""

    next: str | None
    previous: str | None
    results: list[EventShape]


class AttemptShape(Struct):
    """A try to tell a destination."""

    attempt: int
    replay: int
    medium: str
    state: str
    reason: str
    code: int | None
    at: Moment
    next_at: Moment | None


class NotificationShape(Struct):
    """What a destination was told, or why it was not."""

    id: str
    incident: int
    event: int
    destination: int
    owner: int
    purpose: str
    profiles: list[int]
    state: str
    reason: str
    code: int | None
    matched_at: Moment | None
    updated_at: Moment
    next_at: Moment | None
    replay: int
    attempts: list[AttemptShape]


Incidents = CountShape | IncidentPage
OF_V3 = (IncidentPageV3, IncidentShapeV3)
"""What stands in the document in place of what is told for v2."""

Yes = Literal["true", "false"]
Size = Annotated[int, Meta(ge=1, le=LARGEST_PAGE)]

PAGED = {
    "cursor": (str, "Where the page begins: that of `next` or `previous`."),
    "page_size": (Size, "How many there are on a page."),
}
MINE = PAGED | {
    "open": (Yes, "Open incidents, or closed ones."),
    "acked": (Yes, "With an acknowledgement that holds, or without."),
    "stateful": (Yes, "Those that are open or closed, or those that are neither."),
    "ticket": (Yes, "With a ticket, or without."),
    "end_time__isnull": (Yes, "Those that are neither open nor closed, or the others."),
    "hide_closed_acked": (Yes, "Whether to leave out what is closed and acknowledged."),
    "token_expiry": (Yes, "Those that tell of a token that expires."),
    "tags": (str, "Comma-separated `key=value`: one of each key."),
    "duration__gte": (float, "Minutes that the incident has lasted."),
    "source_incident_id": (str, "What the source calls it."),
    "start_time__gte": (Moment, "Began then or later."),
    "start_time__lte": (Moment, "Began then or earlier."),
    "end_time__gte": (Moment, "Ended then or later, or is open."),
    "end_time__lte": (Moment, "Ended then or earlier."),
    "filter_pk": (Annotated[int, Meta(ge=1)], "One's own filter that accepts it."),
    "notificationprofile_pk": (Annotated[int, Meta(ge=1)], "One's own profile that has a filter which accepts it."),
    "count": (str, "Whatever it says: not the incidents, but how many there are; of very many about how many."),
}
LISTED = MINE | {
    "id__in": (str, "Comma-separated pks."),
    "source__name__in": (str, "Comma-separated names of sources."),
    "source__type__in": (str, "Comma-separated types of sources."),
    "source__id__in": (str, "Comma-separated pks of sources."),
    "level__lte": (Annotated[float, Meta(ge=1, le=5)], "At least as bad as this level."),
    "search": (str, "Words that all occur in the description, or in that of an event."),
}
