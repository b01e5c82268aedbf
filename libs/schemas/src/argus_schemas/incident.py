"""An incident and its events, as records, topics and notifications carry them."""

from typing import Any
from uuid import UUID

from msgspec import field, json

from argus_schemas.facts import Fact, Moment, Pk
from argus_schemas.words import EventType, Level

LONGEST_SOURCE_INCIDENT_ID = 600
"""Characters; four bytes each still fit an index entry of PostgreSQL."""

LONGEST_TEXT = 100_000
LONGEST_URL = 8_000
LONGEST_TAG_KEY = 60
LONGEST_TAG_VALUE = 600
TAG_TOO_LONG = f"A tag has at most {LONGEST_TAG_KEY} characters before and {LONGEST_TAG_VALUE} after its delimiter."
MOST_TAGS = 500
MOST_ACKS = 1000
"""Of an incident, expired ones too; each record about it carries them."""

LARGEST_CHANGED = 1024 * 1024
"""Bytes of an incident's texts, metadata and tags beyond which people's changes may not make it larger.

What its source reports takes the place of what it reported before; so an incident and an event always fit a record.
"""


_encoded = json.Encoder().encode


class Actor(Fact, frozen=True, kw_only=True):
    """The user who did something: a person, or the user of a source."""

    pk: Pk
    username: str
    is_source: bool = False
    is_superuser: bool = False


class Source(Fact, frozen=True, kw_only=True):
    """Where an incident comes from, as far as its readers need to know."""

    pk: Pk
    name: str
    type: str
    user: Pk
    username: str
    base_url: str = ""


class TagName(Fact, frozen=True, kw_only=True):
    """A tag as a source wishes it: `key=value`."""

    key: str
    value: str

    def __str__(self) -> str:
        return f"{self.key}={self.value}"


class Tag(TagName, frozen=True, kw_only=True):
    """A tag of an incident, and who added it when."""

    added_by: Pk
    added_at: Moment


class Acknowledgement(Fact, frozen=True, kw_only=True):
    """An ack, named by the pk of its event; without `expires_at` it holds for ever."""

    event: Pk
    expires_at: Moment | None = None


class Draft(Fact, frozen=True, kw_only=True):
    """An incident as its source describes it, before the fold has accepted it."""

    source: Source
    source_incident_id: str = ""
    start_time: Moment
    stateful: bool = True
    ended_at: Moment | None = None
    """When a stateful incident ended or will end; None: open until further notice."""
    description: str = ""
    level: Level = Level.INFORMATION
    details_url: str = ""
    ticket_url: str = ""
    metadata: Any = field(default_factory=dict)
    tags: tuple[TagName, ...] = ()


class Incident(Fact, frozen=True, kw_only=True):
    """An incident as the records so far have made it."""

    pk: Pk
    key: str
    source: Source
    source_incident_id: str = ""
    start_time: Moment
    stateful: bool = True
    ended_at: Moment | None = None
    description: str = ""
    level: Level = Level.INFORMATION
    details_url: str = ""
    ticket_url: str = ""
    metadata: Any = field(default_factory=dict)
    tags: tuple[Tag, ...] = ()
    acks: tuple[Acknowledgement, ...] = ()
    changed_at: Moment | None = None
    """When the last event occurred that opened, ended or changed the incident; older reports change nothing."""

    @property
    def size(self) -> int:
        """Bytes of what of it changes, as JSON; the names of its source, which configuration changes, do not count."""
        return len(_encoded((self.description, self.details_url, self.ticket_url, self.metadata, self.tags)))


class Event(Fact, frozen=True, kw_only=True):
    """Something that happened to an incident, as people read it (specification 2.7.1)."""

    pk: Pk
    event_id: UUID
    incident: Pk
    type: EventType
    actor: Actor
    occurred_at: Moment
    received_at: Moment
    description: str = ""
