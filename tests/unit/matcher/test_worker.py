"""Faust runs inside our lifecycle: what ends it ends the process, and it ends in bounded time."""

import asyncio

import pytest

from argus_matcher.worker import Failure, StillAtWork, lasting, working
from argus_runtime.errors import PositionLost


class FakeWorker:
    """Runs until it is stopped, fails, or does not stop."""

    def __init__(self, *, error: Exception | None = None, stoppable: bool = True) -> None:
        self.error = error
        self.stoppable = stoppable
        self.stopped = False

    async def start(self) -> None:
        if self.error is not None:
            raise self.error

    async def stop(self) -> None:
        if not self.stoppable:
            await asyncio.Event().wait()
        self.stopped = True


async def test_a_worker_is_stopped_when_we_are():
    worker, stop = FakeWorker(), asyncio.Event()
    asyncio.get_running_loop().call_soon(stop.set)

    async with Failure() as failure, working(worker, failure):
        await failure.unless(stop)

    assert worker.stopped


async def test_a_worker_that_fails_ends_us_with_its_error():
    worker = FakeWorker(error=ValueError("no brokers"))

    with pytest.raises(ValueError, match="no brokers"):
        async with Failure() as failure, working(worker, failure):
            await failure.unless(asyncio.Event())

    assert worker.stopped


async def test_a_worker_that_does_not_stop_is_left_behind():
    stop = asyncio.Event()
    stop.set()

    async with Failure() as failure, working(FakeWorker(stoppable=False), failure, seconds_to_stop=0.02):
        await failure.unless(stop)


async def test_a_worker_that_stopped_leaves_the_process_to_who_needs_its_operator():
    lost = PositionLost("argus.incident-events[3]@7")

    with pytest.raises(PositionLost):
        async with Failure() as failure, working(FakeWorker(error=lost), failure):
            await failure.unless(asyncio.Event())


async def test_a_process_does_not_stay_with_a_worker_that_has_not_stopped():
    """It would keep its partitions, and match nothing."""
    lost = PositionLost("argus.incident-events[3]@7")

    stuck = FakeWorker(error=lost, stoppable=False)
    with pytest.raises(StillAtWork, match="7 lies outside the log"):
        async with Failure() as failure, working(stuck, failure, seconds_to_stop=0.02):
            await failure.unless(asyncio.Event())


async def test_the_first_failure_counts_and_may_come_from_a_thread():
    async with Failure() as failure:
        await asyncio.to_thread(failure, ValueError("first"))
        failure(ValueError("second"))

        with pytest.raises(ValueError, match="first"):
            await failure.unless(asyncio.Event())


async def test_who_cannot_clean_up_after_a_failure_ends_all_the_same():
    ended = asyncio.Event()
    async with Failure(ended.set, within=0.02) as failure:
        failure(ValueError("Kafka is away"))

        await asyncio.wait_for(ended.wait(), 5)


async def test_what_is_watched_is_cancelled_at_the_end():
    async with Failure() as failure:
        task = failure.watch(asyncio.Event().wait())

    assert task.cancelled()


async def test_a_crash_of_fausts_own_is_an_error_too():
    async with Failure() as failure:
        failure(asyncio.CancelledError())

        with pytest.raises(RuntimeError, match="Faust broke off"):
            await failure.unless(asyncio.Event())


async def test_we_fail_no_sooner_than_after_a_while():
    loop = asyncio.get_running_loop()
    begun = loop.time()

    with pytest.raises(ValueError, match="at once"):
        async with lasting(0.1):
            raise ValueError("at once")

    assert loop.time() - begun >= 0.1
