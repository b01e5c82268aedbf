"""What the matcher keeps of an incident: who was told, and what is still to come."""

from bisect import bisect_right
from collections.abc import Iterable
from itertools import accumulate
from typing import TypeVar

from argus_matcher.matching import Match
from argus_schemas.incident import Event
from argus_schemas.memory import MOST_TOLD, MatcherState, Told, Withheld
from argus_schemas.topics import INCIDENT_STATES

T = TypeVar("T", bound=Told)

IN_ORDER = ("told", "escalations", "withheld", "flapping")
"""What there is an entry for each destination or profile of; where there is no room for all, the first count most."""

FEW = 100
"""So many entries fit: each names a user's profiles, who has at most a thousand."""

MOST_BYTES = INCIDENT_STATES.largest - 128 * 1024
"""Of a state, so that it fits its topic, also while it says how far a record has been told."""


def joined(told: Iterable[Told], matches: Iterable[Match]) -> tuple[Told, ...]:
    """Return those who were told, and who is told now, each destination once with all profiles that asked for it."""
    return _together(told, (match.told for match in matches))


def kept_back(before: Iterable[Withheld], now: Iterable[Withheld], told: Iterable[Told]) -> tuple[Withheld, ...]:
    """Return whom maintenance kept from being told, before and now, without those that were told."""
    known = {each.destination for each in told}
    return tuple(each for each in _together(before, now) if each.destination not in known)


def _together(before: Iterable[T], now: Iterable[T]) -> tuple[T, ...]:
    found = {each.destination: each for each in before}
    for each in now:
        known = found.get(each.destination)
        profiles = each.profiles if known is None else tuple(dict.fromkeys((*known.profiles, *each.profiles)))
        found[each.destination] = each.but(profiles=profiles)
    return tuple(found.values())


def waiting(state: MatcherState, news: Event | None) -> MatcherState:
    """Return the state with the moment when something of it is due, and the event that is told then."""
    if not (state.withheld or state.escalations or state.flapping):
        return state if state.news is None and state.due_at is None else state.but(news=None, due_at=None)
    due = [each.due_at for each in state.escalations]
    due += [each.due_at for each in state.withheld if each.due_at is not None]
    due += [min(each.settled_at, each.summary_at) for each in state.flapping]
    return state.but(news=news, due_at=min(due, default=None))


def capped(state: MatcherState) -> tuple[MatcherState, int]:
    """Return the state with as many destinations and profiles as there is room for, and how many are left out."""
    if _many(state) <= FEW:
        return state, 0
    kept = state.but(told=state.told[:MOST_TOLD], withheld=state.withheld[:MOST_TOLD])
    if len(kept.to_bytes()) > MOST_BYTES:
        kept = _shortened(kept)
    return kept, _many(state) - _many(kept)


def _many(state: MatcherState) -> int:
    return sum(len(getattr(state, name)) for name in IN_ORDER)


def _shortened(state: MatcherState) -> MatcherState:
    kept = state.but(**dict.fromkeys(IN_ORDER, ()))
    room = MOST_BYTES - len(kept.to_bytes())
    for name in IN_ORDER:
        sizes = list(accumulate(len(each.to_bytes()) + 1 for each in getattr(state, name)))
        fitting = bisect_right(sizes, room)
        kept = kept.but(**{name: getattr(state, name)[:fitting]})
        room -= sizes[fitting - 1] if fitting else 0
    return kept
