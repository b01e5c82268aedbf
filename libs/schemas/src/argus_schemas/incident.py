"""An incident and its events, as records, topics and notifications carry them."""

from typing import Annotated
from uuid import UUID

from pydantic import Field

from argus_schemas.base import Json, Moment, Pk, Schema, Text
from argus_schemas.words import EventType, Level

LONGEST_SOURCE_INCIDENT_ID = 600
"""Characters; four bytes each still fit an index entry of PostgreSQL."""

LONGEST_TEXT = 100_000
LONGEST_URL = 8_000
MOST_TAGS = 500

TagKey = Annotated[Text, Field(pattern=r"^[a-z0-9_]+$", max_length=60)]
TagValue = Annotated[Text, Field(max_length=600)]
SourceIncidentId = Annotated[Text, Field(max_length=LONGEST_SOURCE_INCIDENT_ID)]
Description = Annotated[Text, Field(max_length=LONGEST_TEXT)]
Url = Annotated[Text, Field(max_length=LONGEST_URL)]


class Actor(Schema):
    """The user who did something: a person, or the user of a source."""

    pk: Pk
    username: Text
    is_source: bool = False
    is_superuser: bool = False


class Source(Schema):
    """Where an incident comes from, as far as its readers need to know."""

    pk: Pk
    name: Text
    type: Text
    user: Pk
    username: Text
    base_url: Text = ""


class TagName(Schema):
    """A tag as a source wishes it: `key=value`."""

    key: TagKey
    value: TagValue

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Tag(TagName):
    """A tag of an incident, and who added it when."""

    added_by: Pk
    added_at: Moment


class Acknowledgement(Schema):
    """An ack, named by the pk of its event; without `expires_at` it holds for ever."""

    event: Pk
    expires_at: Moment | None = None


class Draft(Schema):
    """An incident as its source describes it, before the fold has accepted it."""

    source: Source
    source_incident_id: SourceIncidentId = ""
    start_time: Moment
    stateful: bool = True
    ended_at: Moment | None = None
    """When a stateful incident ended or will end; None: open until further notice."""
    description: Description = ""
    level: Level = Level.INFORMATION
    details_url: Url = ""
    ticket_url: Url = ""
    metadata: Json = Field(default_factory=dict)
    tags: Annotated[tuple[TagName, ...], Field(max_length=MOST_TAGS)] = ()


class Incident(Schema):
    """An incident as the records so far have made it."""

    pk: Pk
    key: Text
    source: Source
    source_incident_id: Text = ""
    start_time: Moment
    stateful: bool = True
    ended_at: Moment | None = None
    description: Text = ""
    level: Level = Level.INFORMATION
    details_url: Text = ""
    ticket_url: Text = ""
    metadata: Json = Field(default_factory=dict)
    tags: tuple[Tag, ...] = ()
    acks: tuple[Acknowledgement, ...] = ()
    changed_at: Moment | None = None
    """When the last event occurred that opened, ended or changed the incident; older reports change nothing."""


class Event(Schema):
    """Something that happened to an incident, as people read it (specification 2.7.1)."""

    pk: Pk
    event_id: UUID
    incident: Pk
    type: EventType
    actor: Actor
    occurred_at: Moment
    received_at: Moment
    description: Text = ""
