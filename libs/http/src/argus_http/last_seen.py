"""When a source was last heard of: written at most every few seconds for each (specification 2.1.7)."""

import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from datetime import UTC, datetime

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

SECONDS_BETWEEN_WRITES = 5.0
"""For one source; it is well below the shortest heartbeat, which is a minute."""

# Locked in one order, since several processes write about the same sources.
_WRITE = text(
    """
    WITH later AS (
        SELECT s.id, seen.at FROM unnest(CAST(:sources AS bigint[]), CAST(:moments AS timestamptz[])) AS seen(id, at)
        JOIN sources s ON s.id = seen.id WHERE s.last_seen IS NULL OR s.last_seen < seen.at
        ORDER BY s.id FOR NO KEY UPDATE OF s
    )
    UPDATE sources SET last_seen = later.at FROM later WHERE sources.id = later.id
    """
)

log = logging.getLogger(__name__)


class LastSeen:
    """Remembers which sources made themselves heard, until `flush` writes it."""

    def __init__(self, *, between: float = SECONDS_BETWEEN_WRITES, clock: Callable[[], float] = time.monotonic) -> None:
        self._between = between
        self._clock = clock
        self._seen: dict[int, datetime] = {}
        self._written: dict[int, float] = {}

    def saw(self, source_id: int | None, at: datetime | None = None) -> None:
        """Note that the source was heard of, now or at another moment."""
        if source_id is not None:
            self._note(source_id, at or datetime.now(UTC))

    def _note(self, source_id: int, at: datetime) -> None:
        known = self._seen.get(source_id)
        if known is None or known < at:
            self._seen[source_id] = at

    async def flush(self, write: Callable[[Mapping[int, datetime]], Awaitable[None]]) -> None:
        """Write what was noted, except of sources of which was written lately; what cannot be written is kept."""
        now = self._clock()
        self._written = {source: at for source, at in self._written.items() if now - at < self._between}
        due = {source: at for source, at in self._seen.items() if source not in self._written}
        if not due:
            return
        for source in due:
            del self._seen[source]
        try:
            await write(due)
        except Exception:  # a heartbeat that is late does no harm; the database's state is reported elsewhere
            log.debug("could not write when sources were last seen", exc_info=True)
            for source, at in due.items():
                self._note(source, at)
        else:
            self._written |= dict.fromkeys(due, now)


async def write_last_seen(session: AsyncSession, seen: Mapping[int, datetime]) -> None:
    """Set `last_seen` of sources that were not seen later already."""
    await session.execute(_WRITE, {"sources": list(seen), "moments": list(seen.values())})
