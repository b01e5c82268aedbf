"""Who is told of an event: one match for each destination, with the profiles that asked for it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from argus_domain.filters import with_fallback
from argus_domain.profiles import accepts, listens, reachable
from argus_matcher.index import Index
from argus_schemas.configuration import Filter, Profile
from argus_schemas.incident import Event, Incident
from argus_schemas.memory import Told
from argus_schemas.words import EventType

STARTS = frozenset({EventType.START, EventType.RESTART, EventType.REOPEN})
ENDS = frozenset({EventType.END, EventType.CLOSE})


@dataclass(frozen=True, slots=True)
class Match:
    """A destination to tell, and why."""

    destination: int
    profiles: tuple[Profile, ...]
    promised: bool = False
    """It was told of the start, so that it hears of the end whatever withholds others (design 6.6)."""

    @property
    def owner(self) -> int:
        """The user whom the destination belongs to."""
        return self.profiles[0].owner

    @property
    def told(self) -> Told:
        """What the incident's state keeps of it."""
        return Told(
            destination=self.destination, owner=self.owner, profiles=tuple(profile.pk for profile in self.profiles)
        )


@dataclass(frozen=True, slots=True)
class Occasion:
    """An event among those of its record, and what it did to its incident."""

    event: Event
    incident: Incident
    """As it is after the event."""
    before: Incident | None
    """As it was before the record."""
    told: Sequence[Told]
    """Who was told of its start."""
    leads: bool = True
    """The event is the first of its record: a change of several fields is news to a profile once."""
    ends: bool = False
    """The event ended the incident."""


def matches(occasion: Occasion, index: Index) -> list[Match]:
    """Return who is told of the event, in order of destination."""
    asking = _by_destination(_asking(occasion, index))
    promised = _promised(occasion, index) if occasion.ends else {}
    return [
        Match(destination, _united(asking.get(destination, ()), promised.get(destination, ())), destination in promised)
        for destination in sorted(asking.keys() | promised.keys())
    ]


def _asking(occasion: Occasion, index: Index) -> Iterable[Profile]:
    wanting = index.wanting(occasion.incident, occasion.event)
    if occasion.event.type is not EventType.CHANGE:
        return wanting
    return [profile for profile in wanting if _hears_of_change(profile, occasion, index.fallback)]


def _hears_of_change(profile: Profile, occasion: Occasion, fallback: Filter) -> bool:
    """Tell whether the profile names CHI, or did not accept the incident before (design 6.7)."""
    if any(EventType.CHANGE in with_fallback(named.filter, fallback).event_types for named in profile.filters):
        return True
    before, at = occasion.before, occasion.event.received_at
    return occasion.leads and (before is None or not accepts(profile.filters, before, at, fallback))


def _by_destination(profiles: Iterable[Profile]) -> dict[int, list[Profile]]:
    found: dict[int, list[Profile]] = {}
    for profile in profiles:
        for destination in profile.destinations:
            found.setdefault(destination, []).append(profile)
    return found


def _promised(occasion: Occasion, index: Index) -> dict[int, list[Profile]]:
    """Return the destinations that were told of the start, with those of their profiles that would hear of an end."""
    found: dict[int, list[Profile]] = {}
    for told in occasion.told:
        profiles = (index.profile(pk) for pk in told.profiles)
        hearing = [
            profile
            for profile in profiles
            if profile is not None
            and (told.destination in profile.destinations or told.destination in reachable(profile))
            and listens(profile, occasion.event, index.fallback)
        ]
        if hearing:
            found[told.destination] = hearing
    return found


def _united(*groups: Iterable[Profile]) -> tuple[Profile, ...]:
    return tuple({profile.pk: profile for group in groups for profile in group}.values())
