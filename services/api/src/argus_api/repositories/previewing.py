"""Incidents that a profile would be told of, and whether its timeslots were awake for them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from argus_api.repositories import filtering
from argus_api.repositories.shown import ShownIncident
from argus_api.repositories.where import Where
from argus_domain.beginnings import first_start
from argus_domain.filters import with_fallback
from argus_domain.profiles import is_awake
from argus_schemas.configuration import Filter, Profile

MOST_ASKED = 100_000
"""Times of timeslots, and dates that they leave out, that a page of incidents is held against."""


@dataclass(frozen=True, slots=True)
class Waking:
    """Whether a profile was awake when an incident began, and when it was next."""

    incident: ShownIncident
    awake: bool
    next_start: datetime | None
    """None: it was awake, or is not within 14 days."""


def asking(profile: Profile, now: datetime, fallback: Filter) -> Where:
    """Return the conditions on incidents that the profile's filters accept now."""
    where = Where(now)
    filtering.wanted(where, [with_fallback(named.filter, fallback) for named in profile.filters])
    return where


def longest_page(profile: Profile) -> int:
    """Return how many incidents a page has at most: fewer where timeslots are so large that each takes its time."""
    asked = sum(
        len(timeslot.recurrences) * (1 + sum(len(each.dates) for each in timeslot.exceptions))
        for timeslot in profile.timeslots
    )
    return max(1, min(filtering.MOST_PREVIEWED, MOST_ASKED // max(1, asked)))


def wakings(profile: Profile, rows: Sequence[ShownIncident]) -> list[Waking]:
    """Return whether the profile was awake as each incident began."""
    return [_waking(profile, row) for row in rows]


def _waking(profile: Profile, incident: ShownIncident) -> Waking:
    if is_awake(profile, incident.start_time):
        return Waking(incident, awake=True, next_start=None)
    return Waking(incident, awake=False, next_start=first_start(profile.timeslots, incident.start_time))
