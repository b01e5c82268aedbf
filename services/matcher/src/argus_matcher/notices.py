"""What may go out at a moment, and what may not and why: one home for it, whether an event or a timer asks."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NamedTuple

from argus_domain.profiles import is_quiet
from argus_matcher.matching import Match
from argus_schemas.configuration import Maintenance
from argus_schemas.identity import notification_id
from argus_schemas.incident import Event, Incident
from argus_schemas.notification import ORDINARY, Delivery, Notification, Reason

TOO_OLD = "too old"
QUIET = "quiet"
MAINTENANCE = "maintenance"
LONGEST_REASON = 2000


class Obstacle(NamedTuple):
    """Why somebody is not told."""

    word: str
    words: str
    """As the owner of the destination reads it."""


class Notice(NamedTuple):
    """What somebody is to be told."""

    event: Event
    incident: Incident
    purpose: str = ORDINARY
    note: str = ""
    name: str = ORDINARY
    """Tells it from other notices of the same event to the same destination."""


@dataclass(frozen=True, slots=True)
class Withheld:
    """A notification that is not to be, as its owner reads it, and why in a word."""

    delivery: Delivery
    why: str


class Notices:
    """Gathers what is made known at one moment."""

    def __init__(self, now: datetime, too_old_after: timedelta) -> None:
        self.notifications: list[Notification] = []
        self.withheld: list[Withheld] = []
        self.now = now
        self._too_old_after = too_old_after

    def obstacle(self, match: Match, since: datetime, maintenance: Maintenance | None) -> Obstacle | None:
        """Return what keeps a match from being told now of something that is so since `since`."""
        if self.now - since > self._too_old_after:
            return Obstacle(TOO_OLD, f"too old: received {since.isoformat()}")
        for profile in match.profiles:
            if profile.quiet_until is not None and is_quiet(profile, self.now):
                return Obstacle(QUIET, f"quiet until {profile.quiet_until}")
        if maintenance is not None and not match.promised:
            return Obstacle(MAINTENANCE, f"planned maintenance {maintenance.pk}: {maintenance.description}")
        return None

    def notify(self, match: Match, notice: Notice) -> None:
        """Tell a match."""
        self.notifications.append(
            Notification(
                id=notification_id(notice.event.event_id, match.destination, notice.name),
                destination=match.destination,
                owner=match.owner,
                purpose=notice.purpose,
                note=notice.note,
                event=notice.event,
                incident=notice.incident,
                reasons=tuple(Reason(profile=profile.pk, name=profile.name or "") for profile in match.profiles),
                matched_at=self.now,
            )
        )

    def withhold(self, match: Match, notice: Notice, obstacle: Obstacle) -> None:
        """Record that a match is not told."""
        event = notice.event
        delivery = Delivery(
            notification=notification_id(event.event_id, match.destination, notice.name),
            destination=match.destination,
            owner=match.owner,
            purpose=notice.purpose,
            incident=event.incident,
            event=event.pk,
            event_id=event.event_id,
            state="suppressed",
            at=self.now,
            reason=obstacle.words[:LONGEST_REASON],
            profiles=tuple(profile.pk for profile in match.profiles),
        )
        self.withheld.append(Withheld(delivery, obstacle.word))
