"""A fair share for each source in the inbox."""

from collections.abc import Iterable

import pytest

from argus_ingest.inbox.shares import FairShares
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Partition, Record
from tests.fakes import FakeConsumer

STORM, QUIET, OTHER = (Partition(f"reports.{name}", 0) for name in ("storm", "quiet", "other"))


class Fetched(FakeConsumer):
    """What a client has fetched of each topic: it gives the first topic first, as aiokafka does."""

    def __init__(self, **counts: int) -> None:
        super().__init__(())
        self.left = {Partition(f"reports.{name}", 0): count for name, count in counts.items()}
        self.asked: list[float] = []
        self.readable = 0
        """How often it is asked before what is unreadable."""

    async def batches(
        self,
        timeout: float,  # noqa: ASYNC109
        most: int,
        *,
        of: Iterable[Partition] = (),
    ) -> dict[Partition, list[Record]]:
        if self.unreadable and len(self.asked) == self.readable:
            raise self.unreadable.pop(0)
        wanted, found = set(of), {}
        self.asked.append(timeout)
        for partition, left in self.left.items():
            given = min(left, most) if not wanted or partition in wanted else 0
            if given:
                found[partition] = [Record(partition, left - n, None, b"", (), 0) for n in range(given)]
                self.left[partition], most = left - given, most - given
        return found

    def assignment(self) -> set[Partition]:
        return set(self.left)


def counted(batches: dict[Partition, list[Record]]) -> dict[Partition, int]:
    return {partition: len(records) for partition, records in batches.items()}


async def test_a_quiet_topic_is_one_share_behind_a_storm():
    fetched = Fetched(storm=50_000, quiet=1)

    found = await FairShares(fetched, share=100).batches(0.5, 500)

    assert list(found) == [STORM, QUIET]
    assert counted(found) == {STORM: 100, QUIET: 1}


async def test_a_report_that_comes_during_a_storm_is_in_the_next_batch():
    fetched = Fetched(storm=50_000, quiet=0)
    shares = FairShares(fetched, share=100)
    await shares.batches(0.5, 500)
    fetched.left[QUIET] = 1

    assert QUIET in await shares.batches(0.5, 500)


async def test_topics_that_are_equally_busy_get_the_same():
    fetched = Fetched(storm=50_000, other=50_000, quiet=50_000)
    shares = FairShares(fetched, share=100)

    rounds = [counted(await shares.batches(0.5, 600)) for _ in range(4)]

    assert rounds == [{STORM: 100, OTHER: 100, QUIET: 100}] * 4


async def test_many_storms_take_turns_across_batches():
    fetched = Fetched(**{f"s{number}": 50_000 for number in range(20)})
    shares = FairShares(fetched, share=100)

    for _ in range(4):
        await shares.batches(0.5, 500)

    assert set(fetched.left.values()) == {49_900}


async def test_a_topic_that_is_alone_gets_all_and_waits_for_nobody():
    fetched = Fetched(storm=50_000, quiet=0)
    shares = FairShares(fetched, share=100)

    assert counted(await shares.batches(0.5, 500)) == {STORM: 500}
    assert [timeout for timeout in fetched.asked if timeout] == [0.5]


async def test_the_order_of_a_topic_is_kept():
    fetched = Fetched(storm=1_000, quiet=150)

    found = await FairShares(fetched, share=100).batches(0.5, 500)

    for records in found.values():
        offsets = [record.offset for record in records]
        assert offsets == sorted(offsets, reverse=True)


async def test_where_nothing_comes_one_question_waits():
    fetched = Fetched(storm=0)

    assert await FairShares(fetched).batches(0.5, 500) == {}
    assert fetched.asked == [0.5]


async def test_what_was_read_before_reading_failed_is_given_and_the_failure_told_next():
    fetched = Fetched(storm=150, quiet=1)
    fetched.unreadable, fetched.readable = [LogUnavailable("no leader")], 1
    shares = FairShares(fetched, share=100)

    first = await shares.batches(0.5, 500)
    with pytest.raises(LogUnavailable):
        await shares.batches(0.5, 500)
    second = await shares.batches(0.5, 500)

    assert counted(first) == {STORM: 100}
    assert counted(second) == {STORM: 50, QUIET: 1}
