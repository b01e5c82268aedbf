"""Incidents that this process has answered lately, for the time that PostgreSQL is away."""

from collections import OrderedDict

from argus_ingest.created import Created
from argus_schemas.incident import Incident

MOST_KNOWN = 10_000


class Known:
    """The incidents used last, by pk."""

    def __init__(self, most: int = MOST_KNOWN) -> None:
        self._most = most
        self._incidents: OrderedDict[int, Incident | Created] = OrderedDict()

    def remember(self, pk: int, incident: Incident | Created) -> None:
        """Keep the incident under the pk by which it is asked for."""
        self._incidents[pk] = incident
        self._incidents.move_to_end(pk)
        if len(self._incidents) > self._most:
            self._incidents.popitem(last=False)

    def get(self, pk: int) -> Incident | None:
        """Return the incident as it was when it was last answered."""
        known = self._incidents.get(pk)
        return known.incident() if isinstance(known, Created) else known
