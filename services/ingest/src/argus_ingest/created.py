"""An incident as its own record makes it: what the store wrote of a create that it applied."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from argus_domain.fold import fold
from argus_domain.outcome import State
from argus_schemas.incident import Incident, Source
from argus_schemas.records import Create


@dataclass(frozen=True, slots=True)
class AddedTag:
    """A tag of the record, added by who sent it."""

    key: str
    value: str
    added_by: int
    added_at: datetime


class Created:
    """Shows a record as the incident that it opens; folding it, and validating the result, would cost twice as much."""

    def __init__(self, record: Create) -> None:
        self.record = record
        draft = record.draft
        self.pk = record.incident_pk
        self.start_time: datetime = draft.start_time
        self.stateful = draft.stateful
        self.ended_at: datetime | None = draft.ended_at
        self.source: Source = draft.source
        self.source_incident_id: str = draft.source_incident_id
        self.details_url: str = draft.details_url
        self.description: str = draft.description
        self.level: int = draft.level
        self.ticket_url: str = draft.ticket_url
        self.metadata: Any = draft.metadata
        by, at = record.actor.pk, record.received_at
        self.tags = [AddedTag(tag.key, tag.value, by, at) for tag in draft.tags]

    def incident(self) -> Incident:
        """Return the incident that the fold makes of the record."""
        incident = fold(State(), self.record)[0].incident
        if incident is None:
            raise AssertionError("a create that nothing precedes opens an incident")
        return incident
