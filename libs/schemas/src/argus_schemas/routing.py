"""Which requests go to ingest; all else goes to the api. The gateway and `deploy/` read it here."""

import re

WRITES = frozenset({"POST", "PUT", "PATCH", "DELETE"})

INGEST_PATHS = (
    r"/api/ingest/v1/.*",
    r"/api/v[23]/incidents/?",
    r"/api/v[23]/incidents/mine/?",
    r"/api/v[23]/incidents/\d+/.*",
    r"/api/v[23]/incidents/\d+",
    r"/api/v2/incidents/(acks|events|ticket_url)/bulk/?",
    r"/api/v2/incidents/sources/heartbeat/?",
)
"""Paths whose write requests are about incidents."""

_PATTERN = re.compile("|".join(f"(?:{path})" for path in INGEST_PATHS), re.DOTALL)


def is_ingest(method: str, path: str) -> bool:
    """Tell whether a request is ingest's: one that writes about incidents."""
    return method.upper() in WRITES and _PATTERN.fullmatch(path) is not None
