"""What the matcher would remember of incidents, as far as the read model knows it: for a matcher that has lost it."""

from collections.abc import AsyncIterator
from datetime import timedelta

from sqlalchemy import text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.incidents import DOCUMENT, TABLES
from argus_domain.fold import MOST_RECENT
from argus_schemas.memory import MOST_TOLD, MatcherState

AT_ONCE = 20
"""Incidents in memory; each may have 4 MiB."""

# Who was told of its latest start, or later that it is open: what the matcher promises an end.
_TOLD = """
    SELECT n.destination_id AS destination, max(n.owner_id) AS owner, array_agg(DISTINCT p.pk) AS profiles
    FROM notifications n JOIN events e ON e.event_id = n.event_id, LATERAL unnest(n.profiles) p (pk)
    WHERE n.incident_id = i.id AND n.matched_at IS NOT NULL
      AND (n.purpose = 'event' AND e.type IN ('STA', 'RES', 'REO') OR n.purpose IN ('maintenance over', 'settled')
           OR n.purpose LIKE 'escalation %')
      AND e.received_at >= coalesce((
        SELECT max(again.received_at) FROM events again WHERE again.incident_id = i.id AND again.type IN ('RES', 'REO')
      ), '-infinity')
    GROUP BY n.destination_id ORDER BY n.destination_id LIMIT :most_told
"""
_RECENT = """
    SELECT e.event_id, e.received_at, e.id FROM events e
    WHERE e.incident_id = i.id ORDER BY e.occurred_at DESC, e.id DESC LIMIT :recent
"""
_STATES = text(
    f"""
    SELECT json_build_object(
        'incident', CAST({DOCUMENT} AS json),
        'recent', (SELECT coalesce(json_agg(r.event_id ORDER BY r.received_at, r.id), '[]') FROM ({_RECENT}) r),
        'told', (SELECT coalesce(json_agg(t), '[]') FROM ({_TOLD}) t)
    )::text
    FROM {TABLES}
    WHERE i.stateful AND (i.ended_at IS NULL OR i.ended_at > now() - CAST(:closed_for AS interval))
    ORDER BY i.id
    """  # noqa: S608  built of constants
)


async def remembered(session: AsyncSession, closed_for: timedelta) -> AsyncIterator[MatcherState]:
    """Yield what is to be remembered of the incidents that are open, and of those that have not been closed for long.

    What waits for its time (escalations, what maintenance or damping withheld) is not known here. In a transaction that
    reads repeatably all are as at its first statement; a few are in memory at a time.
    """
    values = {"recent": MOST_RECENT, "most_told": MOST_TOLD, "closed_for": closed_for}
    rows = await session.stream_scalars(_STATES, values, execution_options={"yield_per": AT_ONCE})
    async for document in rows:
        yield MatcherState.read(document)
