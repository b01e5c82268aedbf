"""What lanes need of Kafka beside the events that Faust brings them."""

from collections.abc import AsyncIterator, Iterable, Mapping

from argus_matcher.lane import GROUP, Lane, Pace, Standing
from argus_runtime.kafka import Kafka, Partition, Record
from argus_schemas.topics import INCIDENT_EVENTS, INCIDENT_STATES


class KafkaLog:
    """The log as it is in Kafka."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._pace = Pace()

    async def new_lane(self, source: Partition) -> Lane:
        """Return a lane with a transactional producer that belongs to its partition."""
        producer = await self._kafka.transactional(f"{GROUP}-{INCIDENT_EVENTS.name}-{source.partition}")
        return Lane(source, producer, self._pace)

    async def standings(self, positions: Mapping[Partition, int | None]) -> dict[Partition, Standing]:
        """Return where each partition's log begins and ends, beside the committed position."""
        # Not through Faust's consumer: on its connection each answer waits for a fetch of up to 1.5 s.
        reader = await self._kafka.reader(INCIDENT_EVENTS, _numbers(positions))
        try:
            first, end = await reader.beginning(), await reader.end()
        finally:
            await reader.close()
        return {place: Standing(position, first[place], end[place]) for place, position in positions.items()}

    async def committed_states(self, source: Partition) -> AsyncIterator[Record]:
        """Yield the states of the partition's incidents that were committed, in their order."""
        reader = await self._kafka.reader(INCIDENT_STATES, [source.partition], committed=True)
        try:
            async for record in reader.to_end():
                yield record
        finally:
            await reader.close()


def _numbers(partitions: Iterable[Partition]) -> list[int]:
    return [partition.partition for partition in partitions]
