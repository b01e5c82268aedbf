"""An incident as it was after one of its events, as far as what is kept of it tells."""

from collections.abc import Collection
from typing import NamedTuple

from argus_domain.happenings import ENDS
from argus_schemas.incident import Event, Incident
from argus_schemas.words import EventType

TURNS = frozenset({*ENDS, EventType.START, EventType.STATELESS, EventType.RESTART, EventType.REOPEN})
"""What opens or ends an incident."""
TAKEN_AS_NOW = ("profile", "maintenance", "quiet", "source", "level", "tags", "ack_expirations")
"""What is not kept as it was: it is taken as it is now."""


class Turns(NamedTuple):
    """What opened and ended an incident around an event."""

    last: Event | None
    """The last that did up to the event, itself included."""
    goes_on: bool
    """Whether others came after it."""


def after(incident: Incident, turns: Turns, acks: Collection[int]) -> Incident:
    """Return the incident as it was after an event, where its end and its acknowledgements are concerned.

    Args:
        incident: As it is now.
        turns: What opened and ended it around that event; after the last of them its end is what it is now.
        acks: The pks of the events that had acknowledged it by then.
    """
    ended_at = incident.ended_at
    if turns.goes_on and incident.stateful:
        ended_at = turns.last.occurred_at if turns.last is not None and turns.last.type in ENDS else None
    return incident.but(ended_at=ended_at, acks=tuple(ack for ack in incident.acks if ack.event in acks))
