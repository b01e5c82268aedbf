"""Single incidents, for many who ask at once: one statement shows them all.

A statement costs api twice what all the rest of such a request does.
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from argus_api.database import Database
from argus_api.repositories import incidents as repository
from argus_api.repositories.shown import ShownIncident
from argus_runtime.batched import Batched
from argus_schemas.base import sought


class Details:
    """Looks incidents up by the pks that people know."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._incidents = Batched(self._fetch)

    async def get(self, pk: int) -> ShownIncident | None:
        """Return the incident that people know as `pk`.

        Raises:
            Unavailable: PostgreSQL is away.
        """
        return await self._incidents.get(sought(pk))

    async def _fetch(self, pks: Sequence[int]) -> dict[int, ShownIncident]:
        async with self._database.reading() as session:
            return await repository.by_pks(session, pks, datetime.now(UTC))
