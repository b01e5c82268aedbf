"""Where each reader stands in each partition of the log."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from argus_cli.positions.readers import READERS, Reader
from argus_database.engine import Sessions
from argus_database.incidents import positions as positions_of_store
from argus_runtime.kafka import Admin, Kafka, Partition
from argus_schemas.topics import INCIDENT_STATES


@dataclass(frozen=True, slots=True)
class Standing:
    """The position of a reader in a partition, if it has one, and where the log begins and ends."""

    reader: str
    place: Partition
    position: int | None
    first: int
    end: int
    remembers: bool = False
    """Whether the reader has states that stem from earlier records; without a position it is then lost."""

    @property
    def lost(self) -> bool:
        """Whether the reader stops here until it is told where to go on."""
        return self.remembers if self.position is None else not self.first <= self.position <= self.end

    @property
    def lag(self) -> int:
        """Records that it has still to read, counted by offsets; those that are gone are not among them."""
        return self.end - min(max(self.position or 0, self.first), self.end)

    def facts(self) -> dict[str, Any]:
        """Return what `--json` shows."""
        return {
            "reader": self.reader, "topic": self.place.topic, "partition": self.place.partition,
            "position": self.position, "start": self.first, "end": self.end, "lag": self.lag, "lost": self.lost,
        }  # fmt: skip


async def standings(
    kafka: Kafka, sessions: Sessions, readers: Iterable[Reader] = tuple(READERS.values())
) -> list[Standing]:
    """Return where readers stand in each partition of their topics."""
    admin = await kafka.admin()
    present = await admin.partitions(await admin.topics())
    places = {reader: list(_places(reader, present, kafka)) for reader in readers}
    # Before where the logs end, which who is at work would else have passed meanwhile.
    positions = {reader: await _positions(reader, admin, sessions) for reader in places}
    bounds = await admin.bounds({place for some in places.values() for place in some})
    found = []
    for reader, some in places.items():
        for place in some:
            position = positions[reader].get(place)
            remembers = reader.remembers and position is None and await _remembers(kafka, place)
            found.append(Standing(reader.name, place, position, *bounds[place], remembers))
    return found


def _places(reader: Reader, present: Mapping[str, int], kafka: Kafka) -> Iterator[Partition]:
    for topic, partitions in sorted(present.items()):
        if reader.reads(kafka.without_prefix(topic)):
            yield from (Partition(topic, number) for number in range(partitions))


async def _positions(reader: Reader, admin: Admin, sessions: Sessions) -> Mapping[Partition, int]:
    if not reader.in_postgresql:
        return await admin.positions(reader.name)
    async with sessions() as session:
        return {Partition(*place): offset for place, offset in (await positions_of_store(session)).items()}


async def _remembers(kafka: Kafka, place: Partition) -> bool:
    """Tell whether the matcher has states of incidents of this partition."""
    reader = await kafka.reader(INCIDENT_STATES, [place.partition], committed=True)
    try:
        states = {record.key: record.value async for record in reader.to_end()}
    finally:
        await reader.close()
    return any(state is not None for state in states.values())
