"""Planned maintenance: whether a task covers an event (specification 4.6, design 6.5)."""

from datetime import datetime

from argus_domain.profiles import accepts
from argus_domain.repeats import occurrence_at
from argus_schemas.configuration import Maintenance
from argus_schemas.incident import Event, Incident


def covers(task: Maintenance, incident: Incident, event: Event) -> bool:
    """Tell whether the event falls into the task's time and all its filters accept the incident."""
    return (
        not task.deleted
        and is_under_way(task, event.occurred_at)
        and accepts(task.filters, incident, event.received_at)
    )


def is_under_way(task: Maintenance, moment: datetime) -> bool:
    """Tell whether `moment` falls into the task's time, or into one of its times where it repeats."""
    return occurrence_at(task, moment) is not None
