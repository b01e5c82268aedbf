"""What the watch asks PostgreSQL, on a connection of its own, whose lock makes it one watch."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime, timedelta

from argus_api.concerns import ABOUT, EXPIRING, SILENT, Concern, Token, Watched
from argus_api.listening import Connection, connected, takes

LOCK = 0x4172677573_04
"""The advisory lock of the watch: whoever holds it looks, the other api processes wait."""

_SOURCES = "select id, name, type, slug, last_seen, heartbeat_frequency from sources order by id"
_TOKENS = """
select t.id, t.expires_at, s.id, s.name || ' (' || s.type || ')', exists (
    select from tokens other where other.user_id = t.user_id and other.id <> t.id and other.kind <> 'knox'
    and (other.expires_at is null or other.expires_at > %(now)s))
from tokens t join sources s on s.user_id = t.user_id join users u on u.id = t.user_id and u.is_active
where t.kind <> 'knox' and t.expires_at < %(until)s order by t.id
"""
_CONCERNS = """
select i.id, i.source_incident_id, coalesce(i.changed_at, i.start_time), array(
    select t.value from incident_tags t where t.incident_id = i.id and t.key = %(about)s order by t.value)
from incidents i where i.source_id = %(own)s and i.stateful and (i.ended_at is null or i.ended_at > %(now)s)
and exists (select from incident_tags t where t.incident_id = i.id and t.key = 'problem_type' and t.value = %(kind)s)
order by i.id
"""
_ENDED = """
select id, source_incident_id, coalesce(changed_at, start_time), array[]::text[] from incidents
where source_id = %(own)s and source_incident_id = any(%(ids)s) and ended_at <= %(now)s
"""


class Register:
    """Sources, their tokens, and the incidents of Argus's own about them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def is_ours(self) -> bool:
        """Take the lock if nobody has it, and tell whether we do."""
        return await takes(self._connection, LOCK)

    async def sources(self) -> list[Watched]:
        """Return all sources."""
        cursor = await self._connection.execute(_SOURCES)
        return [Watched(*row) for row in await cursor.fetchall()]

    async def tokens(self, now: datetime, notice: timedelta) -> list[Token]:
        """Return the tokens of sources that expire within `notice`."""
        cursor = await self._connection.execute(_TOKENS, {"now": now, "until": now + notice})
        return [Token(*row) for row in await cursor.fetchall()]

    async def silences(self, own: int, now: datetime) -> list[Concern]:
        """Return the open incidents about silent sources."""
        return await self._concerns(own, now, SILENT)

    async def expiries(self, own: int, now: datetime) -> list[Concern]:
        """Return the open incidents about tokens."""
        return await self._concerns(own, now, EXPIRING)

    async def ended(self, own: int, now: datetime, ids: Sequence[str]) -> list[Concern]:
        """Return those of the incidents with these ids that have ended."""
        cursor = await self._connection.execute(_ENDED, {"own": own, "now": now, "ids": list(ids)})
        return [_concern(row) for row in await cursor.fetchall()]

    async def _concerns(self, own: int, now: datetime, kind: str) -> list[Concern]:
        cursor = await self._connection.execute(_CONCERNS, {"own": own, "now": now, "kind": kind, "about": ABOUT})
        return [_concern(row) for row in await cursor.fetchall()]


def _concern(row: Sequence[object]) -> Concern:
    pk, id_, changed_at, about = row
    return Concern(pk, id_, changed_at, tuple(about))  # type: ignore[arg-type]  # psycopg cannot know


@asynccontextmanager
async def open_register(url: str) -> AsyncIterator[Register]:
    """Give the register of the database at `url`."""
    async with connected(url, "argus watch") as connection:
        yield Register(connection)
