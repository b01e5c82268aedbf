"""Documents on the compacted topics: what people configure, whole and with its version."""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from argus_schemas.base import storable_json
from argus_schemas.facts import Fact, Moment, Pk, Version
from argus_schemas.incident import Actor, Source
from argus_schemas.schedules import LONGEST_REPEATED, Repeats, Timeslot
from argus_schemas.words import EventType


class Filter(Fact, frozen=True, kw_only=True):
    """Conditions on incidents and events; what is unset does not matter (specification 4.1, design 6.1-6.2)."""

    sourceSystemIds: tuple[int, ...] = ()  # noqa: N815  Argus's own names are the public format
    source_types: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    open: bool | None = None
    acked: bool | None = None
    stateful: bool | None = None
    maxlevel: Annotated[int, Meta(ge=1, le=5)] | None = None
    event_types: tuple[EventType, ...] = ()
    hide_closed_acked: bool = False


class NamedFilter(Fact, frozen=True, kw_only=True):
    """A stored filter."""

    pk: Pk
    name: str
    filter: Filter = Filter()


class Damping(Fact, frozen=True, kw_only=True):
    """When an incident flaps: it opened and ended more than `changes` times within so many minutes."""

    changes: Annotated[int, Meta(ge=1, le=50)]
    minutes: Annotated[int, Meta(ge=1, le=1440)]
    """As long without a change, and it has settled."""
    summary_minutes: Annotated[int, Meta(ge=1, le=10_080)] = 60
    """Between two summaries while it flaps."""


class EscalationStep(Fact, frozen=True, kw_only=True):
    """Whom to tell of an incident that is still open and not acknowledged so long after its start."""

    after_minutes: Annotated[int, Meta(ge=1, le=10_080)]
    destinations: tuple[Pk, ...]


class Kinded(Fact, tag_field="kind", frozen=True, kw_only=True):
    """A document that says of which kind it is."""

    pk: Pk
    version: Version

    @property
    def kind(self) -> str:
        """Which kind it is, as it says in its topic."""
        return str(self.__struct_config__.tag)


class Profile(Kinded, tag="profile", frozen=True, kw_only=True):
    """A user's wish: these filters, in these timeslots, to these destinations."""

    name: str | None = None
    owner: Pk
    owner_active: bool = True
    active: bool = True
    filters: tuple[NamedFilter, ...] = ()
    timeslots: tuple[Timeslot, ...] = ()
    destinations: tuple[Pk, ...] = ()
    damping: Damping | None = None
    escalation: tuple[EscalationStep, ...] = ()
    """In order of time."""
    quiet_until: Moment | None = None
    """Until then its owner wants to be told of nothing."""


class Maintenance(Kinded, tag="maintenance", frozen=True, kw_only=True):
    """A planned maintenance task; kept as long as events of its time may be read again."""

    description: str = ""
    starts_at: Moment
    ends_at: Moment | None = None
    filters: tuple[NamedFilter, ...] = ()
    deleted: bool = False
    repeats: Repeats | None = None
    """`starts_at` and `ends_at` are those of the first occurrence."""
    tell_after: bool = True
    """When it is over, what it withheld is told of incidents that are still open."""

    def __post_init__(self) -> None:
        """Check that what repeats has an end.

        Raises:
            ValueError: it has none, or only after more than seven days.
        """
        if self.repeats is None:
            return
        if self.ends_at is None or self.ends_at - self.starts_at > LONGEST_REPEATED:
            raise ValueError(f"what repeats ends, within {LONGEST_REPEATED.days} days")


Rule = Profile | Maintenance
"""A document on `rules`."""


class TokenDigest(Fact, frozen=True, kw_only=True):
    """A token that its holder may use, known by its SHA-256 digest alone."""

    digest: Annotated[str, Meta(pattern=r"^[0-9a-f]{64}$")]
    expires_at: Moment | None = None


class SourceDocument(Fact, frozen=True, kw_only=True):
    """A source, its user and its tokens: all that ingest needs while PostgreSQL is away."""

    source: Source
    version: Version
    slug: Annotated[str, Meta(pattern=r"^[a-z0-9-]{1,60}$")]
    active: bool = True
    is_superuser: bool = False
    tokens: tuple[TokenDigest, ...] = ()

    @property
    def actor(self) -> Actor:
        """The source's user, as the actor of what it reports."""
        return Actor(pk=self.source.user, username=self.source.username, is_source=True, is_superuser=self.is_superuser)


class Destination(Fact, frozen=True, kw_only=True):
    """Where a user can be reached; secret settings are encrypted."""

    pk: Pk
    version: Version
    owner: Pk
    owner_active: bool = True
    medium: str
    label: str | None = None
    settings: dict[str, Any] = {}  # noqa: RUF012  each instance gets its own


def document_key(kind: str, pk: int) -> str:
    """Return the key of a document on a compacted topic: kind and id."""
    return f"{kind}:{pk}"


def from_blob(blob: dict[str, Any]) -> Filter:
    """Return the filter that a blob says; nulls count as unset.

    Raises:
        ValueError: it says none.
    """
    said = {name: value for name, value in storable_json(blob).items() if value is not None}
    return msgspec.convert(said, Filter)
