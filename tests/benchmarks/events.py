"""Events for a matcher, from a process of their own, and when the notifications of each were committed.

Prints JSON: with `fill`, how many events a second were appended; with `flow`, p50 and p99 in ms from the sending of an
event to the moment at which a reader of committed records has its notification, and the same for a bare record.
"""

import argparse
import asyncio
import json
import statistics
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import uvloop
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer

from argus_schemas.records import IncidentRecord
from argus_schemas.topics import DELIVERIES, INCIDENT_EVENTS, NOTIFICATIONS
from argus_schemas.words import EventType
from tests.builders import a_draft, a_happening, a_start

SECONDS_TO_ARRIVE = 30


def events(first: int) -> Iterator[IncidentRecord]:
    """Yield a start and an end for one incident after another; the events' pks count from `first`."""
    pk = first
    while True:
        now, name = datetime.now(UTC), f"box-{pk}"
        common: dict[str, Any] = {"key": f"2:{name}", "occurred_at": now, "received_at": now}
        draft = a_draft(source_incident_id=name, start_time=now)
        yield a_start(incident_pk=pk, event_pk=pk, draft=draft, **common)
        yield a_happening(EventType.END, event_pk=pk + 1, **common)
        pk += 2


async def fill(producer: AIOKafkaProducer, prefix: str, count: int) -> dict[str, float]:
    """Append events as fast as Kafka takes them."""
    source = events(1)
    begun = time.perf_counter()
    waiting = [await _send(producer, prefix, next(source)) for _ in range(count)]
    await asyncio.gather(*waiting)
    return {"per_second": count / (time.perf_counter() - begun)}


async def flow(producer: AIOKafkaProducer, prefix: str, brokers: str, rate: float, seconds: float) -> dict[str, float]:
    """Append events at a rate and see when their notifications are committed."""
    matched = await _delays(producer, prefix, brokers, rate, seconds, bare=False)
    bare = await _delays(producer, prefix, brokers, rate, min(seconds, 5), bare=True)
    return {"p50": _at(matched, 50), "p99": _at(matched, 99), "bare_p50": _at(bare, 50), "bare_p99": _at(bare, 99)}


async def _delays(
    producer: AIOKafkaProducer, prefix: str, brokers: str, rate: float, seconds: float, *, bare: bool
) -> list[float]:
    topic = prefix + (DELIVERIES if bare else NOTIFICATIONS).name
    sent: dict[int, float] = {}
    delays: list[float] = []
    reader = AIOKafkaConsumer(
        topic, bootstrap_servers=brokers, isolation_level="read_committed", auto_offset_reset="latest"
    )
    await reader.start()
    for partition in reader.assignment():
        await reader.position(partition)  # the end as it is now
    reading = asyncio.create_task(_read(reader, sent, delays, int(rate * seconds)))
    source, begun, first = events(time.time_ns() // 1000), time.perf_counter(), 0
    for number in range(int(rate * seconds)):
        event = next(source)
        pk: int = event.event_pk  # type: ignore[union-attr]
        first = first or pk
        await asyncio.sleep(max(0.0, begun + number / rate - time.perf_counter()))
        sent[pk] = time.perf_counter()
        await (producer.send(topic, b"%d" % pk) if bare else _send(producer, prefix, event))
    await asyncio.wait_for(reading, SECONDS_TO_ARRIVE)
    await reader.stop()
    return delays


async def _read(reader: AIOKafkaConsumer, sent: dict[int, float], delays: list[float], count: int) -> None:
    while len(delays) < count:
        async for record in reader:
            now = time.perf_counter()
            value = record.value or b""
            pk = int(value) if value.isdigit() else NOTIFICATIONS.decode(value).event.pk
            if pk in sent:
                delays.append(1000 * (now - sent[pk]))
            if len(delays) >= count:
                break


async def _send(producer: AIOKafkaProducer, prefix: str, event: IncidentRecord) -> "asyncio.Future[Any]":
    queued: asyncio.Future[Any] = await producer.send(
        prefix + INCIDENT_EVENTS.name, event.to_bytes(), key=event.key.encode()
    )
    return queued


def _at(values: list[float], percent: int) -> float:
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


async def main(what: str, brokers: str, prefix: str, rate: float, seconds: float) -> dict[str, float]:
    """Do what was asked and return the figures."""
    async with AIOKafkaProducer(bootstrap_servers=brokers, acks="all") as producer:
        if what == "fill":
            return await fill(producer, prefix, int(rate * seconds))
        return await flow(producer, prefix, brokers, rate, seconds)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("what", choices=["fill", "flow"])
    for word in ("brokers", "prefix"):
        parser.add_argument(word)
    for word in ("rate", "seconds"):
        parser.add_argument(word, type=float)
    print(json.dumps(uvloop.run(main(**vars(parser.parse_args())))))  # noqa: T201  its result
