"""What the bodies of write requests look like, for the OpenAPI document; `requests` and others read them."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from argus_http.shapes import End, Moment, Tag, TagNameShape
from argus_ingest.web.bulk_requests import MOST_IDS
from argus_schemas.incident import LONGEST_SOURCE_INCIDENT_ID, LONGEST_TEXT, LONGEST_URL, MOST_TAGS

Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Url = Annotated[str, Meta(max_length=LONGEST_URL)]
Level = Annotated[int, Meta(ge=1, le=5, description="1 is critical, 5 information.")]
Tags = Annotated[list[TagNameShape | Tag], Meta(max_length=MOST_TAGS, description="Objects in v2, texts in v3.")]


class NewIncident(msgspec.Struct):
    """An incident to create."""

    start_time: Moment
    tags: Tags
    end_time: Annotated[End | None, Meta(description="Absent or `infinity`: open; null: stateless.")] = "infinity"
    source_incident_id: Annotated[str, Meta(max_length=LONGEST_SOURCE_INCIDENT_ID)] = ""
    details_url: Url = ""
    description: Text = ""
    level: Level = 5
    ticket_url: Url | UnsetType = UNSET
    metadata: Any = {}
    source: Annotated[int, Meta(description="The pk of a source; for superusers.")] | UnsetType = UNSET


class IncidentChanges(msgspec.Struct):
    """What is to change of an incident; PUT names the tags."""

    tags: Tags | UnsetType = UNSET
    details_url: Url | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    ticket_url: Url | UnsetType = UNSET
    metadata: Any = UNSET


class NewEvent(msgspec.Struct):
    """An event to post."""

    type: Annotated[str, Meta(description="`STA END CHI RES OTH LES` for sources, `CLO REO OTH` for people.")]
    timestamp: Moment | UnsetType = UNSET
    description: Text = ""


class NewAcknowledgement(msgspec.Struct):
    """An acknowledgement to post."""

    timestamp: Moment
    description: Text = ""
    expiration: Moment | None = None


class Expiration(msgspec.Struct):
    """Until when an acknowledgement is to hold; absent or null: for ever."""

    expiration: Moment | None = None


class TicketUrl(msgspec.Struct):
    """The ticket of an incident; an empty one takes it away."""

    ticket_url: Url


class ForMany(msgspec.Struct):
    """Incidents, by their pks."""

    ids: Annotated[list[int], Meta(min_length=1, max_length=MOST_IDS)]


class AcknowledgementForMany(ForMany):
    """One acknowledgement for many incidents."""

    ack: NewAcknowledgement


class EventForMany(ForMany):
    """One event for many incidents."""

    event: NewEvent


class TicketUrlForMany(ForMany):
    """One ticket for many incidents."""

    ticket_url: Url


class NewReport(msgspec.Struct):
    """What a source says about one of its incidents; `argus_schemas.report` reads it."""

    type: Literal["start", "end", "change", "stateless", "other"]
    occurred_at: Moment
    source_incident_id: Annotated[str, Meta(max_length=LONGEST_SOURCE_INCIDENT_ID)] = ""
    description: Text | None = None
    level: Level | None = None
    tags: Annotated[list[Tag], Meta(max_length=MOST_TAGS)] | None = None
    details_url: Url | None = None
    ticket_url: Url | None = None
    metadata: Any = None
    event_id: UUID | None = None


NewTags = TagNameShape | list[Tag]
"""One tag in v2, a list of texts in v3."""

BODIES = (
    NewIncident, IncidentChanges, NewEvent, NewAcknowledgement, Expiration, TicketUrl, AcknowledgementForMany,
    EventForMany, TicketUrlForMany, NewReport, NewTags,
)  # fmt: skip
