"""What answers about incidents look like, for the OpenAPI document and for tests (specification 2.4, 2.7, 2.8)."""

from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]
End = Annotated[str, Meta(description="A moment, or `infinity`.")]
Tag = Annotated[str, Meta(description="`key=value`")]


class Shape(msgspec.Struct, forbid_unknown_fields=True):
    """What has these keys and no others."""


class SourceTypeShape(Shape):
    """A kind of source systems."""

    name: str


class SourceShape(Shape):
    """The source of an incident."""

    pk: int
    name: str
    type: SourceTypeShape
    user: int
    base_url: str


class SeenSourceShape(SourceShape):
    """The source of an incident in v3."""

    last_seen: Moment | None


class TagShape(Shape):
    """A tag, and who added it."""

    tag: Tag
    added_by: int
    added_time: Moment


class TagNameShape(Shape):
    """A tag."""

    tag: Tag


class IncidentShape(Shape):
    """An incident in v2."""

    pk: int
    start_time: Moment
    end_time: Annotated[End | None, Meta(description="`infinity` while it is open; null: stateless.")]
    source: SourceShape
    source_incident_id: str
    details_url: str
    description: str
    level: Annotated[int, Meta(ge=1, le=5)]
    ticket_url: str
    metadata: Any
    tags: list[TagShape]
    stateful: bool
    open: bool
    acked: bool


class IncidentShapeV3(Shape):
    """An incident in v3."""

    pk: int
    start_time: Moment
    end_time: Annotated[End | None, Meta(description="`infinity` while it is open; null: stateless.")]
    source: SeenSourceShape
    source_incident_id: str
    details_url: str
    description: str
    level: Annotated[int, Meta(ge=1, le=5)]
    ticket_url: str
    tags: list[Tag]
    metadata: Any
    stateful: bool
    open: bool
    acked: bool


class ActorShape(Shape):
    """Who did it."""

    pk: int
    username: str


class EventTypeShape(Shape):
    """What happened."""

    value: Annotated[str, Meta(description="One of `STA END CHI RES CLO REO ACK OTH LES`.")]
    display: str


class EventShape(Shape):
    """An event of an incident."""

    pk: int
    incident: int
    actor: ActorShape
    timestamp: Moment
    received: Moment
    type: EventTypeShape
    description: str


class AcknowledgementShape(Shape):
    """An acknowledgement; its pk is that of its event."""

    pk: int
    event: EventShape
    expiration: Moment | None


class TicketUrlShape(Shape):
    """The address of an incident's ticket."""

    ticket_url: str


class OneOfManyShape(msgspec.Struct):
    """What became of one incident of many, and its `ack`, `event` or `ticket_url`."""

    status: int
    errors: Any


class ManyShape(Shape):
    """What became of each incident, by its pk as text."""

    changes: dict[str, OneOfManyShape]


class ReportShape(Shape):
    """What became of one report: accepted under an id, or refused for its errors."""

    status: Literal["accepted", "refused"]
    event_id: UUID | UnsetType = UNSET
    errors: list[str] | UnsetType = UNSET


class ReportsShape(Shape):
    """What became of reports, in the order of the request."""

    accepted: int
    refused: int
    reports: list[ReportShape]
