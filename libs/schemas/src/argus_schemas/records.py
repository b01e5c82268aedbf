"""The kinds of records on `incident-events`: requests, until the fold says what they mean."""

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from argus_schemas.facts import Fact, Moment, Pk
from argus_schemas.incident import Actor, Draft, Incident, TagName
from argus_schemas.words import EventType, Level

FIELDS_THAT_CHANGE = ("level", "description", "details_url", "ticket_url", "metadata", "tags")
"""What a change can touch; a record reserves the pk of a CHI event for each, in this order."""


ChangePks = Annotated[tuple[Pk, ...], Meta(min_length=len(FIELDS_THAT_CHANGE))]


class Origin(Fact, frozen=True, kw_only=True):
    """Where a report stood, and its text where the fold may refuse it, so that a dead letter has its bytes."""

    topic: str
    partition: int
    offset: int
    report: str | None = None
    key: str | None = None


class Record(Fact, tag_field="kind", frozen=True, kw_only=True):
    """What all kinds have."""

    event_id: UUID
    """The identity of what happened: a second record with the same one is a repeat."""
    key: str
    """The incident key, which is also the Kafka key."""
    actor: Actor
    occurred_at: Moment
    received_at: Moment
    may_notify: bool = True
    digest: str | None = None
    """A digest of the request under a caller's own key, so that another request under it is recognised."""
    origin: Origin | None = None
    incident: Incident | None = None
    """The incident as ingest read it, for a matcher that has never seen it."""

    @property
    def kind(self) -> str:
        """Which kind it is, as it says in its topic."""
        return str(self.__struct_config__.tag)


class Create(Record, tag="create", frozen=True, kw_only=True):
    """An incident is created over HTTP; refused where the key has one already."""

    incident_pk: Pk
    event_pk: Pk
    draft: Draft


class Start(Record, tag="start", frozen=True, kw_only=True):
    """A report says that an incident is there: opens it, changes it or restarts it."""

    incident_pk: Pk
    event_pk: Pk
    change_pks: ChangePks
    said: tuple[str, ...] = ()
    """The fields of `FIELDS_THAT_CHANGE` that the report names; on the others it is silent."""
    draft: Draft


class Happened(Record, tag="event", frozen=True, kw_only=True):
    """An event of an incident that exists."""

    event_pk: Pk
    type: EventType
    description: str = ""
    reported: bool = False
    """Came as a report: then one older than the incident's last change is only recorded."""
    strict: bool = True
    """A person's event that does not fit the state is refused; bulk requests record it (specification 2.9)."""


class Change(Record, tag="change", frozen=True, kw_only=True):
    """Attributes and tags wished for an incident; None leaves as it is."""

    change_pks: ChangePks
    level: Level | None = None
    description: str | None = None
    details_url: str | None = None
    ticket_url: str | None = None
    metadata: Any = None
    tags: tuple[TagName, ...] | None = None
    """The whole set of tags wished."""
    add_tags: tuple[TagName, ...] = ()
    """Tags to add, without an event (specification 2.6)."""
    remove_tags: tuple[TagName, ...] = ()
    tags_of_anyone: bool = False
    """Whoever added a tag, it may be removed, and the tags show as a set, as in v3 (specification 2.5.9)."""
    first_ticket: bool = False
    """The ticket counts only where the incident has none yet (specification 6.4)."""
    told_anyway: bool = False
    """Each field named makes an event, also where it stays as it was, as in a bulk request (specification 2.9)."""
    reported: bool = False


class Acknowledge(Record, tag="ack", frozen=True, kw_only=True):
    """Somebody has seen the incident, perhaps until `expires_at`."""

    event_pk: Pk
    description: str = ""
    expires_at: Moment | None = None


class AcknowledgementChanged(Record, tag="ack-changed", frozen=True, kw_only=True):
    """An ack holds until another moment, or for ever."""

    ack: Pk
    expires_at: Moment | None = None


class Deleted(Record, tag="deleted", frozen=True, kw_only=True):
    """The incident is gone, with its events."""


IncidentRecord = Create | Start | Happened | Change | Acknowledge | AcknowledgementChanged | Deleted
"""Any record on `incident-events`."""
