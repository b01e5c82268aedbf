"""A profile that is changed through the API is soon the one by which every matcher decides."""

import asyncio
import re
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import httpx
from sqlalchemy import select

from argus_database.engine import open_database
from argus_database.tables.profiles import FilterRow
from argus_runtime.kafka import Kafka, Producer, Reader
from argus_runtime.kafka.partitioner import partition_of
from argus_runtime.settings import KafkaSettings
from argus_schemas.records import Start
from argus_schemas.topics import INCIDENT_EVENTS, NOTIFICATIONS, PARTITIONS
from tests.builders import a_draft, a_start
from tests.eventually import eventually
from tests.stack import Member, Servers, running_stack

ALL = set(range(PARTITIONS))
WORST = 5
SECONDS_BETWEEN_EVENTS = 0.02
SECONDS_UNTIL_USED = 10.0
"""Promised is one; what else this machine does must not decide the test."""

_LANES = re.compile(r"^argus_matcher_lanes_open (\S+)$", re.MULTILINE)


async def test_every_matcher_follows_a_changed_filter(
    kafka_server: str, database_url: str, prefix: str, tmp_path: Path, record_property: Callable[[str, object], None]
) -> None:
    servers = Servers(kafka=kafka_server, database=database_url, prefix=prefix, smtp_port=1)
    settings = KafkaSettings(bootstrap_servers=kafka_server, prefix=prefix)
    async with running_stack(tmp_path, servers) as stack, Kafka(settings) as kafka:
        workers = [stack.start("matcher", f"matcher {number}") for number in (1, 2)]
        api = stack.start("api")
        await stack.all_ready()
        alice = await stack.person("alice", {"maxlevel": 1})
        await eventually(lambda: _share(workers), within=40, pause=0.2)
        told = await kafka.reader(NOTIFICATIONS, committed=True)

        async with _events(await kafka.producer()) as sent:
            await eventually(lambda: len(sent) > 10 * PARTITIONS)
            pk = await _filter_of(servers, alice.pk)
            async with httpx.AsyncClient(base_url=api.url) as http:
                answer = await http.patch(
                    f"/api/v2/notificationprofiles/filters/{pk}/", json={"filter": {"maxlevel": WORST}},
                    headers={"Authorization": f"Token {alice.token}"},
                )  # fmt: skip
            answered = time.time()
            assert answer.status_code == 200, answer.text
            first = await _first_told(told, sent)

        seconds = max(sent[incident] - answered for incident in first.values())
        record_property("seconds until a changed filter was used by every matcher", f"{seconds:.3f}")
        print(f"\nused by both matchers in all partitions {seconds:.3f} s after the answer")  # noqa: T201  to be read
        assert seconds < SECONDS_UNTIL_USED


async def _share(workers: list[Member]) -> bool:
    """Tell whether each matcher has partitions, and together they have all."""
    lanes = [sum(map(float, _LANES.findall(await worker.metrics()))) for worker in workers]
    return sum(lanes) == PARTITIONS and all(lanes)


@asynccontextmanager
async def _events(producer: Producer) -> AsyncIterator[dict[int, float]]:
    """Append a start to every partition again and again, and give when the incident of each was sent."""
    sent: dict[int, float] = {}
    stop = asyncio.Event()

    async def send() -> None:
        while not stop.is_set():
            for partition in ALL:
                pk = len(sent) + 1
                sent[pk] = time.time()
                await (await producer.send(INCIDENT_EVENTS, *_start(pk, partition)))
            await asyncio.sleep(SECONDS_BETWEEN_EVENTS)

    sending = asyncio.create_task(send())
    try:
        yield sent
    finally:
        stop.set()
        await sending


def _start(pk: int, partition: int) -> tuple[str, Start]:
    """Return an incident of the worst level, whose key is in a partition."""
    names = (f"{pk}-{number}" for number in range(10_000))
    name = next(name for name in names if partition_of(f"2:{name}", PARTITIONS) == partition)
    now = datetime.now(UTC)
    draft = a_draft(source_incident_id=name, start_time=now, level=WORST)
    key = f"2:{name}"
    return key, a_start(incident_pk=pk, event_pk=1_000_000 + pk, draft=draft, key=key, occurred_at=now, received_at=now)


async def _filter_of(servers: Servers, user: int) -> int:
    async with open_database(servers.database) as sessions, sessions() as session:
        return (await session.scalars(select(FilterRow.id).where(FilterRow.user_id == user))).one()


async def _first_told(told: Reader, sent: dict[int, float]) -> dict[int, int]:
    """Return the first incident of each partition that somebody is told of."""
    first: dict[int, int] = {}

    async def in_all_partitions() -> bool:
        for records in (await told.batches(timeout=0.05)).values():
            for record in records:
                incident = NOTIFICATIONS.decode(record.value or b"").incident
                partition = partition_of(incident.key, PARTITIONS)
                first[partition] = min(first.get(partition, incident.pk), incident.pk)
        return first.keys() == ALL

    await eventually(in_all_partitions, within=SECONDS_UNTIL_USED)
    return first
