"""What happens when a group's partitions change hands."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Iterable, Mapping
from contextlib import suppress

from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition, errors

from argus_runtime.errors import PositionLost, TransientError
from argus_runtime.kafka.positions import Log
from argus_runtime.kafka.records import Partition
from argus_runtime.kafka.translation import ours, theirs, translating

Rebalanced = Callable[[set[Partition]], Awaitable[None]]
Lost = Callable[[Mapping[Partition, PositionLost]], None]
"""Hears of partitions that stand still, since their positions lie outside the log."""
Mark = tuple[int | None, str]
"""A committed position and the text committed with it."""

SECONDS_BETWEEN_TRIES = 1.0

log = logging.getLogger(__name__)


class Membership(ConsumerRebalanceListener):  # type: ignore[misc]  # the library has no types
    """Prepares new partitions before anything of them is delivered, and lets go of old ones in order."""

    def __init__(
        self,
        client: AIOKafkaConsumer,
        log_: Log,
        on_assigned: Rebalanced | None,
        on_revoked: Rebalanced | None,
        on_lost: Lost | None = None,
        *,
        between_tries: float = SECONDS_BETWEEN_TRIES,
    ) -> None:
        self._client = client
        self._between_tries = between_tries
        self._log = log_
        self._on_assigned = on_assigned
        self._on_revoked = on_revoked
        self._on_lost = on_lost
        self.error: Exception | None = None
        """What went wrong, until somebody raises it."""
        self.paused: set[Partition] = set()
        """What the owner paused."""
        self.sought: set[Partition] = set()
        """What the owner sought since the last assignment."""
        self.fresh: set[Partition] = set()
        """What is not prepared yet, and delivers nothing."""
        self.lost: set[Partition] = set()
        """What delivers nothing until somebody says where to go on."""
        self.settling: asyncio.Future[None] | None = None

    async def on_partitions_assigned(self, assigned: set[TopicPartition]) -> None:
        """Begin to prepare; nothing is delivered meanwhile."""
        self._client.pause(*assigned)  # before anything is fetched: this runs in the same step as the assignment
        self.fresh = {ours(partition) for partition in assigned}
        self.sought = set()
        self.lost = set()
        # A task of its own: the client sends no heartbeats before it is back from here.
        self.settling = asyncio.ensure_future(self._settle(set(self.fresh)))

    async def _settle(self, fresh: set[Partition]) -> None:
        try:
            while not await self._tried(fresh):  # noqa: ASYNC110  the broker does not say when it is back
                await asyncio.sleep(self._between_tries)
        except Exception as error:
            self.error = error
        else:
            self.fresh = set()
            with suppress(errors.IllegalStateError):
                self._client.resume(*map(theirs, fresh - self.paused - self.lost))
        self.settling = None

    async def _tried(self, fresh: set[Partition]) -> bool:
        try:
            if self._on_assigned is not None:
                await self._on_assigned(fresh)
            await self._begin(fresh - self.sought)
        except TransientError as error:
            log.warning("cannot begin with new partitions yet: %s", error)
            return False
        return True

    async def _begin(self, partitions: set[Partition]) -> None:
        marks = await self.committed(partitions)
        starts, lost = await self._log.placed({partition: position for partition, (position, _) in marks.items()})
        self.lose(lost)
        for partition, offset in starts.items():
            self._client.seek(theirs(partition), offset)

    def lose(self, lost: Mapping[Partition, PositionLost]) -> None:
        """Let partitions stand still whose positions are lost, and tell the owner.

        Raises:
            PositionLost: the owner does not want to hear of it.
        """
        for partition, error in lost.items():
            if self._on_lost is None:
                raise error
            log.critical("%s stops: %s", partition, error)
            self.lost.add(partition)
            with suppress(errors.IllegalStateError):
                self._client.pause(theirs(partition))
                self._client.seek(theirs(partition), 0)  # else the client looks for a position by itself
        if lost and self._on_lost is not None:
            self._on_lost(lost)

    async def committed(self, partitions: Iterable[Partition]) -> dict[Partition, Mark]:
        """Return the group's positions, each with the text that was committed with it."""
        wanted = {partition: theirs(partition) for partition in partitions}
        if not wanted:
            return {}
        with translating():
            # The client's own method drops the text that was committed.
            found = await self._client._coordinator.fetch_committed_offsets(list(wanted.values()))  # noqa: SLF001
        nothing: Mark = (None, "")
        marks = {partition: (one.offset, one.metadata or "") for partition, one in found.items() if one.offset >= 0}
        return {partition: marks.get(name, nothing) for partition, name in wanted.items()}

    async def on_partitions_revoked(self, revoked: set[TopicPartition]) -> None:
        """Break off preparing and let the owner finish; nobody else gets the partitions before."""
        await self.break_off()
        self.error = None  # what went wrong with partitions that are gone is no concern of ours any more
        lost = {ours(partition) for partition in revoked}
        try:
            if self._on_revoked is not None and lost:
                await self._on_revoked(lost)
        except Exception as error:
            self.error = error
        self.paused -= lost

    async def break_off(self) -> None:
        """Stop preparing."""
        settling, self.settling = self.settling, None
        if settling is not None:
            settling.cancel()
            await asyncio.wait({settling})
