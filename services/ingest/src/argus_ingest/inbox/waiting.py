"""Topics whose source is not known yet, or not active: they wait, and hold up nobody else."""

import logging
from collections.abc import Callable

from argus_ingest.inbox.passing import Passing
from argus_ingest.metrics import TOPICS_WAITING
from argus_runtime.errors import PartitionTaken
from argus_runtime.kafka import Partition, Record
from argus_runtime.sources import Source

log = logging.getLogger(__name__)


class KnownSources(Passing[Source]):
    """A consumer that delivers only records of topics whose source is known; the others it keeps for later."""

    def __init__(self, consumer: Source, is_known: Callable[[str], bool]) -> None:
        super().__init__(consumer)
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
