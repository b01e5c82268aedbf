"""Takes what the matcher orders: the partitions of `notifications` that are ours, and their positions."""

import asyncio
import logging
import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from datetime import datetime

from argus_dispatch.journal import Journal
from argus_dispatch.lease import Lease
from argus_dispatch.metrics import OLDEST_AGE_SECONDS, RETRYING, WAITING
from argus_dispatch.recall import recall
from argus_dispatch.settings import Settings
from argus_dispatch.share import Attempts, Share
from argus_runtime.errors import TransientError
from argus_runtime.health import Check
from argus_runtime.kafka import Consumer, Kafka, Partition
from argus_runtime.metrics import LAG
from argus_schemas.topics import NOTIFICATIONS

GROUP = "dispatch"
SECONDS_A_LOOK = 0.5
MOST_AT_ONCE = 500
SECONDS_BETWEEN_COMMITS = 1.0
SECONDS_TO_COMMIT = 2.0
SECONDS_BETWEEN_TRIES = 1.0
MEGABYTE = 1_000_000

log = logging.getLogger(__name__)


class Intake:
    """A member of the group that delivers: at least once, with positions that follow the effects."""

    def __init__(
        self,
        kafka: Kafka,
        *,
        attempt: Attempts,
        journal: Journal,
        lease: Lease,
        check: Check,
        settings: Settings,
        now: Callable[[], datetime],
        seconds_between_commits: float = SECONDS_BETWEEN_COMMITS,
        seconds_between_tries: float = SECONDS_BETWEEN_TRIES,
    ) -> None:
        self._kafka = kafka
        self._attempt = attempt
        self._journal = journal
        self._lease = lease
        self._seconds_between_commits = seconds_between_commits
        self._seconds_between_tries = seconds_between_tries
        self._check = check
        self._settings = settings
        self._now = now
        self._shares: dict[Partition, Share] = {}
        self._paused: set[Partition] = set()
        self._unread = False
        """Whether the last try to read failed."""

    async def run(self, stop: asyncio.Event) -> None:
        """Deliver until `stop` is set; then end what is on its way, commit and leave the group."""
        async with asyncio.TaskGroup() as self._tasks:
            self._consumer: Consumer = await self._kafka.consumer(
                NOTIFICATIONS, group=GROUP, on_assigned=self._assigned, on_revoked=self._revoked, committed=True
            )
            committing = self._tasks.create_task(self._keep_committing())
            while not stop.is_set():
                await self._read()
            committing.cancel()
            await self._revoked(set(self._shares))
            await self._consumer.close()

    async def _read(self) -> None:
        try:
            batches = await self._consumer.batches(timeout=SECONDS_A_LOOK, most=MOST_AT_ONCE)
        except TransientError as error:
            self._check.failed(f"notifications cannot be read: {error}")
            self._unread = True
            await asyncio.sleep(self._seconds_between_tries)
            return
        if self._unread:
            self._unread = False
            self._tell_health()
        for partition, records in batches.items():
            if share := self._shares.get(partition):
                share.arrive(records)
        for partition, share in self._shares.copy().items():
            with suppress(TransientError, TimeoutError):  # it may have been taken from us, or be about to become ours
                async with asyncio.timeout(SECONDS_A_LOOK):
                    share.passed(await self._consumer.position(partition))
        self._regulate()

    def _regulate(self) -> None:
        """Read no further where too much waits."""
        for partition, share in self._shares.items():
            if share.full and partition not in self._paused:
                log.warning("%s notifications of %s wait: it is read no further", share.unfinished, partition)
                self._paused.add(partition)
                self._consumer.pause(partition)
            elif share.roomy and partition in self._paused:
                self._paused.discard(partition)
                self._consumer.resume(partition)

    async def _assigned(self, partitions: set[Partition]) -> None:
        """Begin with new partitions, in the background: a rebalance must not wait for memories."""
        self._paused.clear()
        for partition in partitions:
            share = Share(
                partition,
                attempt=self._attempt,
                bury=self._journal.bury,
                spawn=self._tasks.create_task,
                now=self._now,
                at_once=self._settings.at_once_per_destination,
                most_bytes=self._settings.waiting_megabytes * MEGABYTE,
            )
            self._shares[partition] = share
            self._tasks.create_task(self._begin(share))
        self._tell_health()

    async def _begin(self, share: Share) -> None:
        while self._shares.get(share.partition) is share:
            try:
                committed = await self._consumer.committed(share.partition)
                found = await recall(self._kafka, share.partition.partition, committed)
            except TransientError as error:
                log.warning("the memory of %s cannot be read: %s", share.partition, error)
                await asyncio.sleep(self._seconds_between_tries)
            else:
                if self._shares.get(share.partition) is share:
                    share.begin(found.position, found.memory, found.end)
                    await self._try_to_commit([share])  # at once, since nothing goes out before
                break
        self._tell_health()

    async def _revoked(self, partitions: set[Partition]) -> None:
        """End with partitions that somebody else will have, within bounds."""
        ending = [share for partition in partitions if (share := self._shares.pop(partition, None))]
        await asyncio.gather(*(share.close(self._settings.stop_timeout) for share in ending))
        try:
            async with asyncio.timeout(SECONDS_TO_COMMIT):
                await self._commit(ending)
        except (TransientError, TimeoutError) as error:
            log.warning("the last positions are not committed, what follows them is looked at again: %s", error)

    async def _keep_committing(self) -> None:
        """Move the group's positions, and learn thereby that the group still counts on us."""
        while True:
            await asyncio.sleep(self._seconds_between_commits)
            await self._try_to_commit(self._shares.values())
            self._measure()

    async def _try_to_commit(self, shares: Iterable[Share]) -> None:
        try:
            await self._commit(shares)
        except TransientError as error:
            log.warning("positions are not committed: %s", error)

    async def _commit(self, shares: Iterable[Share]) -> None:
        positions = {share.partition: share.position for share in shares if share.position is not None}
        if positions:
            asked_at = time.monotonic()
            await self._consumer.commit(positions)
            self._lease.renew(asked_at)

    def _measure(self) -> None:
        oldest = [share.oldest_ms for share in self._shares.values() if share.oldest_ms is not None]
        OLDEST_AGE_SECONDS.set(max(0.0, time.time() - min(oldest) / 1000) if oldest else 0.0)
        LAG.labels(NOTIFICATIONS.name).set(sum(self._consumer.lag().values()))
        WAITING.set(sum(share.unfinished for share in self._shares.values()))
        RETRYING.set(sum(share.retrying for share in self._shares.values()))

    def _tell_health(self) -> None:
        missing = [str(partition) for partition, share in self._shares.items() if not share.ready]
        if missing:
            self._check.waits(f"reading the memories of {', '.join(missing)}")
        else:
            self._check.ok(f"{len(self._shares)} partitions")
