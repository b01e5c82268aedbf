"""Topics of a test's own, matchers beside them, and what a matcher that never failed would have left behind."""

import asyncio
from collections import defaultdict
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import Any

from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Kafka, Producer, Record
from argus_runtime.settings import KafkaSettings
from argus_schemas.configuration import Maintenance, Profile, document_key
from argus_schemas.memory import MatcherState
from argus_schemas.notification import Delivery, Notification
from argus_schemas.records import IncidentRecord
from argus_schemas.topics import DELIVERIES, INCIDENT_EVENTS, INCIDENT_STATES, NOTIFICATIONS, RULES, Topic
from tests.eventually import eventually
from tests.stack import Member, Servers, Stack

SESSION_SECONDS = 3.0
Rule = Profile | Maintenance


class World:
    """What stands in Kafka, and the matchers that work on it."""

    def __init__(self, kafka: Kafka, producer: Producer, matchers: Stack) -> None:
        self.kafka = kafka
        self.producer = producer
        self.matchers = matchers

    def start(self, name: str = "matcher", module: str = "argus_matcher") -> Member:
        """Start a matcher, which is started again whenever it ends."""
        return self.matchers.start("matcher", name, module, ARGUS_KAFKA_SESSION_TIMEOUT=str(SESSION_SECONDS))

    async def publish(self, *rules: Rule) -> None:
        """Publish rules as the relay does."""
        for rule in rules:
            await (await self.producer.send(RULES, document_key(rule.kind, rule.pk), rule))

    async def append(self, *records: IncidentRecord) -> None:
        """Append records as ingest does."""
        await asyncio.gather(*[await self.producer.send(INCIDENT_EVENTS, record.key, record) for record in records])

    async def read(self, topic: Topic[Any]) -> list[Record]:
        """Return all that is committed on a topic, each partition in its order, once nothing is in between any more."""
        return [record async for record in self.each(topic)]

    async def each(self, topic: Topic[Any]) -> AsyncIterator[Record]:
        """Yield all that is committed on a topic, each partition in its order, once nothing is in between any more.

        A transaction is decided, and its positions count, before the broker has said so on all of its partitions.
        """
        await self._decided(topic)
        reader = await self.kafka.reader(topic, committed=True)
        try:
            async for record in reader.to_end():
                yield record
        finally:
            await reader.close()

    async def _decided(self, topic: Topic[Any]) -> None:
        admin = await self.kafka.admin()

        async def nothing_pending() -> bool:
            ends = await admin.ends([topic])
            return ends == {partition: end for partition, (_, end) in (await admin.bounds(ends.keys())).items()}

        try:
            await eventually(nothing_pending, within=30, pause=0.1)
        finally:
            await admin.close()

    async def notifications(self) -> list[Notification]:
        """Return what a dispatcher would read."""
        return [NOTIFICATIONS.decode(record.value or b"") for record in await self.read(NOTIFICATIONS)]

    async def deliveries(self) -> list[Delivery]:
        """Return what was withheld."""
        return [DELIVERIES.decode(record.value or b"") for record in await self.read(DELIVERIES)]

    async def states(self) -> dict[str, MatcherState]:
        """Return what the matchers remember."""
        latest = {(record.key or b"").decode(): record.value for record in await self.read(INCIDENT_STATES)}
        return {key: INCIDENT_STATES.decode(value) for key, value in latest.items() if value is not None}

    async def all_matched(self, within: float = 30.0) -> None:
        """Return when the group's positions stand at the ends of the log."""
        admin = await self.kafka.admin()

        async def caught_up() -> bool:
            ends = await admin.ends([INCIDENT_EVENTS])
            try:
                positions = await admin.positions("matcher")
            except LogUnavailable:  # a broker that has just started makes its topics when it is first asked
                return False
            return all(positions.get(partition, 0) == end for partition, end in ends.items())

        try:
            await eventually(caught_up, within=within, pause=0.1)
        finally:
            await admin.close()


def by_incident(notifications: Iterable[Notification]) -> dict[tuple[int, int], list[str]]:
    """Return for each incident and destination what was told of it, in order."""
    told = defaultdict(list)
    for notification in notifications:
        told[notification.incident.pk, notification.destination].append(
            f"{notification.event.type} {notification.event.pk} {notification.id}"
        )
    return dict(told)


@asynccontextmanager
async def world_of(bootstrap_servers: str, prefix: str, folder: Path) -> AsyncIterator[World]:
    """Give a world with fresh topics, whose matchers are stopped afterwards."""
    settings = KafkaSettings(bootstrap_servers=bootstrap_servers, prefix=prefix)
    matchers = Stack(folder, Servers(kafka=bootstrap_servers, database="", prefix=prefix, smtp_port=0))
    async with Kafka(settings) as kafka:
        admin = await kafka.admin()
        await admin.create()
        try:
            yield World(kafka, await kafka.producer(), matchers)
        except BaseException:
            print(matchers.tail())  # noqa: T201  pytest shows it where the test failed
            raise
        finally:
            await matchers.stop()
            with suppress(LogUnavailable):  # a test that fails while its broker is away shows its own error
                await admin.delete(await admin.topics())
