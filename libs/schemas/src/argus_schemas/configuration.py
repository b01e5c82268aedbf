"""Documents on the compacted topics: what people configure, whole and with its version."""

from datetime import time
from typing import Annotated, Any, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta
from pydantic import AfterValidator, Field

from argus_schemas import facts
from argus_schemas.base import Json, Kinded, Moment, Pk, Schema, Text, Version
from argus_schemas.facts import Fact
from argus_schemas.incident import Actor, Source
from argus_schemas.words import EventType


def _known_zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, OSError, ValueError):
        raise ValueError(f"no time zone {name!r}") from None
    return name


Zone = Annotated[Text, AfterValidator(_known_zone)]
"""The IANA name of a time zone that this machine knows."""


class Filter(Schema):
    """Conditions on incidents and events; what is unset does not matter (specification 4.1, design 6.1-6.2)."""

    sourceSystemIds: tuple[int, ...] = ()  # noqa: N815  Argus's own names are the public format
    source_types: tuple[Text, ...] = ()
    tags: tuple[Text, ...] = ()
    open: bool | None = None
    acked: bool | None = None
    stateful: bool | None = None
    maxlevel: Annotated[int, Field(ge=1, le=5)] | None = None
    event_types: tuple[EventType, ...] = ()
    hide_closed_acked: bool = False


class NamedFilter(Schema):
    """A stored filter."""

    pk: Pk
    name: Text
    filter: Filter = Filter()


class Recurrence(Schema):
    """Times of the week: both ends belong to it; an end before its start lies on the next day."""

    days: tuple[Annotated[int, Field(ge=1, le=7)], ...]
    """1 is Monday; where the recurrence starts."""
    start: time
    end: time


class Timeslot(Schema):
    """When a user wants to be told, on the clocks of `zone` (an IANA name)."""

    pk: Pk
    name: Text
    zone: Zone = "UTC"
    recurrences: tuple[Recurrence, ...] = ()


class Profile(Kinded):
    """A user's wish: these filters, in these timeslots, to these destinations."""

    kind: Literal["profile"] = "profile"
    pk: Pk
    version: Version
    name: Text | None = None
    owner: Pk
    owner_active: bool = True
    active: bool = True
    filters: tuple[NamedFilter, ...] = ()
    timeslots: tuple[Timeslot, ...] = ()
    destinations: tuple[Pk, ...] = ()


class Maintenance(Kinded):
    """A planned maintenance task; kept as long as events of its time may be read again."""

    kind: Literal["maintenance"] = "maintenance"
    pk: Pk
    version: Version
    description: Text = ""
    starts_at: Moment
    ends_at: Moment | None = None
    filters: tuple[NamedFilter, ...] = ()
    deleted: bool = False


Rule = Annotated[Profile | Maintenance, Field(discriminator="kind")]
"""A document on `rules`."""


class TokenDigest(Fact, frozen=True, kw_only=True):
    """A token that its holder may use, known by its SHA-256 digest alone."""

    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    expires_at: facts.Moment | None = None


class SourceDocument(Fact, frozen=True, kw_only=True):
    """A source, its user and its tokens: all that ingest needs while PostgreSQL is away."""

    source: Source
    version: facts.Version
    slug: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,60}$")]
    active: bool = True
    is_superuser: bool = False
    tokens: tuple[TokenDigest, ...] = ()

    @property
    def actor(self) -> Actor:
        """The source's user, as the actor of what it reports."""
        return Actor(pk=self.source.user, username=self.source.username, is_source=True, is_superuser=self.is_superuser)


class Destination(Schema):
    """Where a user can be reached; secret settings are encrypted."""

    pk: Pk
    version: Version
    owner: Pk
    owner_active: bool = True
    medium: Text
    label: Text | None = None
    settings: dict[str, Json] = Field(default_factory=dict)


def document_key(kind: str, pk: int) -> str:
    """Return the key of a document on a compacted topic: kind and id."""
    return f"{kind}:{pk}"


def from_blob(blob: dict[str, Any]) -> Filter:
    """Return the filter that a stored blob says; nulls count as unset."""
    return Filter.model_validate({name: value for name, value in blob.items() if value is not None})
