"""A fair share for each source: one that floods its topic does not hold up the reports of another."""

from collections import Counter
from collections.abc import Iterable
from typing import Protocol

from argus_ingest.inbox.passing import Passing
from argus_ingest.metrics import SHARES, TOPICS_AHEAD
from argus_runtime.errors import TransientError
from argus_runtime.kafka import Partition, Record
from argus_runtime.sources import Source

SHARE = 100
"""Reports of one topic that are handled before the others have their turn."""

ANYBODY, OTHERS = (SHARES.labels(whose) for whose in ("anybody", "others"))


class Selective(Source, Protocol):
    """A source that one can ask for the records of some partitions alone, as `argus_runtime.kafka.Consumer`."""

    async def batches(
        self,
        timeout: float,  # noqa: ASYNC109
        most: int,
        *,
        of: Iterable[Partition] = (),
    ) -> dict[Partition, list[Record]]:
        """Return the next records, of some partitions or of all."""


class FairShares(Passing[Selective]):
    """A consumer that gives each topic a share in turn.

    A topic that has had its share stands back until the others have had theirs or have nothing; what is fetched of it
    already stays with the client, which fetches no more of it meanwhile. So a report is at most one share of each busy
    topic behind, however much is waiting there; and a topic that is alone is read as fast as it goes.
    """

    def __init__(self, consumer: Selective, share: int = SHARE) -> None:
        super().__init__(consumer)
        self._share = share
        self._had: Counter[Partition] = Counter()
        """What each has had in this turn."""
        self._failed: TransientError | None = None

    async def batches(self, timeout: float, most: int) -> dict[Partition, list[Record]]:  # noqa: ASYNC109
        """Return the next records, `most` in all; what goes wrong after the first is raised by the next call."""
        if self._failed is not None:
            failed, self._failed = self._failed, None
            raise failed
        found: dict[Partition, list[Record]] = {}
        room = most
        while room > 0:
            # A batch is handled topic by topic, so with several in it each has one share, and a lone one all there is.
            try:
                some = await self._next(0 if found else timeout, min(room, self._share), shared=len(found) > 1)
            except TransientError as error:
                if not found:
                    raise
                self._failed = error  # what was found is not read again
                break
            if not some:
                break
            for partition, records in some.items():
                self._had[partition] += len(records)
                found.setdefault(partition, []).extend(records)
                room -= len(records)
        busy = sum(len(records) >= self._share for records in found.values())
        TOPICS_AHEAD.set(busy if len(found) > 1 else 0)
        return found

    async def _next(
        self,
        timeout: float,  # noqa: ASYNC109
        most: int,
        *,
        shared: bool,
    ) -> dict[Partition, list[Record]]:
        """Return records of those who have not had their share; where these have none, a new turn begins.

        That of a batch which is `shared` ends it.
        """
        if ahead := self._ahead():
            others = self._consumer.assignment() - ahead
            some = await self._consumer.batches(0, most, of=others) if others else {}
            if some:
                OTHERS.inc()
                return some
            self._had.clear()
            if shared:
                return {}
        some = await self._consumer.batches(timeout, most)
        if some:
            ANYBODY.inc()
        return some

    def _ahead(self) -> set[Partition]:
        return {partition for partition, had in self._had.items() if had >= self._share}
