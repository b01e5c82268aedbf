"""States of incidents, onto the topic on which matchers keep them."""

from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import NamedTuple

from argus_cli.rebuilding.places import GROUP, Standing
from argus_runtime.kafka import Kafka, Partition, TransactionalProducer, owner_id, partition_of
from argus_runtime.openings import CLOSED
from argus_schemas.topics import INCIDENT_EVENTS, INCIDENT_STATES, MEBIBYTE

MOST_STATES = 500
MOST_BYTES = 4 * MEBIBYTE
"""In a transaction, which the broker breaks off after ten seconds; one state may be larger."""


async def present(kafka: Kafka) -> set[bytes]:
    """Return the keys of the incidents of which the topic has a state."""
    keys: set[bytes] = set()
    reader = await kafka.reader(INCIDENT_STATES, committed=True)
    try:
        async for record in reader.to_end():
            (keys.discard if record.value is None else keys.add)(record.key or b"")
    finally:
        await reader.close()
    return keys


class _State(NamedTuple):
    key: bytes
    value: bytes | None


class States:
    """Writes states as the matchers of their partitions would, of whom none can go on writing."""

    def __init__(self, kafka: Kafka, places: Collection[Partition]) -> None:
        self._kafka = kafka
        self.places = places
        self._producers: dict[int, TransactionalProducer] = {}
        self._waiting: dict[int, list[_State]] = defaultdict(list)
        self._bytes: dict[int, int] = defaultdict(int)

    async def start(self) -> None:
        """Fence whoever may still be asleep: from here on nobody's position moves."""
        for place in self.places:
            producer = await self._kafka.transactional(owner_id(GROUP, INCIDENT_EVENTS, place.partition))
            await producer.start()
            self._producers[place.partition] = producer

    async def put(self, key: bytes, value: bytes | None) -> None:
        """Write a state, soon; None: forget it."""
        number = partition_of(key, len(self.places))
        self._waiting[number].append(_State(key, value))
        self._bytes[number] += len(value or b"")
        if len(self._waiting[number]) >= MOST_STATES or self._bytes[number] >= MOST_BYTES:
            await self._write(number)

    async def finish(self, standings: Iterable[Standing]) -> None:
        """Write what is left, and last the positions: until then a matcher finds that it has to be told where to begin.

        Beside them stands that the partitions are in nobody's hands.
        """
        for standing in standings:
            await self._write(standing.place.partition)
            producer = self._producers[standing.place.partition]
            async with producer.transaction():
                producer.send_offsets({standing.place: standing.store}, GROUP, {standing.place: CLOSED})

    async def _write(self, number: int) -> None:
        states = self._waiting.pop(number, [])
        self._bytes.pop(number, None)
        if states:
            async with self._producers[number].transaction():
                for key, value in states:
                    await self._producers[number].send(INCIDENT_STATES, key, value, partition=number)
