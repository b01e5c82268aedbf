"""What the bodies of write requests look like, for the OpenAPI document; `requests` and others read them."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from argus_http.shapes import End, IncidentShapeV3, Moment, Tag, TagNameShape
from argus_ingest.web.bulk_requests import MOST_IDS
from argus_schemas.incident import LONGEST_SOURCE_INCIDENT_ID, LONGEST_TEXT, LONGEST_URL, MOST_TAGS

Text = Annotated[str, Meta(max_length=LONGEST_TEXT)]
Url = Annotated[str, Meta(max_length=LONGEST_URL)]
WebUrl = Annotated[str, Meta(max_length=2048, pattern="^(https?|ftps?)://", extra_json_schema={"format": "uri"})]
Level = Annotated[int, Meta(ge=1, le=5, description="1 is critical, 5 information.")]
TagList = Annotated[list[TagNameShape], Meta(max_length=MOST_TAGS)]
TagTexts = Annotated[list[Tag], Meta(max_length=MOST_TAGS)]


class NewIncident(msgspec.Struct):
    """An incident to create."""

    start_time: Moment
    tags: TagList
    end_time: Annotated[End | None, Meta(description="Absent or `infinity`: open; null: stateless.")] = "infinity"
    source_incident_id: Annotated[str, Meta(max_length=LONGEST_SOURCE_INCIDENT_ID)] = ""
    details_url: Url = ""
    description: Text = ""
    level: Level = 5
    ticket_url: WebUrl | UnsetType = UNSET
    metadata: Any = {}
    source: Annotated[int, Meta(description="The pk of a source; for superusers.")] | UnsetType = UNSET


class NewIncidentV3(NewIncident):
    """An incident to create in v3."""

    tags: TagTexts  # type: ignore[assignment]  # only told, never read


class IncidentChanges(msgspec.Struct):
    """What is to change of an incident; PUT names the tags."""

    tags: TagList | UnsetType = UNSET
    details_url: Url | UnsetType = UNSET
    description: Text | UnsetType = UNSET
    level: Level | UnsetType = UNSET
    ticket_url: WebUrl | UnsetType = UNSET
    metadata: Any = UNSET


class IncidentChangesV3(IncidentChanges):
    """What is to change of an incident in v3; PUT names the tags."""

    tags: TagTexts | UnsetType = UNSET  # type: ignore[assignment]  # only told, never read


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


NewTags = TagNameShape | TagTexts
"""One tag in v2, a list of texts in v3."""

BODIES: tuple[Any, ...] = (
    NewIncident, IncidentChanges, NewEvent, NewAcknowledgement, Expiration, TicketUrl, AcknowledgementForMany,
    EventForMany, TicketUrlForMany, NewReport, NewTags, NewIncidentV3, IncidentChangesV3, IncidentShapeV3,
)  # fmt: skip
