"""Topics whose source is not known yet, or not active: they wait, and hold up nobody else."""

import logging
from collections.abc import Callable, Iterable, Mapping

from argus_ingest.metrics import TOPICS_WAITING
from argus_runtime.errors import PartitionTaken
from argus_runtime.kafka import Consumer, Partition, Record

log = logging.getLogger(__name__)


class KnownSources:
    """A consumer that delivers only records of topics whose source is known; the others it keeps for later."""

    def __init__(self, consumer: Consumer, is_known: Callable[[str], bool]) -> None:
        self._consumer = consumer
        self._is_known = is_known
        self._waiting: set[Partition] = set()

    async def batches(self, timeout: float, most: int) -> dict[Partition, list[Record]]:  # noqa: ASYNC109
        """Return the next records of sources that are known."""
        self._look()
        batches = await self._consumer.batches(timeout, most)
        for partition in [each for each in batches if not self._is_known(each.topic)]:
            await self._hold(partition, batches.pop(partition)[0].offset)
        return batches

    async def _hold(self, partition: Partition, offset: int) -> None:
        if partition not in self._waiting:
            log.warning("%s waits: its source is not known, or not active", partition.topic)
        try:
            self._consumer.pause(partition)
            await self._consumer.seek(partition, offset)
        except PartitionTaken:
            return
        self._waiting.add(partition)
        TOPICS_WAITING.set(len(self._waiting))

    def _look(self) -> None:
        """Go on with those whose source has come, and forget those that are others' now."""
        if not self._waiting:
            return
        ours = self._consumer.assignment()
        for partition in [each for each in self._waiting if each not in ours or self._is_known(each.topic)]:
            self._waiting.discard(partition)
            if partition in ours:
                self._consumer.resume(partition)
        TOPICS_WAITING.set(len(self._waiting))

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
