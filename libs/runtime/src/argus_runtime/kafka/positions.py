"""Where to begin: at the given position if the log has it, never silently somewhere else."""

from collections.abc import Iterable, Mapping

from aiokafka import AIOKafkaConsumer, errors

from argus_runtime.errors import PositionLost
from argus_runtime.kafka.records import Partition
from argus_runtime.kafka.translation import ours, theirs, translating


def lost(error: errors.OffsetOutOfRangeError) -> dict[Partition, PositionLost]:
    """Return the positions that the broker has no records for, as a fetch found out."""
    return {ours(partition): PositionLost(f"{ours(partition)}@{at}") for partition, at in error.args[0].items()}


class Log:
    """Questions to the broker about partitions, asked through a consumer's connection."""

    def __init__(self, client: AIOKafkaConsumer) -> None:
        self._client = client

    async def beginning(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Return the offset of the first record that each log still has."""
        with translating():
            found = await self._client.beginning_offsets([theirs(partition) for partition in partitions])
        return {ours(partition): offset for partition, offset in found.items()}

    async def end(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        """Return the offset of the next record; a reader of committed records gets the end of those."""
        with translating():
            found = await self._client.end_offsets([theirs(partition) for partition in partitions])
        return {ours(partition): offset for partition, offset in found.items()}

    async def offset_at(self, partition: Partition, ms: int) -> int | None:
        """Return the offset of the first record that was appended at or after `ms`, if there is one."""
        with translating():
            found = (await self._client.offsets_for_times({theirs(partition): max(0, ms)}))[theirs(partition)]
        return None if found is None else int(found.offset)

    async def placed(
        self, positions: Mapping[Partition, int | None]
    ) -> tuple[dict[Partition, int], dict[Partition, PositionLost]]:
        """Return where to begin, and which positions lie outside their logs."""
        if not positions:
            return {}, {}
        first, end = await self.beginning(positions), await self.end(positions)
        begin: dict[Partition, int] = {}
        lost: dict[Partition, PositionLost] = {}
        for partition, position in positions.items():
            if position is not None and not first[partition] <= position <= end[partition]:
                lost[partition] = PositionLost(f"{partition}@{position}", first[partition], end[partition])
            else:
                begin[partition] = first[partition] if position is None else position
        return begin, lost
