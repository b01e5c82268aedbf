"""Who waits for whom in PostgreSQL."""

from sqlalchemy import text

from argus_database.engine import Sessions


async def somebody_waits(sessions: Sessions, kind: str) -> bool:
    """Tell whether somebody waits for a lock of this kind, such as `advisory`, or `transactionid` for a row's."""
    async with sessions() as session:
        found = text("SELECT count(*) FROM pg_locks WHERE NOT granted AND locktype = :kind")
        return bool(await session.scalar(found, {"kind": kind}))
