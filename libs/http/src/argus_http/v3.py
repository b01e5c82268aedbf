"""What v3 shows of an incident: tags as texts, and when its source was last seen (specification 2.4.2)."""

from datetime import datetime, tzinfo
from typing import Any

from argus_http import v2
from argus_http.moments import shown
from argus_http.views import IncidentView


def incident(
    view: IncidentView, *, acked: bool, at: datetime, zone: tzinfo, last_seen: datetime | None
) -> dict[str, Any]:
    """Return the incident as v3 shows it at the moment `at`."""
    full = v2.incident(view, acked=acked, at=at, zone=zone)
    last = {name: full.pop(name) for name in ("metadata", "stateful", "open", "acked")}
    full["source"]["last_seen"] = shown(last_seen, zone)
    return full | {"tags": [f"{tag.key}={tag.value}" for tag in view.tags]} | last
