"""Bodies of write requests, read as Argus reads them (specification 2.5.3, 2.7.3, 2.8.2)."""

from dataclasses import dataclass
from datetime import UTC, datetime, tzinfo
from typing import Any

from argus_http.errors import invalid
from argus_http.fields import Fields
from argus_http.principals import Principal
from argus_http.tags import read_tags
from argus_schemas.incident import LONGEST_SOURCE_INCIDENT_ID, LONGEST_URL, Draft, Source, TagName
from argus_schemas.words import EventType, Level

LEVELS = {str(level.value): level for level in Level}
TYPES = {type_.value: type_ for type_ in EventType}
OF_SOURCES = frozenset(
    {EventType.START, EventType.END, EventType.CHANGE, EventType.RESTART, EventType.OTHER, EventType.STATELESS}
)
OF_PEOPLE = frozenset({EventType.CLOSE, EventType.REOPEN, EventType.OTHER, EventType.ACKNOWLEDGE})

NO_METADATA = 'null value in column "metadata" violates not-null constraint'


@dataclass(frozen=True, slots=True)
class IncidentWish:
    """An incident that somebody wants to create."""

    start_time: datetime
    stateful: bool
    ended_at: datetime | None
    tags: tuple[TagName, ...]
    attributes: dict[str, Any]
    source: Any
    """The pk of the source, where the body names one."""
    names_source: bool

    def draft(self, source: Source) -> Draft:
        """Return the incident as `source` describes it."""
        return Draft(
            source=source, start_time=self.start_time, stateful=self.stateful, ended_at=self.ended_at, tags=self.tags,
            **self.attributes,
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class EventWish:
    """An event that somebody posts."""

    type: EventType
    timestamp: datetime
    description: str


@dataclass(frozen=True, slots=True)
class AckWish:
    """An acknowledgement that somebody posts."""

    timestamp: datetime
    description: str
    expires_at: datetime | None


def incident_wish(body: Any, zone: tzinfo, *, v3: bool = False) -> IncidentWish:
    """Return the incident that `body` describes.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    fields = Fields(body, zone)
    start_time = fields.moment("start_time", required=True)
    stateless = "end_time" in fields and fields.raw("end_time") is None
    ended_at = None if stateless else fields.end("end_time")
    attributes = {
        "source_incident_id": fields.text("source_incident_id", longest=LONGEST_SOURCE_INCIDENT_ID),
        "details_url": fields.text("details_url", longest=LONGEST_URL),
        "description": fields.text("description"),
        "level": fields.choice("level", LEVELS, Level.INFORMATION),
        "ticket_url": fields.url("ticket_url"),
    }
    if "metadata" in fields and fields.raw("metadata") is None:
        attributes["metadata"] = None
    else:
        attributes["metadata"] = fields.json("metadata", {})
    tags = read_tags(fields, "tags", v3=v3)
    fields.check()
    if start_time is None:
        raise AssertionError("a required moment is there")
    if ended_at is not None and ended_at < start_time:
        raise invalid({"non_field_errors": ["'end_time' cannot be before 'start_time'."]})
    if attributes["metadata"] is None:
        raise invalid([NO_METADATA])
    return IncidentWish(start_time, not stateless, ended_at, tags, attributes, fields.raw("source"), "source" in fields)


def any_event_wish(body: Any, zone: tzinfo, principal: Principal) -> EventWish:
    """Return the event that `body` describes, of any type; people's events happen now unless they say when.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    fields = Fields(body, zone)
    type_ = fields.choice("type", TYPES, EventType.OTHER, required=True)
    timestamp = fields.moment("timestamp", required=principal.is_source)
    description = fields.text("description")
    fields.check()
    return EventWish(type_, timestamp or datetime.now(UTC), description)


def event_wish(body: Any, zone: tzinfo, principal: Principal, acks_url: str) -> EventWish:
    """Return the event that `body` describes, of a type that the principal may post.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    wish = any_event_wish(body, zone, principal)
    type_ = wish.type
    if type_ not in (OF_SOURCES if principal.is_source else OF_PEOPLE):
        who = "A source system" if principal.is_source else "An end user"
        raise invalid({"type": f"{who} cannot post events of type '{type_.value}'."})
    if type_ is EventType.ACKNOWLEDGE:
        raise invalid({"type": f"Acknowledgements of this incidents should be posted through {acks_url}."})
    return wish


def ack_wish(body: Any, zone: tzinfo) -> AckWish:
    """Return the acknowledgement that `body` describes.

    Raises:
        ApiError: 400 with Argus's errors.
    """
    fields = Fields(body, zone)
    timestamp = fields.moment("timestamp", required=True)
    expires_at = fields.moment("expiration", null=True)
    description = fields.text("description")
    fields.check()
    if timestamp is None:
        raise AssertionError("a required moment is there")
    if expires_at is not None and expires_at <= timestamp:
        raise invalid({"non_field_errors": ["'expiration' is earlier than creation timestamp."]})
    return AckWish(timestamp, description, expires_at)
