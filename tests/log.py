"""The log as a glue service or an operator sees it: a producer that knows only its own ids, and all of a topic."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition

from argus_schemas.topics import PARTITIONS

LARGEST = 5 * 1024 * 1024


@dataclass(frozen=True)
class Read:
    """A record as it stands in a topic."""

    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: dict[str, bytes]

    def json(self) -> Any:
        return json.loads(self.value or b"null")


@asynccontextmanager
async def glue(kafka: str) -> AsyncIterator[AIOKafkaProducer]:
    """Give a producer as any glue author would make it."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all", max_request_size=LARGEST) as producer:
        yield producer


def a_report(type_: str, source_incident_id: str, **said: Any) -> bytes:
    """Return a report of now."""
    report = {"type": type_, "source_incident_id": source_incident_id, "occurred_at": datetime.now(UTC).isoformat()}
    return json.dumps(report | said).encode()


async def read_all(kafka: str, topic: str, *, partitions: int = PARTITIONS, committed: bool = False) -> list[Read]:
    """Return all records of a topic up to its present end."""
    isolation = "read_committed" if committed else "read_uncommitted"
    found: list[Read] = []
    async with AIOKafkaConsumer(
        bootstrap_servers=kafka, isolation_level=isolation, max_partition_fetch_bytes=LARGEST
    ) as consumer:
        of_topic = [TopicPartition(topic, number) for number in range(partitions)]
        consumer.assign(of_topic)
        await consumer.seek_to_beginning(*of_topic)
        ends = await consumer.end_offsets(of_topic)
        for partition in of_topic:
            while await consumer.position(partition) < ends[partition]:
                for records in (await consumer.getmany(timeout_ms=200)).values():
                    found.extend(
                        Read(each.partition, each.offset, each.key, each.value, dict(each.headers)) for each in records
                    )
    return found
