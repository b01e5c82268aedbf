"""Notifications that crash dispatch: found one at a time, and given up at the third crash."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

from argus_dispatch.queues import Waiting
from argus_runtime.log import at
from argus_runtime.openings import CRASHES_TO_GIVE_UP, CRASHES_TO_SUSPECT

Attempts = Callable[[int, Waiting], Awaitable[datetime | None]]

UNTIL_NEXT_LOOK = timedelta(seconds=0.1)

log = logging.getLogger(__name__)


class Suspicion:
    """Lets notifications go, unless they were on their way at crashes.

    An attempt that was begun and has no outcome was on its way when its process ended. Two such attempts in a row make
    a suspect. Suspects of this process go one at a time, beside what is above suspicion, so that innocent neighbours of
    the guilty one come to an outcome and clear themselves. After a third such attempt a notification is given up.
    """

    def __init__(self, *, attempt: Attempts, give_up: Attempts, now: Callable[[], datetime]) -> None:
        self._attempt = attempt
        self._give_up = give_up
        self._now = now
        self._one = asyncio.Lock()

    async def attempt(self, partition: int, waiting: Waiting) -> datetime | None:
        """Make an attempt; return when to make the next one, or None: the notification is finished."""
        if waiting.crashes < CRASHES_TO_SUSPECT:
            return await self._attempt(partition, waiting)
        if waiting.crashes >= CRASHES_TO_GIVE_UP:
            return await self._give_up(partition, waiting)
        if self._one.locked():  # it does not wait here, where it would take the place of one above suspicion
            return self._now() + UNTIL_NEXT_LOOK
        async with self._one:
            log.warning(
                "notification %s was on its way at %s crashes: it goes alone", waiting.id, waiting.crashes,
                extra=at(waiting.record.place),
            )  # fmt: skip
            return await self._attempt(partition, waiting)
