"""Events to committed notifications through one matcher: how many a second, and how late at a steady rate.

It holds ten thousand filters, and the state of each incident; each event tells one destination, for some five profiles.
The floors: a bare consumer of the same events, and a bare record from its sending to a reader of committed records.
"""

import asyncio
import sys
import tempfile
import time
from pathlib import Path

from aiokafka import AIOKafkaConsumer

from argus_local.kafka import Kafka as KafkaServer
from argus_local.server import running
from argus_schemas.configuration import document_key
from argus_schemas.topics import INCIDENT_EVENTS, NOTIFICATIONS, RULES
from tests.benchmarks.footprint import cpu
from tests.benchmarks.ground import Ground, in_own_process, unique
from tests.benchmarks.index import Draw
from tests.benchmarks.table import Line, machine, shown
from tests.builders import a_profile
from tests.eventually import eventually
from tests.integration.matcher.world import World, world_of
from tests.stack import Member

FILTERS = 10_000
COUNT = 20_000
FILTERS_OF_A_SOURCE = 5
DESTINATION = 4
RATES = {50: ("", "", ""), 300: ("15 ms", "60 ms", "40 %")}
SECONDS = 15
SECONDS_TO_BEGIN = 2


async def matcher(ground: Ground, runs: int) -> list[Line]:
    """Measure a matcher of its own on the broker of the others."""
    return await measure(ground.servers.kafka, runs)


async def measure(brokers: str, runs: int) -> list[Line]:
    """Measure throughput first, then the delays at each rate."""
    lines = [await _throughput(brokers, runs)]
    for rate in RATES:
        lines += await _delays(brokers, rate, runs)
    return lines


async def publish(world: World, filters: int) -> None:
    """Publish profiles of which each has a filter, and one that wants everything; they tell the same destination."""
    draw = Draw(filters, FILTERS_OF_A_SOURCE)
    drawn = (draw.profile(pk).but(owner=7, destinations=(DESTINATION,)) for pk in range(1, filters))
    everything = a_profile(pk=filters, destinations=(DESTINATION,))
    sent = [
        await world.producer.send(RULES, document_key(each.kind, each.pk), each) for each in (*drawn, everything)
    ]  # fmt: skip
    await asyncio.gather(*sent)


async def _throughput(brokers: str, runs: int) -> Line:
    rates, floors = [], []
    for _ in range(runs):
        rate, floor = await _backlog(brokers)
        rates.append(rate)
        floors.append(floor)
    return Line(f"Events through one matcher, {FILTERS:,} filters", "/s", rates, "3300/s", floors, "bare consumer")


async def _backlog(brokers: str) -> tuple[float, float]:
    """Return how fast a matcher, and a bare consumer, work off a backlog; starting does not count."""
    prefix = f"{unique('matcher')}."
    with tempfile.TemporaryDirectory() as folder:
        async with world_of(brokers, prefix, Path(folder)) as world:
            await publish(world, FILTERS)
            await in_own_process("tests.benchmarks.events", "fill", brokers, prefix, COUNT, 1)
            world.start()
            await world.all_matched(within=120)
            at = [record.appended_at_ms for record in await world.read(NOTIFICATIONS)]
            assert len(at) == COUNT, f"{len(at)} notifications of {COUNT} events"
            return COUNT / ((max(at) - min(at)) / 1000), await _consumed(world, brokers)


async def _consumed(world: World, brokers: str) -> float:
    name = world.kafka.name(INCIDENT_EVENTS)
    async with AIOKafkaConsumer(name, bootstrap_servers=brokers, auto_offset_reset="earliest") as consumer:
        seen, begun = 0, time.perf_counter()
        while seen < COUNT:
            seen += sum(map(len, (await consumer.getmany(timeout_ms=1000)).values()))
        return COUNT / (time.perf_counter() - begun)


async def _delays(brokers: str, rate: int, runs: int) -> list[Line]:
    prefix = f"{unique('matcher')}."
    with tempfile.TemporaryDirectory() as folder:
        async with world_of(brokers, prefix, Path(folder)) as world:
            await publish(world, FILTERS)
            matcher = world.start()
            await eventually(matcher.ready, within=30)
            words = ("flow", brokers, prefix, rate)
            await in_own_process("tests.benchmarks.events", *words, 2)  # warm up
            pairs = [
                await asyncio.gather(in_own_process("tests.benchmarks.events", *words, SECONDS), _share(matcher))
                for _ in range(runs)
            ]
    found, shares = zip(*pairs, strict=True)
    title = f"Event to committed notification at {rate}/s"
    return [
        *(
            Line(
                f"{title}, {name}", "ms", [one[name] for one in found], target,
                [one[f"bare_{name}"] for one in found], "bare record",
            )
            for name, target in zip(("p50", "p99"), RATES[rate], strict=False)
        ),
        Line("  matcher", "% of a core", shares, RATES[rate][-1]),
    ]  # fmt: skip


async def _share(matcher: Member) -> float:
    await asyncio.sleep(SECONDS_TO_BEGIN)
    return (await cpu({"matcher": matcher.pid}))["matcher"]


def run(runs: int = 3) -> list[Line]:
    """Measure on a broker of our own."""
    with tempfile.TemporaryDirectory() as folder, running(KafkaServer(Path(folder), compiler="")) as started:
        return asyncio.run(measure(f"127.0.0.1:{started.server.port}", runs))


if __name__ == "__main__":
    sys.stdout.write(f"{machine()}\n\n{shown(run())}\n")
