"""Runs Faust inside our lifecycle, which owns signals, logs and health; Faust's own worker would want them too."""

import asyncio
import logging
import os
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from typing import Any, Protocol, Self

from argus_runtime.errors import NeedsOperator, PipelineError

# The lifecycle gives a service eight seconds to stop, which include leaving Kafka.
STOPPING_SECONDS = 6.0
ENDING_SECONDS = 8.0
LEAST_SECONDS = 1.0

log = logging.getLogger(__name__)


class Worker(Protocol):
    """What is started and stopped: a Faust app, or a fake of one."""

    async def start(self) -> None:
        """Start; may return long after the first record was worked on."""

    async def stop(self) -> None:
        """Stop what was started."""


def _exit() -> None:
    os._exit(1)


class Failure:
    """The first error that ends the process, from whatever task or thread it comes.

    Cleaning up may hang where Kafka is away, since its client resists cancellation; so `give_up` is called if the
    process still lives a while after the error. Nothing that counts is only in memory.
    """

    def __init__(self, give_up: Callable[[], None] = _exit, within: float = ENDING_SECONDS) -> None:
        self._loop = asyncio.get_running_loop()
        self._give_up = give_up
        self._within = within
        self._error: BaseException | None = None
        self._failed = asyncio.Event()
        self._watched: set[asyncio.Task[Any]] = set()
        self._giving_up: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        """Cancel what is watched."""
        for task in self._watched:
            task.cancel()
        if self._watched:
            await asyncio.wait(self._watched)

    def __call__(self, error: BaseException) -> None:
        """Hear of an error."""
        self._loop.call_soon_threadsafe(self._hear, error)

    def _hear(self, error: BaseException) -> None:
        if self._error is None:
            self._error = error
            log.error("ending within %.0f s: %r", self._within, error)
            self._giving_up = self._loop.call_later(self._within, self._give_up)
            self._failed.set()

    def over(self) -> None:
        """Hear that all is cleaned up."""
        if self._giving_up is not None:
            self._giving_up.cancel()

    def watch(self, work: Coroutine[Any, Any, Any]) -> asyncio.Task[Any]:
        """Do `work` in the background, and hear of the error that ends it."""
        task = asyncio.create_task(work)
        self._watched.add(task)
        task.add_done_callback(self._ended)
        return task

    def _ended(self, task: asyncio.Task[Any]) -> None:
        self._watched.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            self(error)

    async def unless(self, *events: asyncio.Event) -> None:
        """Wait for the first of the events; raise the error if one comes before."""
        waiting = [asyncio.create_task(event.wait()) for event in (self._failed, *events)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for task in waiting:
                task.cancel()
        if isinstance(self._error, Exception):
            raise self._error
        if self._error is not None:  # Faust calls a cancelled task of its own a crash
            raise RuntimeError("Faust broke off") from self._error


class StillAtWork(PipelineError):
    """The process may not stay: its worker would keep partitions that nobody matches."""

    def __init__(self, error: NeedsOperator) -> None:
        super().__init__(f"Faust has not stopped, so that no one can wait here for an operator: {error}")


@asynccontextmanager
async def working(
    worker: Worker, failure: Failure, *, seconds_to_stop: float = STOPPING_SECONDS
) -> AsyncIterator[None]:
    """Have the worker run meanwhile, and stopped in bounded time afterwards.

    Raises:
        StillAtWork: somebody has to act, and the worker could not be stopped: only the end of the process ends it.
    """
    starting = failure.watch(worker.start())
    stuck: NeedsOperator | None = None
    try:
        yield
    except NeedsOperator as error:
        stuck = error
        raise
    finally:
        starting.cancel()
        if not await _stopped(worker, seconds_to_stop) and stuck is not None:
            raise StillAtWork(stuck) from stuck


async def _stopped(worker: Worker, within: float) -> bool:
    try:
        await asyncio.wait_for(worker.stop(), within)
    except Exception:  # the process ends anyway, and why it does is worth more than this
        log.warning("Faust did not stop well", exc_info=True)
        return False
    return True


@asynccontextmanager
async def lasting(seconds: float = LEAST_SECONDS) -> AsyncIterator[None]:
    """Fail no sooner than that: a supervisor starts us again at once."""
    begun = asyncio.get_running_loop().time()
    try:
        yield
    except Exception:
        await asyncio.sleep(max(0.0, begun + seconds - asyncio.get_running_loop().time()))
        raise
