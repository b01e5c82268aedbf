"""The part of the log that the store has taken."""

import re
from collections.abc import AsyncIterator, Iterable
from typing import Any, NamedTuple

from argus_cli.verification.findings import Findings
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Kafka, Reader, Record
from argus_schemas.topics import DEAD_LETTERS, Topic

SECONDS_WITHOUT_RECORDS = 15
PLACE = re.compile(r"(?P<topic>.+)\[(?P<partition>\d+)\]@(?P<offset>\d+)")


class Part(NamedTuple):
    """A partition from its first record up to the store's position."""

    topic: Topic[Any]
    number: int
    begins: int
    ends: int

    @property
    def whole(self) -> bool:
        """Whether the log still has its very first record."""
        return self.begins == 0


async def taken(
    kafka: Kafka, topic: Topic[Any], positions: dict[tuple[str, int], int], findings: Findings
) -> list[Part]:
    """Return the parts of a topic that rows must account for; a position outside the log is a finding."""
    name = kafka.name(topic)
    reader = await kafka.reader(topic, committed=True)
    try:
        first, end = await reader.beginning(), await reader.end()
    finally:
        await reader.close()
    parts = []
    for partition in sorted(first):
        position = positions.get((name, partition.partition), first[partition])
        findings.counts["offsets not yet stored"] += max(0, end[partition] - position)
        if not first[partition] <= position <= end[partition]:
            findings.add(f"{partition}: the store's position {position} is outside {first[partition]}-{end[partition]}")
            continue
        parts.append(Part(topic, partition.partition, first[partition], position))
    return parts


async def records(kafka: Kafka, part: Part) -> AsyncIterator[list[Record]]:
    """Yield the records of a part, in batches and in order."""
    if part.begins == part.ends:
        return
    reader = await kafka.reader(part.topic, [part.number], committed=True)
    try:
        async for batch in _batches(reader):
            yield [record for record in batch if record.offset < part.ends]
            if await _passed(reader, part):
                return
    finally:
        await reader.close()


async def _batches(reader: Reader) -> AsyncIterator[list[Record]]:
    silent = 0
    while silent < SECONDS_WITHOUT_RECORDS:
        found = await reader.batches(timeout=1.0)
        silent = 0 if found else silent + 1
        yield [record for batch in found.values() for record in batch]
    raise LogUnavailable(f"no records for {SECONDS_WITHOUT_RECORDS} s, though there are some")


async def _passed(reader: Reader, part: Part) -> bool:
    (partition,) = reader.partitions
    return await reader.position(partition) >= part.ends


async def buried(kafka: Kafka, topics: Iterable[Topic[Any]]) -> set[tuple[str, int, int]]:
    """Return the places of the records of our own topics that are dead letters."""
    names = {kafka.name(topic) for topic in topics}
    places = set()
    reader = await kafka.reader(DEAD_LETTERS)
    try:
        async for record in reader.to_end():
            origin = dict(record.headers).get("origin", b"").decode(errors="replace")
            found = PLACE.fullmatch(origin)
            if found and found["topic"] in names:
                places.add((found["topic"], int(found["partition"]), int(found["offset"])))
    finally:
        await reader.close()
    return places
