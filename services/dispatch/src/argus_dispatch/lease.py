"""Whether our partitions are still ours, for a process that may have slept."""

import asyncio
import time
from collections.abc import Callable


class Lease:
    """Holds for some seconds after the group last accepted something from us.

    A process that was stopped for longer than the group waits wakes up without its partitions and does not know it
    yet. So nothing begins unless the lease holds, and it is renewed only by a commit that the group accepted.
    """

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._seconds = seconds
        self._clock = clock
        self._ends = clock()
        self._renewed = asyncio.Event()

    @property
    def holds(self) -> bool:
        """Whether it holds now."""
        return self._clock() < self._ends

    def renew(self, asked_at: float) -> None:
        """Begin anew: the group accepted what it was asked at that moment of the clock."""
        self._ends = max(self._ends, asked_at + self._seconds)
        self._renewed.set()

    async def held(self) -> None:
        """Return while the lease holds, after waiting for that."""
        while not self.holds:
            self._renewed.clear()
            await self._renewed.wait()
