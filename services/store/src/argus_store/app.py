"""Store: the records of the log become rows.

One consumer, of committed records only, reads all three topics, so that one transaction takes what is there: nobody
writes `incident-events` in a transaction, for which committed and written are the same, and the others must be read so.
"""

import asyncio

from argus_runtime.dead_letters import DeadLetters
from argus_runtime.health import Health
from argus_runtime.kafka import Kafka
from argus_schemas.topics import DEAD_LETTERS, DELIVERIES, INCIDENT_EVENTS, NOTIFICATIONS
from argus_store.handler import Handler
from argus_store.intake import Intake, Pace
from argus_store.link import Link
from argus_store.settings import Settings

TOPICS = (INCIDENT_EVENTS, NOTIFICATIONS, DELIVERIES)


async def run(
    settings: Settings,
    stop: asyncio.Event,
    health: Health,
    pace: Pace = Pace(),  # noqa: B008  it is frozen
) -> None:
    """Run until `stop` is set."""
    link = Link(settings.database_url)
    try:
        async with Kafka(settings) as kafka:
            topics = {kafka.name(topic): topic for topic in TOPICS}
            letters = DeadLetters(await kafka.producer(), settings.service, settings.prefix)
            intake = Intake(
                Handler(link, letters), link, topics,
                database=health.check("database"), positions=health.check("positions"), pace=pace,
            )  # fmt: skip
            if not await kafka.verify_catalogue((*TOPICS, DEAD_LETTERS), stop=stop, check=health.check("kafka")):
                return
            consumer = await kafka.consumer(
                *TOPICS, group="store", committed=True, on_assigned=intake.on_assigned, on_revoked=intake.on_revoked
            )
            await intake.run(consumer, stop, settings.batch)
    finally:
        await link.close()
