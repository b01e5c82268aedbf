"""The whole verification, on one snapshot of PostgreSQL: what it has taken, and the log up to there."""

from sqlalchemy import func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from argus_cli.environment import Settings
from argus_cli.verification import notifications
from argus_cli.verification.findings import Findings
from argus_cli.verification.incidents import Books, unknown
from argus_cli.verification.log import buried, taken
from argus_database.engine import open_database
from argus_database.incidents import positions
from argus_database.tables.incidents import EventRow
from argus_runtime.kafka import Kafka
from argus_schemas.topics import DELIVERIES, INCIDENT_EVENTS, NOTIFICATIONS

TAKEN = (INCIDENT_EVENTS, NOTIFICATIONS, DELIVERIES)


async def audit(where: Settings) -> Findings:
    """Return what was compared and what disagrees; safe while everything runs."""
    findings = Findings()
    async with (
        open_database(where.database_url, application="argus verify") as sessions,
        Kafka(where) as kafka,
        sessions.begin() as session,
    ):
        await session.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY"))
        reached = await positions(session)
        dead = await buried(kafka, TAKEN)
        await _incidents(session, kafka, reached, dead, findings)
        for topic in (NOTIFICATIONS, DELIVERIES):
            for part in await taken(kafka, topic, reached, findings):
                await notifications.balance(session, kafka, part, dead, findings)
        for state, many in (await notifications.states(session)).items():
            findings.counts[f"notifications {state}"] = many
    return findings


async def _incidents(
    session: AsyncSession,
    kafka: Kafka,
    reached: dict[tuple[str, int], int],
    dead: set[tuple[str, int, int]],
    findings: Findings,
) -> None:
    parts = await taken(kafka, INCIDENT_EVENTS, reached, findings)
    keys: set[str] = set()
    for part in parts:
        keys |= await Books(session, part, dead, findings).balance(kafka)
    if all(part.whole for part in parts):
        await unknown(session, keys, findings)
        rows = await session.scalar(select(func.count()).select_from(EventRow)) or 0
        if rows > findings.counts["events"]:
            findings.add(f"{rows} events have rows, {findings.counts['events']} by the log")
