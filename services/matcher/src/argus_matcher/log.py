"""What lanes need of Kafka beside the events that Faust brings them."""

import asyncio
from collections.abc import AsyncIterator, Mapping

from argus_matcher.lane import GROUP, Lane
from argus_matcher.standing import Standing
from argus_matcher.waiting import Pace
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Kafka, Partition, Record, owner_id
from argus_schemas.topics import INCIDENT_EVENTS, INCIDENT_STATES


class KafkaLog:
    """The log as it is in Kafka."""

    def __init__(self, kafka: Kafka) -> None:
        self._kafka = kafka
        self._pace = Pace()

    async def new_lane(self, source: Partition) -> Lane:
        """Return a lane with a transactional producer that belongs to its partition."""
        producer = await self._kafka.transactional(owner_id(GROUP, INCIDENT_EVENTS, source.partition))
        return Lane(source, producer, self._pace)

    async def standings(self, positions: Mapping[Partition, int | None]) -> dict[Partition, Standing]:
        """Return where each partition's log begins and ends, beside the committed position and the text beside that.

        Raises:
            LogUnavailable: the group's position is not the one that Faust has read a moment before.
        """
        # Not through Faust's consumer: it drops the text, and on its connection an answer waits for a fetch of 1.5 s.
        async with self._kafka.outsider(GROUP) as outsider:
            marks, first, end = await asyncio.gather(
                outsider.committed_marks(positions), outsider.beginning(positions), outsider.end(positions)
            )
        for place, read in positions.items():
            if (marks[place][0] or None) != (read or None):  # Faust takes a position of 0 for none
                raise LogUnavailable(f"position {place}@{marks[place][0]} was {read} a moment before")
        return {place: Standing(position, first[place], end[place], text) for place, (position, text) in marks.items()}

    async def committed_states(self, source: Partition) -> AsyncIterator[Record]:
        """Yield the states of the partition's incidents that were committed, in their order."""
        reader = await self._kafka.reader(INCIDENT_STATES, [source.partition], committed=True)
        try:
            async for record in reader.to_end():
                yield record
        finally:
            await reader.close()
