"""Reading a partition's memory from the log, before the first attempt."""

import logging
import time
from dataclasses import dataclass, field

from argus_dispatch.memory import Memory
from argus_runtime.errors import PositionLost
from argus_runtime.kafka import Kafka, Reader
from argus_runtime.log import at
from argus_schemas.topics import DELIVERIES, NOTIFICATIONS

DAY_MS = 24 * 60 * 60 * 1000
"""So long before the oldest unfinished notification its partition's deliveries are read."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Recollection:
    """What the log says about a partition at the moment it became ours."""

    position: int
    """The oldest unfinished notification."""
    end: int
    """Where the notifications end that an earlier owner may have delivered."""
    memory: Memory = field(default_factory=Memory)


async def recall(kafka: Kafka, partition: int, committed: int | None) -> Recollection:
    """Return what the log says about a partition.

    Raises:
        LogUnavailable: it does not answer.
        RecordsGone: it was shortened meanwhile.
        PositionLost: the committed position lies outside it.
    """
    notifications = await kafka.reader(NOTIFICATIONS, [partition], committed=True)
    try:
        position, end, oldest_ms = await _oldest(notifications, committed)
    finally:
        await notifications.close()
    # Uncommitted, so that a transaction of the matcher's that is still open hides none of our own records.
    deliveries = await kafka.reader(DELIVERIES, [partition])
    try:
        memory = await _remembered(deliveries, oldest_ms - DAY_MS)
    finally:
        await deliveries.close()
    log.info("%s remembers %s notifications, begins at %s", kafka.name(NOTIFICATIONS), len(memory), position)
    return Recollection(position, end, memory)


async def _oldest(reader: Reader, committed: int | None) -> tuple[int, int, int]:
    """Return where to begin, where the log ends, and when the first unfinished notification was appended."""
    (partition,) = reader.partitions
    begin, end = (await reader.beginning())[partition], (await reader.end())[partition]
    position = begin if committed is None else committed
    if not begin <= position <= end:
        raise PositionLost(f"{partition}@{position}", begin, end)
    await reader.seek(partition, position)
    first = await anext(reader.to_end(), None)
    return position, end, int(time.time() * 1000) if first is None else first.appended_at_ms


async def _remembered(reader: Reader, since_ms: int) -> Memory:
    memory = Memory()
    (partition,) = reader.partitions
    start = await reader.offset_at(partition, since_ms)
    if start is None:
        return memory
    await reader.seek(partition, start)
    async for record in reader.to_end():
        try:
            memory.hear(DELIVERIES.decode(record.value or b""))
        except ValueError as error:
            log.warning("unreadable delivery %s: %s", record.place, error, extra=at(record.place))
    return memory
