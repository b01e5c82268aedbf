"""Incidents that this process has answered lately, for the time that PostgreSQL is away."""

from collections import OrderedDict

from argus_ingest.created import Created
from argus_schemas.incident import Incident
from argus_schemas.records import Create

MOST_KNOWN = 10_000
MOST_BYTES = 64 * 1024 * 1024


class Known:
    """The incidents used last, by pk; as JSON, which is a small part of what objects of a hostile source would take."""

    def __init__(self, most: int = MOST_KNOWN, most_bytes: int = MOST_BYTES) -> None:
        self._most = most
        self._most_bytes = most_bytes
        self._bytes = 0
        self._incidents: OrderedDict[int, tuple[type[Incident | Create], bytes]] = OrderedDict()

    def remember(self, pk: int, incident: Incident | Created) -> None:
        """Keep the incident under the pk by which it is asked for."""
        self.forget(pk)
        kept = incident.record if isinstance(incident, Created) else incident
        self._incidents[pk] = type(kept), kept.to_bytes()
        self._bytes += len(self._incidents[pk][1])
        while len(self._incidents) > self._most or self._bytes > self._most_bytes:
            self.forget(next(iter(self._incidents)))

    def forget(self, pk: int) -> None:
        """Keep the incident no longer, for example because it is deleted."""
        if pk in self._incidents:
            self._bytes -= len(self._incidents.pop(pk)[1])

    def get(self, pk: int) -> Incident | None:
        """Return the incident as it was when it was last answered."""
        if pk not in self._incidents:
            return None
        kind, document = self._incidents[pk]
        known = kind.read(document)
        return known if isinstance(known, Incident) else Created(known).incident()
