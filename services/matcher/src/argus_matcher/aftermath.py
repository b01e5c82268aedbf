"""What the matcher remembers after an event, of those who heard of it and of what is to come."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from argus_domain.states import is_acked, is_open
from argus_matcher.escalating import begun
from argus_matcher.matching import STARTS, Match
from argus_matcher.release import held_back
from argus_matcher.remembering import joined, kept_back, waiting
from argus_schemas.configuration import Maintenance
from argus_schemas.incident import Event
from argus_schemas.memory import Escalation, MatcherState, Told, Withheld
from argus_schemas.words import EventType


class Held(NamedTuple):
    """A match that a task kept from being told."""

    match: Match
    task: Maintenance


@dataclass(slots=True)
class Heard:
    """Who heard of the first event of a record, and who would have but for maintenance."""

    event: Event | None = None
    told: list[Match] = field(default_factory=list)
    held: list[Held] = field(default_factory=list)


def aftermath(state: MatcherState, moved: Event | None, heard: Heard, at: datetime) -> MatcherState:
    """Return the state with what the event leaves behind.

    Args:
        state: As it was, but for the incident and what damping says.
        moved: The event, if it opened or ended the incident.
        heard: Who heard of it.
        at: When its record was received.
    """
    if moved is None and not heard.held and state.news is None:
        return state
    starts = moved is not None and moved.type in STARTS
    if moved is not None and moved.type is not EventType.START:  # an end, or it begins anew
        state = state.but(told=() if starts else state.told, withheld=(), escalations=())
    told = _told(state, heard, starts=starts)
    withheld = kept_back(state.withheld, _held(state, heard, at), told)
    escalations = _escalations(state, heard, moved if starts else None, at)
    after = state.but(told=told, withheld=withheld, escalations=escalations)
    return waiting(after, moved or state.news or heard.event)


def _told(state: MatcherState, heard: Heard, *, starts: bool) -> tuple[Told, ...]:
    """Return who is to hear of the end: who is told that it starts, or of something that was withheld before."""
    if starts:
        return joined(state.told, heard.told)
    if not state.withheld:
        return state.told
    withheld = {each.destination for each in state.withheld}
    return joined(state.told, (match for match in heard.told if match.destination in withheld))


def _held(state: MatcherState, heard: Heard, at: datetime) -> list[Withheld]:
    if heard.event is None or not is_open(state.incident, at):
        return []
    return [held_back(held.match, held.task, heard.event.occurred_at) for held in heard.held if held.task.tell_after]


def _escalations(state: MatcherState, heard: Heard, start: Event | None, at: datetime) -> tuple[Escalation, ...]:
    """Return what is to come while nobody acknowledges the incident: from its start for who was to be told of that."""
    if (start is None and not state.escalations) or is_acked(state.incident, at):
        return ()
    if start is None:
        return state.escalations
    matches = (*heard.told, *(held.match for held in heard.held))
    profiles = (profile for match in matches for profile in match.profiles if profile.escalation)
    return begun(state.escalations, profiles, start.received_at)
