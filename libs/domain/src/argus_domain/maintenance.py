"""Planned maintenance: whether a task covers an event (specification 4.6, design 6.5)."""

from argus_domain.profiles import accepts
from argus_schemas.configuration import Maintenance
from argus_schemas.incident import Event, Incident


def covers(task: Maintenance, incident: Incident, event: Event) -> bool:
    """Tell whether the event falls into the task's time and all its filters accept the incident."""
    return (
        not task.deleted
        and task.starts_at <= event.occurred_at
        and (task.ends_at is None or event.occurred_at <= task.ends_at)
        and accepts(task.filters, incident, event.received_at)
    )
