"""What the fold refuses, in Argus's words."""

import json
from typing import Any

from argus_domain import reasons
from argus_http.errors import ApiError, invalid, not_found
from argus_schemas.incident import LARGEST_CHANGED, MOST_ACKS, MOST_TAGS
from argus_schemas.records import Record

FOREIGN_TAG = "Cannot remove this tag when you're not the one who added it."
UNKNOWN = {reasons.UNKNOWN_INCIDENT: "Incident", reasons.UNKNOWN_ACK: "Acknowledgement"}
"""What it is that does not exist, by the reason."""

BODIES: dict[str, Any] = {
    reasons.ALREADY_CLOSED: {"type": "The incident is already closed."},
    reasons.ALREADY_OPEN: {"type": "The incident is already open."},
    reasons.STATELESS: {"type": "Cannot change the state of a stateless incident."},
    reasons.EXPIRED_ACK: ["Cannot change expired Acknowledgement"],
    reasons.TOO_MANY_TAGS: [f"An incident has {MOST_TAGS} tags at most."],
    reasons.TOO_MANY_ACKS: [f"An incident has {MOST_ACKS} acknowledgements at most."],
    reasons.TOO_LARGE: [f"The texts, metadata and tags of an incident have {LARGEST_CHANGED} bytes at most together."],
}
"""The 400s that say the same each time."""


def refusal(reason: str, record: Record) -> ApiError:
    """Return the fold's reason for refusing a record as the answer to who sent it."""
    kind, _, detail = reason.partition(": ")
    if kind in UNKNOWN:
        return not_found(UNKNOWN[kind])
    if kind == reasons.DUPLICATE:
        return invalid([_duplicate(record.key)])
    if kind == reasons.FOREIGN_TAGS:
        return invalid(dict.fromkeys(json.loads(detail), FOREIGN_TAG))
    return invalid(BODIES.get(kind, [reason]))


def _duplicate(key: str) -> str:
    """Return what a database would say; clients recognise a duplicate by the name of the column."""
    source, _, source_incident_id = key.partition(":")
    return (
        'duplicate key value violates unique constraint "incident_unique_source_incident_id_per_source"\n'
        f"DETAIL:  Key (source_incident_id, source_id)=({source_incident_id}, {source}) already exists.\n"
    )
