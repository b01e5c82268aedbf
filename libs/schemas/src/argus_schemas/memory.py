"""What the matcher remembers of an incident, so that whoever takes its partition over goes on where it was."""

from typing import Annotated
from uuid import UUID

from msgspec import Meta

from argus_schemas.facts import Fact, Moment, Pk
from argus_schemas.incident import Event, Incident

MOST_TOLD = 20_000
"""Destinations of an incident that are remembered; beyond them an end is told to those that ask for it alone."""


class Told(Fact, frozen=True, kw_only=True):
    """A destination that was told of the incident's start, and the profiles that asked for it."""

    destination: Pk
    owner: Pk
    profiles: tuple[Pk, ...]


class Withheld(Told, frozen=True, kw_only=True):
    """A destination that maintenance kept from being told, perhaps until it is over."""

    task: Pk
    """The planned maintenance task."""
    due_at: Moment | None = None
    """When the task is over; None: when somebody ends it."""


class Escalation(Fact, frozen=True, kw_only=True):
    """What a profile does next while nobody acknowledges the incident."""

    profile: Pk
    step: Annotated[int, Meta(ge=1)]
    since: Moment
    """From when its minutes count."""
    due_at: Moment


class Flapping(Fact, frozen=True, kw_only=True):
    """A profile is spared the changes of an incident that opens and ends all the time."""

    profile: Pk
    since: Moment
    changes: int
    """Since then."""
    settled_at: Moment
    """If nothing changes until then, it is over."""
    summary_at: Moment
    """When the next summary is due."""
    summaries: int = 0
    summarised: int = 0
    """How many of the changes its notices have told of."""


class Telling(Fact, frozen=True, kw_only=True):
    """How far the telling of one record has come that takes several transactions."""

    event_id: UUID
    """Of the record; with another one it says nothing."""
    number: int
    """Of the event among those of its record."""
    destination: Pk
    """The last one told."""
    first: bool = False
    """Nothing was known of the incident before the record: what the state says of it is from the record itself."""


class MatcherState(Fact, frozen=True, kw_only=True):
    """What the matcher remembers of an incident: its folded state, recent event ids, and who was told."""

    incident: Incident
    recent: tuple[UUID, ...] = ()
    told: tuple[Told, ...] = ()
    withheld: tuple[Withheld, ...] = ()
    """Whom maintenance kept from being told."""
    escalations: tuple[Escalation, ...] = ()
    changes: tuple[Moment, ...] = ()
    """When it opened and ended lately."""
    flapping: tuple[Flapping, ...] = ()
    news: Event | None = None
    """The latest event that opened or ended it: what is told when something is due. Kept while anything may be."""
    due_at: Moment | None = None
    """When the earliest of all that waits is due."""
    telling: Telling | None = None
    """The record after this state is being told; then this is the state before it."""
