"""From a report to the record that says it: validated, identified, numbered."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from pydantic import ValidationError

from argus_ingest.ids import Ids
from argus_runtime.errors import InvalidRecord
from argus_schemas.configuration import SourceDocument
from argus_schemas.identity import incident_key
from argus_schemas.incident import Actor, Draft, Source
from argus_schemas.records import FIELDS_THAT_CHANGE, Change, Happened, Origin, Record, Start
from argus_schemas.report import LARGEST_REPORT, REPORT, Report
from argus_schemas.words import EventType, Level

HAPPENINGS = {"end": EventType.END, "other": EventType.OTHER}
REFUSABLE = frozenset({"end", "change", "other"})
"""Types of reports that the fold may refuse: their records carry the text, so that a dead letter has its bytes."""


MOST_FAULTS = 20
"""Faults of a report that its sender is told."""


class NoReport(InvalidRecord):
    """What stands there is no report."""

    def __init__(self, *faults: str) -> None:
        super().__init__("; ".join(faults))
        self.faults = faults
        """Each in words for the sender."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A source that reports, and the user it acts as."""

    source: Source
    actor: Actor

    @classmethod
    def of(cls, document: SourceDocument) -> "Sender":
        """Return the sender that a source's document names."""
        return cls(document.source, document.actor)


def read(body: bytes | None) -> Report:
    """Return the report that `body` is.

    Raises:
        NoReport: it is none, and why.
    """
    if body is None:
        raise NoReport("a report has a body")
    if len(body) > LARGEST_REPORT:
        raise NoReport(f"a report has at most {LARGEST_REPORT} bytes, this one {len(body)}")
    try:
        return REPORT.validate_json(body)
    except ValidationError as error:
        raise NoReport(*faults(error)) from None


def faults(error: ValidationError) -> list[str]:
    """Return the first faults of a report: the field and what is wrong with it."""
    return [
        f"{'.'.join(map(str, found['loc']))}: {found['msg']}" if found["loc"] else found["msg"]
        for found in error.errors(include_url=False, include_context=False, include_input=False)[:MOST_FAULTS]
    ]


async def record_of(
    report: Report, sender: Sender, ids: Ids, *, event_id: UUID, received_at: datetime, origin: Origin | None = None
) -> Record:
    """Return what stands for `report` on `incident-events`."""
    common: dict[str, Any] = {
        "event_id": event_id,
        "key": incident_key(sender.source.pk, report.source_incident_id, event_id),
        "actor": sender.actor,
        "occurred_at": report.occurred_at,
        "received_at": received_at,
        "origin": origin,
    }
    if report.type in HAPPENINGS:
        (pk,) = await ids.take(1)
        return Happened(
            **common, event_pk=pk, type=HAPPENINGS[report.type], description=report.description or "", reported=True
        )
    if report.type == "change":
        pks = await ids.take(len(FIELDS_THAT_CHANGE))
        return Change(**common, change_pks=tuple(pks), reported=True, **_wishes(report))
    incident_pk, event_pk, *changes = await ids.take(2 + len(FIELDS_THAT_CHANGE))
    return Start(
        **common, incident_pk=incident_pk, event_pk=event_pk, change_pks=tuple(changes), said=said(report),
        draft=_draft(report, sender.source),
    )  # fmt: skip


def said(report: Report) -> tuple[str, ...]:
    """Return the fields that the report names and that a later report may change."""
    return tuple(field for field in FIELDS_THAT_CHANGE if getattr(report, field) is not None)


def _wishes(report: Report) -> dict[str, Any]:
    wishes = {field: getattr(report, field) for field in said(report)}
    return wishes | {"tags": report.tag_names()}


def _draft(report: Report, source: Source) -> Draft:
    return Draft(
        source=source,
        source_incident_id=report.source_incident_id,
        start_time=report.occurred_at,
        stateful=report.type == "start",
        description=report.description or "",
        level=report.level or Level.INFORMATION,
        details_url=report.details_url or "",
        ticket_url=report.ticket_url or "",
        metadata={} if report.metadata is None else report.metadata,
        tags=report.tag_names() or (),
    )
