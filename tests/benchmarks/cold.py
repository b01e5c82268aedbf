"""A matcher's cold start: from its process's start to the first event matched, and the memory that it takes by then.

It finds a hundred thousand profiles with a filter each, and as many open incidents, as an earlier owner left them.
"""

import asyncio
import tempfile
import time
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any
from uuid import uuid4

from argus_local.kafka import Kafka as KafkaServer
from argus_local.server import running
from argus_runtime.kafka import Partition
from argus_schemas.configuration import Profile, document_key
from argus_schemas.memory import MatcherState, Told
from argus_schemas.topics import INCIDENT_EVENTS, INCIDENT_STATES, NOTIFICATIONS, PARTITIONS, RULES
from argus_schemas.words import Level
from tests.benchmarks.footprint import memory
from tests.benchmarks.index import Draw
from tests.benchmarks.table import Line
from tests.builders import NAV, a_draft, a_profile, a_start, an_incident
from tests.integration.matcher.world import World, world_of

FILTERS = 100_000
INCIDENTS = 100_000
AT_ONCE = 5_000
SECONDS = 180


async def cold(runs: int) -> list[Line]:
    """Measure on a broker of our own: with the filters, then with the incidents as well."""
    with tempfile.TemporaryDirectory() as folder, running(KafkaServer(Path(folder), compiler="")) as started:
        brokers = f"127.0.0.1:{started.server.port}"
        filters = [await _started(brokers, FILTERS, 0) for _ in range(runs)]
        both = [await _started(brokers, FILTERS, INCIDENTS) for _ in range(runs)]
    with_filters = f"{FILTERS:,} filters"
    return [
        Line(f"Matcher's start to its first event matched, {with_filters}", "s", [one["seconds"] for one in filters]),
        Line(f"  and {INCIDENTS:,} open incidents", "s", [one["seconds"] for one in both], "30 s"),
        Line(f"  memory, {with_filters}", "MiB", [one["MiB"] for one in filters], "250 MB"),
        Line(f"  and {INCIDENTS:,} open incidents", "MiB", [one["MiB"] for one in both]),
    ]


async def _started(brokers: str, filters: int, incidents: int) -> dict[str, float]:
    async with _left(brokers, filters, incidents) as world:
        watching = await world.kafka.reader(NOTIFICATIONS, committed=True)
        now = datetime.now(UTC)
        await world.append(a_start(occurred_at=now, received_at=now, draft=a_draft(start_time=now)))
        begun = time.perf_counter()
        matcher = world.start()
        async with asyncio.timeout(SECONDS):
            while not await watching.batches():
                """Nobody has been told."""
        return {"seconds": time.perf_counter() - begun, "MiB": memory({"matcher": matcher.pid})["matcher"]}


@asynccontextmanager
async def _left(brokers: str, filters: int, incidents: int) -> AsyncIterator[World]:
    """Give a world that an earlier owner left with rules, states and positions."""
    with tempfile.TemporaryDirectory() as folder:
        async with world_of(brokers, f"cold-{uuid4().hex[:8]}.", Path(folder)) as world:
            for some in _by(AT_ONCE, _profiles(filters)):
                sent = [await world.producer.send(RULES, document_key(each.kind, each.pk), each) for each in some]
                await asyncio.gather(*sent)
            await _leave(world, incidents)
            yield world


async def _leave(world: World, incidents: int) -> None:
    """Commit states and positions, as lanes do."""
    owner = await world.kafka.transactional("matcher-bench")
    await owner.start()
    positions = {Partition(world.kafka.name(INCIDENT_EVENTS), number): 0 for number in range(PARTITIONS)}
    for some in _by(AT_ONCE, _states(incidents)):
        async with owner.transaction():
            for state in some:
                await owner.send(INCIDENT_STATES, state.incident.key, state)
            owner.send_offsets(positions, "matcher")
    await owner.close()


def _profiles(count: int) -> Iterator[Profile]:
    draw = Draw(count)
    yield from (draw.profile(pk) for pk in range(1, count))
    yield a_profile(pk=count)


def _states(count: int) -> Iterator[MatcherState]:
    for pk in range(1, count + 1):
        name = f"box-{pk}.example.org/interface/{pk % 48}"
        incident = an_incident(
            pk=pk, key=f"{NAV.pk}:{name}", source_incident_id=name, level=Level.MODERATE,
            description=f"{name} has been down since it was last seen", details_url=f"/incidents/{pk}",
        )  # fmt: skip
        yield MatcherState(
            incident=incident,
            recent=(uuid4(),),
            told=(Told(destination=pk % 500 + 1, owner=7, profiles=(pk % 900 + 1,)),),
        )


def _by(count: int, these: Iterable[Any]) -> Iterator[list[Any]]:
    left = iter(these)
    while some := list(islice(left, count)):
        yield some
