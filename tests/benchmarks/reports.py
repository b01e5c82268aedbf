"""Kafka reports to rows; the floors are a bare produce of the same reports, and COPY of as many rows."""

import argparse
import asyncio
import json
import time
from uuid import uuid4

import psycopg
import uvloop
from aiokafka import AIOKafkaProducer

from tests.benchmarks.ground import Ground, caught_up, in_own_process, unique
from tests.benchmarks.table import Line
from tests.eventually import eventually
from tests.log import a_report
from tests.pipeline.clients import reported

COUNT = 30_000
INCIDENT = (
    "id, key, source_id, source_incident_id, start_time, stateful, description, search_text, details_url, ticket_url, "
    "metadata, level, received_at, changed_at"
)
EVENT = "id, incident_id, event_id, type, actor_id, occurred_at, received_at, description"


async def reports(ground: Ground, runs: int) -> list[Line]:
    """Measure how fast reports become rows."""
    await reported(ground.stack, ground.source)
    await _to_rows(ground)  # uncounted: it warms the broker up
    rates, produced, copied = [], [], []
    for _ in range(runs):
        rate, produce_rate = await _to_rows(ground)
        rates.append(rate)
        produced.append(produce_rate)
        copied.append(await asyncio.to_thread(_copy, ground.servers.database))
    alone = [await _through_one_store(ground) for _ in range(runs)]
    return [
        Line("Kafka reports to rows, all services at work", "/s", rates, "12000/s", produced, "produce acks=all"),
        Line("  the same", "/s", rates, "", copied, "COPY of the rows"),
        Line("Backlog of reports to rows, the store at work alone", "/s", alone, "12000/s", copied, "COPY of the rows"),
    ]


async def _to_rows(ground: Ground) -> tuple[float, float]:
    words = (ground.servers.kafka, ground.source.topic, unique("report"), COUNT)
    async with await psycopg.AsyncConnection.connect(ground.servers.database, autocommit=True) as connection:
        last = await _last(connection)
        begun = time.perf_counter()
        producing = asyncio.create_task(in_own_process("tests.benchmarks.reports", *words))

        async def stored() -> bool:
            return await _stored(connection, last) >= COUNT

        await eventually(stored, within=120, pause=0.1)
    return COUNT / (time.perf_counter() - begun), (await producing)["per_second"]


async def _through_one_store(ground: Ground) -> float:
    """Let a backlog come into being, and return how many rows a second a store makes of it, once it has begun."""
    stack, name = ground.stack, unique("backlog")
    await stack.stop("store")
    async with await psycopg.AsyncConnection.connect(ground.servers.database) as connection:
        last = await _last(connection)
    await in_own_process("tests.benchmarks.reports", ground.servers.kafka, ground.source.topic, name, COUNT)
    await caught_up(ground, "ingest", "matcher")
    stack.start("store")
    async with await psycopg.AsyncConnection.connect(ground.servers.database, autocommit=True) as connection:
        begun, first = 0.0, 0
        while (stored := await _stored(connection, last)) < COUNT:
            if stored and not first:
                begun, first = time.perf_counter(), stored
            await asyncio.sleep(0.1)
        return (COUNT - first) / (time.perf_counter() - begun)


async def _last(connection: psycopg.AsyncConnection) -> int:
    found = await (await connection.execute("select coalesce(max(id), 0) from incidents")).fetchone()
    return found[0] if found else 0


async def _stored(connection: psycopg.AsyncConnection, last: int) -> int:
    """Return how many incidents have come since; by their pk, so that counting costs little beside what is measured."""
    found = await (await connection.execute("select count(*) from incidents where id > %s", [last])).fetchone()
    return found[0] if found else 0


def _copy(database: str) -> float:
    """Copy as many rows of an incident and its event into tables of the same shape."""
    with psycopg.connect(database, autocommit=True) as connection:
        connection.execute("drop table if exists bench_incidents, bench_events")
        connection.execute("create table bench_incidents (like incidents including all)")
        connection.execute("create table bench_events (like events including all)")
        begun = time.perf_counter()
        for first in range(0, COUNT, 2000):
            with connection.transaction():
                _copy_batch(connection, range(first, first + 2000))
        return COUNT / (time.perf_counter() - begun)


def _copy_batch(connection: psycopg.Connection, numbers: range) -> None:
    now = "2026-11-22T12:00:00Z"
    with connection.cursor().copy(f"copy bench_incidents ({INCIDENT}) from stdin") as copy:
        for number in numbers:
            said = f"Interface on {number} is down"
            copy.write_row(
                (number, f"1:b-{number}", 1, f"b-{number}", now, True, said, said, "", "", "{}", 3, now, now)
            )
    with connection.cursor().copy(f"copy bench_events ({EVENT}) from stdin") as copy:
        for number in numbers:
            copy.write_row((number, number, uuid4(), "STA", 1, now, now, f"Interface on {number} is down"))


async def produce(kafka: str, topic: str, name: str, count: int) -> float:
    """Produce so many reports and return how many a second."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, acks="all", linger_ms=5) as producer:
        begun = time.perf_counter()
        waiting = [await producer.send(topic, _report(name, number), key=_id(name, number)) for number in range(count)]
        await asyncio.gather(*waiting)
        return count / (time.perf_counter() - begun)


def _report(name: str, number: int) -> bytes:
    said = {"description": f"Interface on {name}-{number} is down", "level": 3, "tags": [f"host={name}-{number}"]}
    return a_report("start", f"{name}-{number}", **said)


def _id(name: str, number: int) -> bytes:
    return f"{name}-{number}".encode()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for word in ("kafka", "topic", "name"):
        parser.add_argument(word)
    parser.add_argument("count", type=int)
    print(json.dumps({"per_second": uvloop.run(produce(**vars(parser.parse_args())))}))  # noqa: T201  its result
