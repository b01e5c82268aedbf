"""What all write requests about incidents are served with."""

from dataclasses import dataclass
from datetime import tzinfo
from uuid import UUID

from argus_ingest.accounts import Accounts
from argus_ingest.readmodel.lookups import Lookups
from argus_ingest.readmodel.postgres import Unreachable
from argus_ingest.web.accepting import Acceptance
from argus_ingest.web.ticketing import Ticketing
from argus_schemas.incident import Event


@dataclass(frozen=True, slots=True)
class Desk:
    """Takes records and looks up what they are about."""

    acceptance: Acceptance
    lookups: Lookups
    accounts: Accounts
    zone: tzinfo
    tickets: Ticketing
    strict_sources: bool = False
    indelible: bool = True
    """Whether incidents stay for ever."""

    async def event(self, event_id: UUID) -> Event | None:
        """Return the event with this identity, if it is stored and can be read now."""
        try:
            return await self.lookups.event(event_id)
        except Unreachable:
            return None
