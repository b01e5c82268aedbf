"""The kinds of documents that compacted topics carry: the rows that each is made of, with all that it embeds."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import joinedload, selectinload

from argus_database.configuration import documents
from argus_database.tables.accounts import SourceRow
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import DateListRow, DestinationRow, EscalationStepRow, ProfileRow, TimeslotRow
from argus_schemas.codec import Written
from argus_schemas.configuration import document_key
from argus_schemas.topics import DESTINATIONS, RULES, SOURCES, Topic


@dataclass(frozen=True)
class Kind:
    """One kind of document, and how its rows are found."""

    topic: Topic[Any]
    word: str
    """With a row's pk its key."""
    row: Any
    found: Select[Any]
    document: Callable[[Any], Written]

    def where(self, *conditions: ColumnElement[bool]) -> Select[Any]:
        """Return what finds the rows that fit, in the order of their pks."""
        return self.found.where(*conditions).order_by(self.row.id)

    def key(self, row: Any) -> str:
        """Return the key of a row's document."""
        return document_key(self.word, row.id)


OF_TIMESLOTS = (selectinload(TimeslotRow.recurrences), selectinload(TimeslotRow.exceptions))
"""What timeslots embed."""

SHOWN_OF_TIMESLOTS = (
    selectinload(TimeslotRow.recurrences),
    selectinload(TimeslotRow.exceptions).load_only(DateListRow.id),
)
"""The same, but of date lists only which: their dates may be very many, and stand once for each timeslot."""

PROFILE = Kind(
    RULES, "profile", ProfileRow,
    select(ProfileRow).options(
        joinedload(ProfileRow.user),
        selectinload(ProfileRow.filters),
        selectinload(ProfileRow.timeslots).options(*OF_TIMESLOTS),
        selectinload(ProfileRow.destinations),
        selectinload(ProfileRow.escalation).selectinload(EscalationStepRow.destinations),
    ),
    documents.profile,
)  # fmt: skip
MAINTENANCE = Kind(
    RULES, "maintenance", MaintenanceRow,
    select(MaintenanceRow).where(~MaintenanceRow.withdrawn).options(selectinload(MaintenanceRow.filters)),
    documents.maintenance,
)  # fmt: skip
DESTINATION = Kind(
    DESTINATIONS, "destination", DestinationRow, select(DestinationRow).options(joinedload(DestinationRow.user)),
    documents.destination,
)  # fmt: skip
SOURCE = Kind(
    SOURCES, "source", SourceRow,
    select(SourceRow).options(joinedload(SourceRow.user), selectinload(SourceRow.tokens)),
    documents.source,
)  # fmt: skip

KINDS = (SOURCE, DESTINATION, PROFILE, MAINTENANCE)
