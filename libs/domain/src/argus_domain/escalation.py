"""Escalation: whom a profile tells next while nobody acknowledges an incident, and when."""

from datetime import datetime, timedelta

from argus_schemas.configuration import EscalationStep, Profile


def step_of(profile: Profile, number: int) -> EscalationStep | None:
    """Return a profile's step, counted from 1, if it has so many."""
    return profile.escalation[number - 1] if 0 < number <= len(profile.escalation) else None


def step_due_at(profile: Profile, number: int, since: datetime) -> datetime | None:
    """Return when a step is due after an incident that began at `since`; None: there is no such step."""
    step = step_of(profile, number)
    return None if step is None else since + timedelta(minutes=step.after_minutes)
