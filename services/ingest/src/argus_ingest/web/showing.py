"""What answers show of an incident, in v2 and v3."""

from datetime import UTC, datetime
from typing import Any

from argus_domain.states import is_acked
from argus_http import v2, v3
from argus_ingest.created import Created
from argus_ingest.readmodel.postgres import Unreachable
from argus_ingest.web.errands import Errand
from argus_schemas.incident import Incident


async def shown(errand: Errand, incident: Incident | Created) -> dict[str, Any]:
    """Return the incident as the version of the API that was asked shows it now."""
    at, zone = datetime.now(UTC), errand.desk.zone
    acked = isinstance(incident, Incident) and is_acked(incident, at)
    if not errand.v3:
        return v2.incident(incident, acked=acked, at=at, zone=zone)
    seen = await _last_seen(errand, incident.source.pk, at)
    return v3.incident(incident, acked=acked, at=at, zone=zone, last_seen=seen)


async def _last_seen(errand: Errand, source: int, now: datetime) -> datetime | None:
    """Return when the source was last heard of: now, where it is the one that asks."""
    if errand.principal.source_id == source:
        return now
    try:
        return await errand.desk.lookups.last_seen(source)
    except Unreachable:
        return None
