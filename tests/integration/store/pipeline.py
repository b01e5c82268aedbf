"""What tests say to the log and ask of the rows."""

from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any, Self, TypeVar

from aiokafka import TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.records_to_delete import RecordsToDelete
from sqlalchemy import text

from argus_database.engine import Sessions, open_database
from argus_runtime.kafka import Kafka, Partition, Producer, Record
from argus_schemas.records import Record as IncidentRecord
from argus_schemas.topics import DEAD_LETTERS, INCIDENT_EVENTS, Topic
from argus_store.settings import Settings
from tests.eventually import eventually

TABLES = {
    "incidents": "id", "incident_tags": "incident_id, ordinal", "events": "id", "acks": "event_id",
    "outcomes": "event_id", "aliases": "pk", "notifications": "id", "attempts": "notification_id, replay, attempt",
}  # fmt: skip


T = TypeVar("T")


def there(found: T | None) -> T:
    """What was found, since the test is about something that must be there."""
    assert found is not None
    return found


class NoLetters:
    """For logs in which nothing is a dead letter."""

    async def bury(self, record: Record, reason: str, *, attempts: int = 1) -> None:
        raise AssertionError(f"{record.place}: {reason}")

    async def bury_bytes(self, key: bytes | None, value: bytes | None, origin: str, reason: str) -> None:
        raise AssertionError(f"{origin}: {reason}")


NO_LETTERS = NoLetters()


@dataclass
class Tables:
    """What tests ask of the rows."""

    sessions: Sessions

    async def rows(self, statement: str, **values: Any) -> list[tuple[Any, ...]]:
        async with self.sessions() as session:
            return [tuple(row) for row in await session.execute(text(statement), values)]

    async def do(self, statement: str, **values: Any) -> None:
        async with self.sessions.begin() as session:
            await session.execute(text(statement), values)

    async def everything(self) -> dict[str, list[tuple[Any, ...]]]:
        """All rows but the positions."""
        return {
            table: await self.rows(f"SELECT t::text FROM {table} t ORDER BY {order}") for table, order in TABLES.items()
        }


@dataclass
class Pipeline(Tables):
    kafka: Kafka
    producer: Producer
    bootstrap_servers: str

    @classmethod
    @asynccontextmanager
    async def opened(cls, kafka: Kafka, settings: Settings) -> AsyncIterator[Self]:
        async with open_database(settings.database_url) as sessions:
            yield cls(sessions, kafka, await kafka.producer(), settings.bootstrap_servers)

    async def send(self, *records: IncidentRecord) -> None:
        """Append records of incidents and return once they are stored."""
        await self.append(INCIDENT_EVENTS, ((record.key, record.to_bytes()) for record in records))

    async def append(self, topic: Topic[Any], values: Iterable[tuple[str | None, bytes | None]]) -> None:
        sent = [await self.producer.send(topic, key, value) for key, value in values]
        for place in sent:
            await place

    async def ends(self, topics: Iterable[Topic[Any]] = (INCIDENT_EVENTS,)) -> dict[Partition, int]:
        return await (await self.kafka.admin()).ends(topics)

    async def positions(self) -> dict[tuple[str, int], int]:
        rows = await self.rows("SELECT topic, partition, next_offset FROM positions")
        return {(topic, partition): offset for topic, partition, offset in rows}

    async def stored(self, *topics: Topic[Any], within: float = 60) -> None:
        """Return once the store has passed all that was appended."""
        ends = await self.ends(topics or (INCIDENT_EVENTS,))

        async def passed() -> bool:
            positions = await self.positions()
            return all(
                positions.get((partition.topic, partition.partition), 0) >= end for partition, end in ends.items()
            )

        await eventually(passed, within=within)

    async def expire(self, topic: Topic[Any]) -> None:
        """Delete all records of a topic, as its retention would."""
        client = AIOKafkaAdminClient(bootstrap_servers=self.bootstrap_servers)
        await client.start()
        ends = (await self.ends([topic])).items()
        await client.delete_records({TopicPartition(*name): RecordsToDelete(before_offset=end) for name, end in ends})
        await client.close()

    async def dead_letters(self) -> list[Record]:
        reader = await self.kafka.reader(DEAD_LETTERS)
        letters = [letter async for letter in reader.to_end()]
        await reader.close()
        return letters


def header(letter: Record, name: str) -> str:
    return dict(letter.headers)[name].decode()


async def add_source(sessions: Sessions) -> None:
    """Configure the source of the builders, which incidents are read back with."""
    async with sessions.begin() as session:
        for statement in (
            "INSERT INTO users (id, username) VALUES (6, 'nav1'), (7, 'alice')",
            "INSERT INTO source_types (name) VALUES ('nav') ON CONFLICT DO NOTHING",
            "INSERT INTO sources VALUES (2, 'nav1', 'nav1', 'nav', 6, 'http://nav1.example.org/')",
        ):
            await session.execute(text(statement))
