"""Planned maintenance: whether a task covers an event (specification 4.6, design 6.5)."""

from datetime import datetime

from argus_domain.profiles import accepts
from argus_domain.repeats import occurrence_at
from argus_schemas.configuration import Maintenance
from argus_schemas.incident import Event, Incident


def covers(task: Maintenance, incident: Incident, event: Event) -> bool:
    """Tell whether the event falls into the task's time and all its filters accept the incident."""
    return covers_at(task, incident, event.received_at, event.occurred_at)


def covers_at(task: Maintenance, incident: Incident, at: datetime, happened_at: datetime) -> bool:
    """Tell the same of what happened at one moment and was received at another."""
    return not task.deleted and is_under_way(task, happened_at) and accepts(task.filters, incident, at)


def is_under_way(task: Maintenance, moment: datetime) -> bool:
    """Tell whether `moment` falls into the task's time, or into one of its times where it repeats."""
    return occurrence_at(task, moment) is not None
