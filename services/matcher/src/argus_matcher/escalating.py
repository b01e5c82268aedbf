"""Whom profiles tell next while nobody acknowledges an incident."""

from collections.abc import Iterable
from datetime import datetime

from argus_domain.escalation import step_due_at, step_of
from argus_domain.profiles import asks_now
from argus_domain.states import is_acked, is_open
from argus_matcher.matching import Match
from argus_matcher.reckoning import Reckoning
from argus_schemas.configuration import Profile
from argus_schemas.memory import Escalation

PURPOSE = "escalation"
FIRST = 1


def begun(before: Iterable[Escalation], profiles: Iterable[Profile], since: datetime) -> tuple[Escalation, ...]:
    """Return what goes on, and what begins at `since` for profiles that were told, or kept from it by maintenance."""
    found = {each.profile: each for each in before}
    for profile in profiles:
        if profile.pk not in found and (first := _step(profile, FIRST, since)):
            found[profile.pk] = first
    return tuple(found.values())


def escalated(before: Iterable[Escalation], reckoning: Reckoning) -> tuple[Escalation, ...]:
    """Tell those whom the steps that are due name; return what is still to come."""
    if not is_open(reckoning.incident, reckoning.now) or is_acked(reckoning.incident, reckoning.now):
        return ()
    steps = _Steps(reckoning)
    left = [steps.taken(each) for each in before]
    steps.tell()
    return tuple(each for each in left if each is not None)


class _Steps:
    """The steps that are due, by number and destination: one notification, though several profiles may ask for it."""

    def __init__(self, reckoning: Reckoning) -> None:
        self._reckoning = reckoning
        self._asking: dict[tuple[int, int], list[tuple[Profile, Escalation]]] = {}

    def taken(self, escalation: Escalation | None) -> Escalation | None:
        """Note whom an escalation's due steps tell; return what is left of it."""
        reckoning = self._reckoning
        while escalation is not None and escalation.due_at < reckoning.moment and reckoning.has_room(len(self._asking)):
            profile = reckoning.index.profile(escalation.profile)
            if profile is None:
                return None
            self._note(profile, escalation)
            escalation = _step(profile, escalation.step + 1, escalation.since)
        return escalation

    def _note(self, profile: Profile, escalation: Escalation) -> None:
        reckoning, step = self._reckoning, step_of(profile, escalation.step)
        if step and asks_now(profile, reckoning.incident, reckoning.now, reckoning.index.fallback):
            for destination in step.destinations:
                self._asking.setdefault((escalation.step, destination), []).append((profile, escalation))

    def tell(self) -> None:
        """Tell those who were noted, unless something stands against it."""
        for number, destination in sorted(self._asking):
            asking = self._asking[number, destination]
            first, since = asking[0][0], asking[0][1].since
            match = Match(destination, tuple(profile for profile, _ in asking))
            notice = self._reckoning.notice(f"{PURPOSE} {number}", _note(first, number), match, since)
            self._reckoning.tell(match, notice, max(escalation.due_at for _, escalation in asking))


def _step(profile: Profile, number: int, since: datetime) -> Escalation | None:
    due_at = step_due_at(profile, number, since)
    return None if due_at is None else Escalation(profile=profile.pk, step=number, since=since, due_at=due_at)


def _note(profile: Profile, number: int) -> str:
    step = step_of(profile, number)
    return f"nobody has acknowledged the incident within {step.after_minutes} minutes" if step else ""
