"""The kinds of records on `incident-events`: requests, until the fold says what they mean."""

from typing import Annotated, Literal
from uuid import UUID

from pydantic import Field, TypeAdapter

from argus_schemas.base import Json, Kinded, Moment, Pk, Schema, Text
from argus_schemas.incident import MOST_TAGS, Actor, Description, Draft, Incident, TagName, Url
from argus_schemas.words import EventType, Level

FIELDS_THAT_CHANGE = ("level", "description", "details_url", "ticket_url", "metadata", "tags")
"""What a change can touch; a record reserves the pk of a CHI event for each, in this order."""


ChangePks = Annotated[tuple[Pk, ...], Field(min_length=len(FIELDS_THAT_CHANGE))]


class Origin(Schema):
    """Where a report stood, and its text where the fold may refuse it, so that a dead letter has its bytes."""

    topic: Text
    partition: int
    offset: int
    report: Text | None = None
    key: Text | None = None


class Record(Kinded):
    """What all kinds have."""

    event_id: UUID
    """The identity of what happened: a second record with the same one is a repeat."""
    key: Text
    """The incident key, which is also the Kafka key."""
    actor: Actor
    occurred_at: Moment
    received_at: Moment
    may_notify: bool = True
    digest: Text | None = None
    """A digest of the request under a caller's own key, so that another request under it is recognised."""
    origin: Origin | None = None
    incident: Incident | None = None
    """The incident as ingest read it, for a matcher that has never seen it."""


class Create(Record):
    """An incident is created over HTTP; refused where the key has one already."""

    kind: Literal["create"] = "create"
    incident_pk: Pk
    event_pk: Pk
    draft: Draft


class Start(Record):
    """A report says that an incident is there: opens it, changes it or restarts it."""

    kind: Literal["start"] = "start"
    incident_pk: Pk
    event_pk: Pk
    change_pks: ChangePks
    said: tuple[Text, ...] = ()
    """The fields of `FIELDS_THAT_CHANGE` that the report names; on the others it is silent."""
    draft: Draft


class Happened(Record):
    """An event of an incident that exists."""

    kind: Literal["event"] = "event"
    event_pk: Pk
    type: EventType
    description: Description = ""
    reported: bool = False
    """Came as a report: then one older than the incident's last change is only recorded."""
    strict: bool = True
    """A person's event that does not fit the state is refused; bulk requests record it (specification 2.9)."""


class Change(Record):
    """Attributes and tags wished for an incident; None leaves as it is."""

    kind: Literal["change"] = "change"
    change_pks: ChangePks
    level: Level | None = None
    description: Description | None = None
    details_url: Url | None = None
    ticket_url: Url | None = None
    metadata: Json = None
    tags: Annotated[tuple[TagName, ...], Field(max_length=MOST_TAGS)] | None = None
    """The whole set of tags wished."""
    add_tags: Annotated[tuple[TagName, ...], Field(max_length=MOST_TAGS)] = ()
    """Tags to add, without an event (specification 2.6)."""
    remove_tags: Annotated[tuple[TagName, ...], Field(max_length=MOST_TAGS)] = ()
    tags_of_anyone: bool = False
    """Whoever added a tag, it may be removed, and the tags show as a set, as in v3 (specification 2.5.9)."""
    first_ticket: bool = False
    """The ticket counts only where the incident has none yet (specification 6.4)."""
    told_anyway: bool = False
    """Each field named makes an event, also where it stays as it was, as in a bulk request (specification 2.9)."""
    reported: bool = False


class Acknowledge(Record):
    """Somebody has seen the incident, perhaps until `expires_at`."""

    kind: Literal["ack"] = "ack"
    event_pk: Pk
    description: Description = ""
    expires_at: Moment | None = None


class AcknowledgementChanged(Record):
    """An ack holds until another moment, or for ever."""

    kind: Literal["ack-changed"] = "ack-changed"
    ack: Pk
    expires_at: Moment | None = None


class Deleted(Record):
    """The incident is gone, with its events."""

    kind: Literal["deleted"] = "deleted"


IncidentRecord = Annotated[
    Create | Start | Happened | Change | Acknowledge | AcknowledgementChanged | Deleted,
    Field(discriminator="kind"),
]
"""Any record on `incident-events`."""

INCIDENT_RECORD: TypeAdapter[Create | Start | Happened | Change | Acknowledge | AcknowledgementChanged | Deleted] = (
    TypeAdapter(IncidentRecord)
)
