"""Faust fetches and carries; what it would acknowledge, commit and seek by itself is left to the lanes.

Faust 0.15.3 loses and repeats records when partitions change hands (docs/adr/0006): it breaks off fetched batches,
commits acknowledgements of earlier assignments, and drops records that it reads again. These classes take that
bookkeeping away from it for the one topic that the matcher reads.
"""

import asyncio
from collections.abc import Callable, Coroutine, Iterable, Mapping
from typing import Any

import faust
from faust.sensors import Monitor
from faust.transport.drivers import aiokafka as driver
from faust.types import TP
from mode.services import Service, WaitResults
from mode.threads import WorkerThread

from argus_matcher.lanes import Lanes
from argus_runtime.kafka import Partition


class DaemonThread(WorkerThread):
    """The thread that fetches; it must not keep a process alive that has failed."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.daemon = True


class Forgetful(dict[TP, int | None]):
    """Faust drops records below the last one that it read, even after a seek back; so it may remember none."""

    def __getitem__(self, partition: TP) -> int | None:
        return None


class Swift(Service):
    """A service of Faust that waits with one task instead of four where what it waits for first is over at once.

    Its consumer waits so for each record that it hands over (docs/adr/0006), which was a tenth of what a record costs.
    """

    async def wait_first(self, *coros: Any, timeout: Any = None) -> WaitResults:  # noqa: ASYNC109  its signature
        """Wait until one of several is over, or until the service stops."""
        if not all(map(asyncio.iscoroutine, coros)):
            return await super().wait_first(*coros, timeout=timeout)  # events, say: it waits so for the flow to go on
        first, others = asyncio.ensure_future(coros[0]), coros[1:]
        try:
            await asyncio.sleep(0)
        except asyncio.CancelledError:
            first.cancel()
            _close(others)
            raise
        if not first.done():
            return await super().wait_first(first, *others, timeout=timeout)
        _close(others)
        return WaitResults([coros[0]], [first.result()], stopped=False)


def _close(unused: Iterable[Coroutine[Any, Any, Any]]) -> None:
    for each in unused:
        each.close()


class LaneConsumer(Swift, driver.Consumer):
    """Faust's consumer, but lanes open after a seek, close on revocation, and commit by themselves."""

    app: "LaneApp"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._read_offset = Forgetful()
        self._assigned = False

    async def on_partitions_revoked(self, revoked: set[TP]) -> None:
        """Close the lanes before anybody else may own their partitions."""
        self._assigned = False
        await self.app.lanes.close("partitions change hands")
        await super().on_partitions_revoked(revoked)

    async def on_partitions_assigned(self, assigned: set[TP], generation_id: int = 0) -> None:
        """Let Faust resume its streams, which calls `perform_seek`."""
        self._assigned = True
        if not assigned:
            self.app.lanes.nothing_assigned()
        await super().on_partitions_assigned(assigned, generation_id)

    async def perform_seek(self) -> None:
        """Open the lanes of what is assigned, in the middle of which Faust seeks to the committed positions."""
        if not self._assigned:
            return  # Faust also seeks between a revocation and the next assignment, when nothing is ours
        rebalances = self.app.rebalancing_count
        try:
            await self.app.lanes.open({Partition(*partition) for partition in self.assignment()}, self._positions)
        except Exception as error:
            if self._assigned and self.app.rebalancing_count == rebalances:
                self.app.failed(error)
            raise

    async def _positions(self, partitions: list[Partition]) -> Mapping[Partition, int | None]:
        await super().perform_seek()  # reads the committed positions, which nobody else can move any more
        return {partition: self._committed_offset.get(TP(*partition)) for partition in partitions}

    def verify_event_path(self, now: float, tp: TP) -> None:
        """Raise no alarm that nothing is committed: nothing is, here."""

    def _new_consumer_thread(self) -> driver.AIOKafkaConsumerThread:
        thread = super()._new_consumer_thread()
        thread.Worker = DaemonThread
        return thread

    def _new_offset(self, tp: TP) -> int | None:
        """Commit nothing: positions move in the transactions of the lanes."""
        self._acked[tp].clear()
        self._acked_index[tp].clear()
        return None


class Unheeding(Monitor):
    """Counts nothing of each record: metrics are ours, and nobody reads Faust's own."""

    def on_message_in(self, *_: Any) -> None:
        """Hear that a record was fetched."""

    def on_message_out(self, *_: Any) -> None:
        """Hear that a record is done."""

    def on_stream_event_in(self, *_: Any) -> None:
        """Hear that the agent begins with a record."""

    def on_stream_event_out(self, *_: Any) -> None:
        """Hear that the agent is done with a record."""

    def track_tp_end_offset(self, *_: Any) -> None:
        """Hear where a partition ends."""


class LaneTransport(driver.Transport):
    """Faust's transport with our consumer."""

    Consumer = LaneConsumer


class LaneApp(faust.App):
    """A Faust app whose only topic is worked on in lanes; `failed` hears of whatever ends it."""

    def __init__(self, *args: Any, lanes: Lanes, failed: Callable[[BaseException], None], **kwargs: Any) -> None:
        self.lanes = lanes
        self.failed = failed
        super().__init__(*args, **kwargs)

    def _new_transport(self) -> driver.Transport:
        return LaneTransport(self.conf.broker_consumer, self)

    def _crash(self, reason: BaseException) -> None:
        """Hear of a crash anywhere in Faust's tree of services, which without its worker nobody would."""
        super()._crash(reason)
        self.failed(reason)

    async def on_first_start(self) -> None:
        """Create no folders: there are no Faust tables."""

    async def on_stop(self) -> None:
        """Close the lanes, then leave the group."""
        await self.lanes.close("stopping")
        await super().on_stop()
