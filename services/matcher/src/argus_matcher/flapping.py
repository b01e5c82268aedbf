"""Whom damping spares the changes of an incident that flaps, and what they are told instead."""

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from argus_domain.damping import flaps, next_summary, settles_at, with_change
from argus_domain.profiles import listens_now
from argus_domain.states import is_open
from argus_matcher.index import Index
from argus_matcher.matching import Match
from argus_matcher.notices import Notice, Obstacle
from argus_matcher.reckoning import Reckoning
from argus_schemas.configuration import Damping, Profile
from argus_schemas.incident import Event
from argus_schemas.memory import Flapping, MatcherState

FLAPPING = "flapping"
SETTLED = "settled"
SUMMARY = "summary"


class Damper:
    """What damping makes of one change of an incident's state."""

    def __init__(self, memory: MatcherState | None, event: Event, index: Index) -> None:
        self._at = event.received_at
        self.changes = with_change(memory.changes if memory else (), self._at)
        self._flapping = {each.profile: each for each in self._still(memory.flapping if memory else (), index)}
        self._begun: dict[int, Flapping] = {}

    def _still(self, flapping: Iterable[Flapping], index: Index) -> Iterable[Flapping]:
        """Yield what goes on; what had settled before the event, though nobody was told in time, does not."""
        for each in flapping:
            damping = _damping(index.profile(each.profile))
            if damping is not None and self._at <= each.settled_at:
                settled_at = max(each.settled_at, settles_at(damping, self._at))
                yield each.but(changes=each.changes + 1, settled_at=settled_at)

    @property
    def flapping(self) -> tuple[Flapping, ...]:
        """For whom the incident flaps after the event."""
        return (*self._flapping.values(), *self._begun.values())

    def heeding(self, match: Match) -> Match | Obstacle:
        """Return the match with the profiles for which it did not flap before; an obstacle where it did for all."""
        heeding = tuple(profile for profile in match.profiles if profile.pk not in self._flapping)
        if len(heeding) == len(match.profiles):
            return match
        flapping = self._flapping.get(match.profiles[0].pk)
        if heeding or flapping is None:
            return replace(match, profiles=heeding)
        return Obstacle(FLAPPING, f"flapping: it opens and ends all the time {_since(flapping)}")

    def announced(self, match: Match, notice: Notice) -> tuple[Match, Notice]:
        """Return who is told of what: that the incident flaps, where all of the profiles count so; else the event."""
        beginning = tuple(profile for profile in match.profiles if self._begins(profile))
        if len(beginning) < len(match.profiles):
            others = tuple(profile for profile in match.profiles if profile not in beginning)
            return (replace(match, profiles=others) if beginning else match), notice
        return match, notice._replace(purpose=FLAPPING, name=FLAPPING, note=_announcement(match.profiles[0]))

    def _begins(self, profile: Profile) -> bool:
        if profile.damping is None or not flaps(profile.damping, self.changes, self._at):
            return False
        self._begun[profile.pk] = Flapping(
            profile=profile.pk,
            since=self._at,
            changes=0,
            settled_at=settles_at(profile.damping, self._at),
            summary_at=next_summary(profile.damping, self._at, self._at),
        )
        return True


def _damping(profile: Profile | None) -> Damping | None:
    return None if profile is None else profile.damping


def _announcement(profile: Profile) -> str:
    damping = profile.damping
    if damping is None:
        return ""
    return (
        f"the incident opened and ended more than {damping.changes} times within {damping.minutes} minutes;"
        " its further changes are summarised until it settles"
    )


class Settled(NamedTuple):
    """Who was to hear that an incident has settled, and what stood against it."""

    match: Match
    obstacle: Obstacle | None
    spared: tuple[Profile, ...]
    """Those of its profiles that were spared how it is now: it changed after they heard that it flaps."""


def calmed(memory: MatcherState, reckoning: Reckoning) -> tuple[tuple[Flapping, ...], list[Settled]]:
    """Tell what has settled and what a summary is due of; return what still flaps, and who heard of the first."""
    left: list[Flapping] = []
    settled: dict[int, list[tuple[Profile, Flapping]]] = {}
    for each in memory.flapping:
        profile = reckoning.index.profile(each.profile)
        if profile is None or profile.damping is None:
            continue
        if min(each.settled_at, each.summary_at) >= reckoning.moment or not reckoning.has_room(len(settled)):
            left.append(each)
        elif each.settled_at >= reckoning.moment:
            left.append(_summarised(each, profile, profile.damping, reckoning))
        elif listens_now(profile, reckoning.now):
            for destination in profile.destinations:
                settled.setdefault(destination, []).append((profile, each))
    return tuple(left), [_settle(destination, settled[destination], reckoning) for destination in sorted(settled)]


def _settle(destination: int, settled: list[tuple[Profile, Flapping]], reckoning: Reckoning) -> Settled:
    over = not is_open(reckoning.incident, reckoning.now)
    match = Match(destination, tuple(profile for profile, _ in settled), promised=over)
    flapping = settled[0][1]
    note = f"the incident opens and ends no more; it did so {_times(flapping.changes)} {_since(flapping)}"
    due = max(flapping.settled_at for _, flapping in settled)
    obstacle = reckoning.tell(match, reckoning.notice(SETTLED, note, match), due)
    return Settled(match, obstacle, tuple(profile for profile, each in settled if each.changes))


def _summarised(flapping: Flapping, profile: Profile, damping: Damping, reckoning: Reckoning) -> Flapping:
    """Tell of the changes since the last summary, if there are any; what nobody heard, the next summary tells."""
    now = reckoning.now
    after = flapping.but(summary_at=next_summary(damping, flapping.summary_at, now))
    if flapping.changes == flapping.summarised or not listens_now(profile, now):
        return after
    number, told = flapping.summaries + 1, False
    note = f"the incident still opens and ends all the time: {_times(flapping.changes)} {_since(flapping)}"
    for destination in profile.destinations:
        match = Match(destination, (profile,))
        notice = reckoning.notice(f"{SUMMARY} {number}", note, match)
        told |= reckoning.tell(match, notice, flapping.summary_at) is None
    return after.but(summaries=number, summarised=flapping.changes if told else flapping.summarised)


def _times(changes: int) -> str:
    return "once" if changes == 1 else f"{changes} times"


def _since(flapping: Flapping) -> str:
    return f"since {flapping.since:%Y-%m-%d %H:%M} UTC"
