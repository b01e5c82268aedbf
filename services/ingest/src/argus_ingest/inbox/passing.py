"""A consumer in front of another one: what it does not do itself it passes on."""

from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from argus_runtime.kafka import Partition, Record
from argus_runtime.sources import Source

S = TypeVar("S", bound=Source)


class Passing(Generic[S]):
    """Delivers what the consumer behind it delivers."""

    def __init__(self, consumer: S) -> None:
        self._consumer = consumer

    async def batches(self, timeout: float, most: int) -> dict[Partition, list[Record]]:  # noqa: ASYNC109
        """Return the next records, `most` in all."""
        return await self._consumer.batches(timeout, most)

    def lag(self) -> dict[Partition, int]:
        """Return how many records each partition has after the last one delivered."""
        return self._consumer.lag()

    def assignment(self) -> set[Partition]:
        """Return the partitions that are ours now."""
        return self._consumer.assignment()

    async def seek(self, partition: Partition, offset: int) -> None:
        """Go on at `offset`."""
        await self._consumer.seek(partition, offset)

    def pause(self, *partitions: Partition) -> None:
        """Deliver nothing of these partitions until they are resumed."""
        self._consumer.pause(*partitions)

    def resume(self, *partitions: Partition) -> None:
        """Deliver their records again."""
        self._consumer.resume(*partitions)

    async def commit(self, positions: Mapping[Partition, int], marks: Mapping[Partition, str] | None = None) -> None:
        """Record that everything before these positions is done."""
        await self._consumer.commit(positions, marks)

    async def committed_marks(self, partitions: Iterable[Partition]) -> dict[Partition, tuple[int | None, str]]:
        """Return the group's positions, each with the text that was committed with it."""
        return await self._consumer.committed_marks(partitions)
