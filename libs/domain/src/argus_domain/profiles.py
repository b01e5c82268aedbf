"""Profiles: whether a user asks to be told of an event (specification 4.5, design 6.3, 6.6, 6.11)."""

from datetime import datetime
from itertools import chain

from argus_domain.filters import EMPTY, fits_event, fits_incident, with_fallback
from argus_domain.timeslots import contains
from argus_schemas.configuration import Filter, NamedFilter, Profile
from argus_schemas.incident import Event, Incident

NO_FALLBACK = EMPTY


def accepts(filters: tuple[NamedFilter, ...], incident: Incident, at: datetime, fallback: Filter = NO_FALLBACK) -> bool:
    """Tell whether there are filters and all of them accept the incident."""
    return bool(filters) and all(
        fits_incident(with_fallback(named.filter, fallback), incident, at) for named in filters
    )


def wants(profile: Profile, incident: Incident, event: Event, fallback: Filter = NO_FALLBACK) -> bool:
    """Tell whether `profile` asks to be told of `event`, the incident being as it is after it."""
    return listens(profile, event, fallback) and accepts(profile.filters, incident, event.received_at, fallback)


def listens(profile: Profile, event: Event, fallback: Filter = NO_FALLBACK) -> bool:
    """Tell whether `profile` would hear such an event at that time, whatever the incident is like.

    It decides alone about the end of an incident whose start the profile's destinations were told of (design 6.6).
    """
    return (
        profile.active
        and profile.owner_active
        and all(fits_event(with_fallback(named.filter, fallback), event) for named in profile.filters)
        and is_awake(profile, event.occurred_at)
    )


def listens_now(profile: Profile, now: datetime) -> bool:
    """Tell whether `profile` would hear at `now` of what it waits for, whatever the incident is like."""
    return profile.active and profile.owner_active and is_awake(profile, now)


def asks_now(profile: Profile, incident: Incident, now: datetime, fallback: Filter = NO_FALLBACK) -> bool:
    """Tell whether `profile` asks at `now` to be told of the incident as it is, whatever happened to it."""
    return listens_now(profile, now) and accepts(profile.filters, incident, now, fallback)


def is_awake(profile: Profile, moment: datetime) -> bool:
    """Tell whether any of the profile's timeslots contains `moment`."""
    return any(contains(timeslot, moment) for timeslot in profile.timeslots)


def is_quiet(profile: Profile, now: datetime) -> bool:
    """Tell whether the profile's owner wants to be told of nothing at `now`."""
    return profile.quiet_until is not None and now < profile.quiet_until


def reachable(profile: Profile) -> tuple[int, ...]:
    """Return the destinations that the profile may tell: its own, then those of its escalation."""
    steps = (step.destinations for step in profile.escalation)
    return tuple(dict.fromkeys(chain(profile.destinations, *steps)))
