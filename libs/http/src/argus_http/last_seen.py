"""When a source was last heard of: written at most once a second for all of them (specification 2.1.7)."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from datetime import UTC, datetime

from sqlalchemy import update
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.tables.accounts import SourceRow

log = logging.getLogger(__name__)


class LastSeen:
    """Remembers which sources made themselves heard, until `flush` writes it."""

    def __init__(self) -> None:
        self._seen: set[int] = set()

    def saw(self, source_id: int | None) -> None:
        """Note that the source asked for something."""
        if source_id is not None:
            self._seen.add(source_id)

    async def flush(self, write: Callable[[Iterable[int], datetime], Awaitable[None]]) -> None:
        """Write what was noted since the last time; what cannot be written is noted again."""
        seen, self._seen = self._seen, set()
        if not seen:
            return
        try:
            await write(sorted(seen), datetime.now(UTC))
        except Exception:  # a heartbeat that is late does no harm; the database's state is reported elsewhere
            log.debug("could not write when sources were last seen", exc_info=True)
            self._seen |= seen


async def write_last_seen(session: AsyncSession, sources: Iterable[int], at: datetime) -> None:
    """Set `last_seen` of `sources`."""
    await session.execute(update(SourceRow).where(SourceRow.id.in_(sources)).values(last_seen=at))
