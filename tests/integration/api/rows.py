"""Rows of incidents as the store would have written them."""

from datetime import timedelta
from itertools import count
from uuid import uuid4

from argus_database.tables.incidents import AckRow, EventRow, IncidentRow, IncidentTagRow
from tests.builders import NOON

_PKS = count(1000)


async def an_incident(sessions, source, *, tags=(), minutes=0, ended=None, acked=None, **changes):
    """Store an incident; `acked` is a tuple of expiries."""
    pk = next(_PKS)
    fields = {
        "id": pk, "key": f"{source}:{pk}", "source_id": source, "source_incident_id": str(pk),
        "start_time": NOON - timedelta(days=400) + timedelta(minutes=minutes), "stateful": True, "ended_at": ended,
        "description": "Box down", "level": 3, "details_url": "", "ticket_url": "", "metadata_": {}, "search_text": "",
        "changed_at": NOON, "received_at": NOON,
    } | changes  # fmt: skip
    async with sessions.begin() as session:
        session.add(IncidentRow(**fields))
        for ordinal, tag in enumerate(tags):
            key, value = tag.split("=", 1)
            session.add(
                IncidentTagRow(incident_id=pk, key=key, value=value, added_by=1, added_at=NOON, ordinal=ordinal)
            )
    for expires_at in acked or ():
        event = await an_event(sessions, pk, "ACK", 1)
        async with sessions.begin() as session:
            session.add(AckRow(event_id=event, incident_id=pk, expires_at=expires_at))
    return pk


async def an_event(sessions, incident, type_, actor, *, minutes=0, description=""):
    """Store an event."""
    pk = next(_PKS)
    async with sessions.begin() as session:
        session.add(
            EventRow(
                id=pk,
                incident_id=incident,
                event_id=uuid4(),
                type=type_,
                actor_id=actor,
                digest=None,
                occurred_at=NOON + timedelta(minutes=minutes),
                received_at=NOON,
                description=description,
            )
        )
    return pk
