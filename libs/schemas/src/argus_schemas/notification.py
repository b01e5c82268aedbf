"""Orders to tell somebody, what became of them, and the matcher's memory of an incident."""

from typing import Literal
from uuid import UUID

from argus_schemas.facts import Fact, Moment, Pk
from argus_schemas.incident import Event, Incident


class Reason(Fact, frozen=True, kw_only=True):
    """A profile that asked for a notification."""

    profile: Pk
    name: str = ""


class Notification(Fact, frozen=True, kw_only=True):
    """Tell this destination about this event; it carries all that its message needs."""

    id: UUID
    destination: Pk
    owner: Pk
    purpose: str = "event"
    event: Event
    incident: Incident
    """As it was after the event."""
    reasons: tuple[Reason, ...] = ()
    matched_at: Moment
    replay: int = 0


DeliveryState = Literal["begun", "sent", "retrying", "suppressed", "dead"]


class Delivery(Fact, frozen=True, kw_only=True):
    """One step of a notification's way: an attempt begun, what became of it, or why there was none."""

    notification: UUID
    destination: Pk
    owner: Pk
    purpose: str = "event"
    incident: Pk
    event: Pk
    event_id: UUID
    state: DeliveryState
    attempt: int = 0
    """1 for the first; 0 where nothing was attempted."""
    at: Moment
    next_at: Moment | None = None
    """When it is tried again, in state `retrying`."""
    medium: str = ""
    code: int | None = None
    """The response code of the other side, where it gave one."""
    reason: str = ""
    """Why it was suppressed, failed or is dead, in words for its owner."""
    profiles: tuple[Pk, ...] = ()
    replay: int = 0


class Told(Fact, frozen=True, kw_only=True):
    """A destination that was told of the incident's start, and the profiles that asked for it."""

    destination: Pk
    owner: Pk
    profiles: tuple[Pk, ...]


class MatcherState(Fact, frozen=True, kw_only=True):
    """What the matcher remembers of an incident: its folded state, recent event ids, and who was told."""

    incident: Incident
    recent: tuple[UUID, ...] = ()
    told: tuple[Told, ...] = ()
