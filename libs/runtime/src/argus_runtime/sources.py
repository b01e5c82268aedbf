"""What the loop needs of a consumer, so that a fake can stand in for it."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from argus_runtime.kafka import Partition, Record


class Pausable(Protocol):
    """What can stop and go on delivering the records of a partition."""

    def assignment(self) -> set[Partition]:
        """Return the partitions that are ours now."""

    def pause(self, *partitions: Partition) -> None:
        """Deliver nothing of these partitions."""

    def resume(self, *partitions: Partition) -> None:
        """Deliver their records again."""


class Source(Pausable, Protocol):
    """What the loop needs of a `Consumer`."""

    async def batches(self, timeout: float, most: int) -> dict[Partition, list[Record]]:  # noqa: ASYNC109
        """Return the next records."""

    async def seek(self, partition: Partition, offset: int) -> None:
        """Go on at `offset`."""

    async def commit(self, positions: Mapping[Partition, int], marks: Mapping[Partition, str] | None = None) -> None:
        """Record that everything before these positions is done."""

    async def committed_marks(self, partitions: Iterable[Partition]) -> dict[Partition, tuple[int | None, str]]:
        """Return the group's positions and marks."""

    def lag(self) -> dict[Partition, int]:
        """Return how many records each partition has after the last one delivered, as far as that is known."""
