"""One timer for thousands of futures that all have the same time."""

import asyncio
import heapq
from collections.abc import Callable
from itertools import count
from typing import Any


class Deadlines:
    """Tells of each future that is not done at its deadline, a little late."""

    def __init__(self, seconds_between_looks: float, late: Callable[[Any, str], None]) -> None:
        self._pause = seconds_between_looks
        self._late = late
        # A heap: who waited for room has an earlier deadline than who came later and found some at once.
        self._waiting: list[tuple[float, int, asyncio.Future[Any], str]] = []
        self._number = count()
        self._timer: asyncio.TimerHandle | None = None

    def add(self, at: float, future: "asyncio.Future[Any]", name: str) -> None:
        """Tell of `future` and its `name` if it is not done at the loop's time `at`."""
        heapq.heappush(self._waiting, (at, next(self._number), future, name))
        if self._timer is None:
            self._timer = asyncio.get_running_loop().call_later(self._pause, self._look)

    def _look(self) -> None:
        now = asyncio.get_running_loop().time()
        self._pass_by(now)
        self._timer = asyncio.get_running_loop().call_later(self._pause, self._look) if self._waiting else None

    def _pass_by(self, now: float) -> None:
        while self._waiting and (self._waiting[0][2].done() or self._waiting[0][0] <= now):
            *_, future, name = heapq.heappop(self._waiting)
            if not future.done():
                self._late(future, name)

    def close(self) -> None:
        """Tell of all that still wait: their time has come."""
        if self._timer is not None:
            self._timer.cancel()
        self._pass_by(float("inf"))
