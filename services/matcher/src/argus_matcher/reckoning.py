"""An incident at a moment when something of it is due, and what is made known then."""

from datetime import datetime
from functools import cached_property

from argus_matcher.index import Index
from argus_matcher.matching import Match
from argus_matcher.notices import Notice, Notices, Obstacle
from argus_schemas.configuration import Maintenance
from argus_schemas.incident import Event, Incident


class Reckoning:
    """What timers ask of the moment, and whom they tell."""

    def __init__(
        self, incident: Incident, event: Event, index: Index, notices: Notices, *, moment: datetime, room: int
    ) -> None:
        self.incident = incident
        self.event = event
        """What is told when something is due."""
        self.index = index
        self.now = notices.now
        self.moment = moment
        """What was due before it fires: the log is read up to where it ended then."""
        self.told: list[Match] = []
        self._notices = notices
        self._room = room

    @cached_property
    def maintenance(self) -> Maintenance | None:
        """The planned maintenance task that covers the incident now."""
        now = self.event.but(occurred_at=self.now, received_at=self.now)
        return self.index.covering(self.incident, now)

    def has_room(self, beside: int = 0) -> bool:
        """Tell whether more may be told, `beside` what is still to be; what else is due waits for the next time."""
        return len(self._notices.notifications) + len(self._notices.withheld) + beside < self._room

    def notice(self, purpose: str, note: str, match: Match, since: datetime | None = None) -> Notice:
        """Return what a match is told.

        Its first profile, and since when that counts, tell it from what other timers say of the same event.
        """
        name = f"{purpose} of profile {match.profiles[0].pk}" + (f" since {since.isoformat()}" if since else "")
        return Notice(self.event, self.incident, purpose, note, name)

    def tell(self, match: Match, notice: Notice, due: datetime) -> Obstacle | None:
        """Tell a match of what was due at `due`; return what stands against it."""
        obstacle = self._notices.obstacle(match, due, self.maintenance)
        if obstacle is None:
            self._notices.notify(match, notice)
            self.told.append(match)
        else:
            self._notices.withhold(match, notice, obstacle)
        return obstacle
