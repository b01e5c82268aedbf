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

    @property
    def escalates(self) -> bool:
        """Whether a profile that heard of it has somebody to tell later."""
        return any(profile.escalation for match in self.told for profile in match.profiles)


def aftermath(state: MatcherState, moved: Event | None, heard: Heard, at: datetime) -> MatcherState:
    """Return the state with what the event leaves behind.

    Args:
        state: As it was, but for the incident and what damping says.
        moved: The event, if it opened or ended the incident.
        heard: Who heard of it.
        at: When its record was received.
    """
    start = moved if moved is not None and moved.type in STARTS else None
    if moved is not None and moved.type is not EventType.START:  # an end, or it begins anew
        state = _over(state) if start is None else _over(state).but(told=())
    told = state.told if start is None else joined(state.told, heard.told)
    if state.news is None and not (heard.held or state.flapping or (start is not None and heard.escalates)):
        return state.but(told=told) if start is not None else state
    told = _with_released(told, state, heard)
    after = state.but(
        told=told,
        withheld=kept_back(state.withheld, _held(state, heard, at), told),
        escalations=_escalations(state, heard, start, at),
    )
    return waiting(after, moved or state.news or heard.event)


def _over(state: MatcherState) -> MatcherState:
    return state.but(withheld=(), escalations=()) if state.news is not None else state


def _with_released(told: tuple[Told, ...], state: MatcherState, heard: Heard) -> tuple[Told, ...]:
    """Return who is to hear of the end, with those who are told now of what was withheld from them before."""
    if not state.withheld:
        return told
    withheld = {each.destination for each in state.withheld}
    return joined(told, (match for match in heard.told if match.destination in withheld))


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
