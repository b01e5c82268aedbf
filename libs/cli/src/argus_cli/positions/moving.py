"""Telling a reader where to go on."""

import re
from collections.abc import Sequence
from typing import Literal

from argus_cli.errors import MISUSED, Failure
from argus_cli.positions.readers import READERS, Reader
from argus_cli.positions.standings import Standing, standings
from argus_database.engine import Sessions
from argus_database.positions import set_positions
from argus_runtime.errors import PartitionTaken
from argus_runtime.kafka import Kafka, Partition

Target = Literal["earliest", "latest"] | int
_PLACE = re.compile(r"(?P<topic>[^\[\]]+)(?:\[(?P<partition>\d{1,9})\])?", re.ASCII)


async def move(kafka: Kafka, sessions: Sessions, name: str, place: str, target: Target) -> list[tuple[Standing, int]]:
    """Set a reader's position in `TOPIC` or `TOPIC[PARTITION]`; return where it stood and where it goes on.

    Raises:
        Failure: there is no such reader, topic or partition, the log does not have the offset, or the reader must
            be stopped first.
    """
    reader = READERS.get(name)
    if reader is None:
        raise Failure(f"There is no reader named {name!r}.", f"Readers are {', '.join(READERS)}.", MISUSED)
    chosen = _chosen(reader, place, kafka, await standings(kafka, sessions, [reader]))
    moved = [(standing, _offset(standing, target, many=len(chosen) > 1)) for standing in chosen]
    await _set(kafka, sessions, reader, {standing.place: offset for standing, offset in moved})
    return moved


def _chosen(reader: Reader, place: str, kafka: Kafka, mine: Sequence[Standing]) -> list[Standing]:
    asked = _PLACE.fullmatch(place)
    topic = kafka.without_prefix(asked["topic"]) if asked else place
    of_topic = [standing for standing in mine if kafka.without_prefix(standing.place.topic) == topic]
    if asked is None or not of_topic:
        known = sorted({kafka.without_prefix(standing.place.topic) for standing in mine})
        said = f"It reads {', '.join(known)}." if known else "None of its topics is there: `argus topics` creates them."
        raise Failure(f"{reader.name} reads no topic {topic!r}.", said, MISUSED)
    if asked["partition"] is None:
        return of_topic
    number = int(asked["partition"])
    if found := [standing for standing in of_topic if standing.place.partition == number]:
        return found
    raise Failure(f"{topic} has no partition {number}.", f"It has 0 to {len(of_topic) - 1}.", MISUSED)


def _offset(standing: Standing, target: Target, *, many: bool) -> int:
    if target == "earliest":
        return standing.first
    if target == "latest":
        return standing.end
    if many:
        raise Failure("An offset is one partition's.", f"Name it: '{standing.place.topic}[0]'.", MISUSED)
    if not standing.first <= target <= standing.end:
        raise Failure(
            f"Offset {target} lies outside the log of {standing.place}.", f"It has {standing.first} to {standing.end}.",
            MISUSED,
        )  # fmt: skip
    return target


async def _set(kafka: Kafka, sessions: Sessions, reader: Reader, offsets: dict[Partition, int]) -> None:
    if reader.in_postgresql:
        async with sessions.begin() as session:
            await set_positions(session, {(place.topic, place.partition): at for place, at in offsets.items()})
        return
    try:
        await kafka.move(reader.name, offsets)
    except PartitionTaken:
        raise Failure(
            f"{reader.name} is at work, and Kafka lets nobody else move its positions meanwhile.",
            f"Stop every {reader.name}, wait until its session has ended (10 s after a crash), and try again.",
        ) from None
