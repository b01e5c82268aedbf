"""Lets waiting notifications go when they are due, each destination by itself."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from datetime import datetime
from typing import Any

from argus_dispatch.queues import DestinationQueue, Waiting

Attempts = Callable[[Waiting], Awaitable[datetime | None]]
Spawn = Callable[[Coroutine[Any, Any, None]], asyncio.Task[None]]

LONGEST_TIMER = 60.0
"""Seconds; the clock on the wall may be put right meanwhile."""


class Dispatcher:
    """The queues of a partition's destinations; what waits costs an entry, only what is on its way a task."""

    def __init__(
        self,
        attempt: Attempts,
        finished: Callable[[Waiting], None],
        *,
        spawn: Spawn,
        now: Callable[[], datetime],
        at_once: int,
    ) -> None:
        self._attempt = attempt
        self._finished = finished
        self._spawn = spawn
        self._now = now
        self._at_once = at_once
        self._queues: dict[int, DestinationQueue] = {}
        self._timers: dict[int, asyncio.TimerHandle] = {}
        self._under_way: dict[asyncio.Task[None], Waiting] = {}
        self._closed = False
        self.retrying = 0
        """How many failed and wait for their next attempt."""

    def add(self, waiting: Waiting) -> None:
        """Put a notification into the queue of its destination."""
        self.retrying += waiting.attempts > 0
        queue = self._queues.setdefault(waiting.destination, DestinationQueue(self._at_once))
        queue.add(waiting)
        self._pump(waiting.destination)

    async def close(self, grace: float) -> None:
        """Begin nothing more; give what is on its way `grace` seconds to end, and abandon the rest."""
        self._closed = True
        for timer in self._timers.values():
            timer.cancel()
        for task, waiting in self._under_way.items():
            if not waiting.begun:
                task.cancel()
        if not self._under_way:
            return
        _, late = await asyncio.wait(self._under_way, timeout=grace)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)

    def _pump(self, destination: int) -> None:
        """Let go what is due, and look again when the next is."""
        if timer := self._timers.pop(destination, None):
            timer.cancel()
        queue = self._queues.get(destination)
        if self._closed or queue is None:
            return
        while waiting := queue.take(self._now()):
            self._under_way[self._spawn(self._go(queue, waiting))] = waiting
        if not queue:
            del self._queues[destination]
        elif due := queue.next_due():
            pause = min(max((due - self._now()).total_seconds(), 0.001), LONGEST_TIMER)
            self._timers[destination] = asyncio.get_running_loop().call_later(pause, self._pump, destination)

    async def _go(self, queue: DestinationQueue, waiting: Waiting) -> None:
        self.retrying -= waiting.attempts > 0
        task = asyncio.current_task()
        try:
            again_at = await self._attempt(waiting)
        finally:
            waiting.begun = False
            if task is not None:
                self._under_way.pop(task, None)
        if again_at is None:
            queue.finish(waiting)
            self._finished(waiting)
        else:
            self.retrying += waiting.attempts > 0
            queue.put_back(waiting, again_at)
        self._pump(waiting.destination)
