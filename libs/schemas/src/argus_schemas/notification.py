"""Orders to tell somebody, and what became of them."""

from typing import Literal
from uuid import UUID

from argus_schemas.facts import Fact, Moment, Pk
from argus_schemas.incident import Event, Incident

ORDINARY = "event"
"""The purpose of a notification that is sent because of its event, and not because something was due."""


class Reason(Fact, frozen=True, kw_only=True):
    """A profile that asked for a notification."""

    profile: Pk
    name: str = ""


class Notification(Fact, frozen=True, kw_only=True):
    """Tell this destination about this event; it carries all that its message needs."""

    id: UUID
    destination: Pk
    owner: Pk
    purpose: str = ORDINARY
    note: str = ""
    """Why somebody is told, where the event alone does not say it."""
    event: Event
    incident: Incident
    """As it was after the event."""
    reasons: tuple[Reason, ...] = ()
    matched_at: Moment
    replay: int = 0

    @property
    def ordinary(self) -> bool:
        """Whether it is sent because of its event; else it tells of an older one, with the incident as it is now."""
        return self.purpose == ORDINARY


DeliveryState = Literal["begun", "sent", "retrying", "suppressed", "dead"]


class Delivery(Fact, frozen=True, kw_only=True):
    """One step of a notification's way: an attempt begun, what became of it, or why there was none."""

    notification: UUID
    destination: Pk
    owner: Pk
    purpose: str = ORDINARY
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
