"""One attempt: decide, record that it begins, tell, record what became of it."""

import asyncio
import logging
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from argus_dispatch.directory import Directory, why_suppressed
from argus_dispatch.journal import Attempt, Journal
from argus_dispatch.lease import Lease
from argus_dispatch.metrics import ATTEMPTS, NOTIFICATIONS
from argus_dispatch.queues import Waiting
from argus_dispatch.retry import Schedule
from argus_dispatch.settings import Settings
from argus_dispatch.telling import Teller
from argus_media import AttemptFailed, Undeliverable
from argus_runtime import tracing
from argus_runtime.errors import LogUnavailable
from argus_runtime.log import at
from argus_schemas import topics

UNKNOWN_FOR_NOW = timedelta(seconds=1)
NO_MEDIUM = "none"

TURNED_OFF = "nobody is told here: ARGUS_SEND_NOTIFICATIONS is false"
STOPPED = "dispatch was stopped during the attempt"
SECONDS_TO_SAY_SO = 1.0

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an attempt."""

    state: Literal["sent", "dead", "suppressed", "retrying"]
    reason: str = ""
    code: int | None = None
    next_at: datetime | None = None


class Deliverer:
    """Makes attempts: at least one for each notification, recorded before and after its effect.

    All that is done for one notification alone is done between the two, be it rendering, the code of a medium or the
    reading of settings, so that an attempt which crashes the process is on record.
    """

    def __init__(
        self,
        *,
        directory: Directory,
        teller: Teller,
        journal: Journal,
        lease: Lease,
        settings: Settings,
        now: Callable[[], datetime],
        chance: Callable[[], float],
        seconds_to_say_so: float = SECONDS_TO_SAY_SO,
    ) -> None:
        self._directory = directory
        self._teller = teller
        self._journal = journal
        self._lease = lease
        self._seconds_to_say_so = seconds_to_say_so
        self._schedule = Schedule(timedelta(hours=settings.give_up_after_hours), settings.retry_scale)
        self._too_old_after = timedelta(hours=settings.too_old_after_hours)
        self._sends = settings.send_notifications
        self._now = now
        self._chance = chance

    async def attempt(self, partition: int, waiting: Waiting) -> datetime | None:
        """Make an attempt; return when to make the next one, or None: the notification is finished."""
        tracing.current.set(tracing.of(waiting.record.headers))
        try:
            await self._directory.find(waiting.destination, waiting.read_at)
        except LogUnavailable as error:
            log.warning("destination %s is not known: %s", waiting.destination, error, extra=at(waiting.record.place))
            return self._now() + UNKNOWN_FOR_NOW
        attempt = self._numbered(waiting.attempts + 1, partition, waiting)
        async with self._teller.room(attempt.medium):
            verdict = await self._make(attempt, waiting)
        return await self._conclude(attempt, waiting, verdict)

    async def give_up(self, partition: int, waiting: Waiting) -> datetime | None:
        """End a notification that crashed dispatch: dead, and among the dead letters as it was."""
        tracing.current.set(tracing.of(waiting.record.headers))
        await self._lease.held()
        waiting.begun = True
        reason = f"given up: dispatch crashed {waiting.crashes} times while sending it"
        await self._journal.bury(waiting.record, reason, attempts=waiting.attempts)
        return await self._conclude(
            self._numbered(waiting.attempts, partition, waiting), waiting, Verdict("dead", reason)
        )

    def _numbered(self, number: int, partition: int, waiting: Waiting) -> Attempt:
        notification = topics.NOTIFICATIONS.decode(waiting.value)
        destination = self._directory.known(waiting.destination)
        medium = destination.medium if destination else NO_MEDIUM
        return Attempt(self._journal, partition, notification, waiting.record.place, number, medium, self._now)

    async def _make(self, attempt: Attempt, waiting: Waiting) -> Verdict:
        """Make the attempt unless it is not to be made, by what is configured at this moment."""
        await self._lease.held()
        if not self._sends:
            return Verdict("suppressed", TURNED_OFF)
        destination = self._directory.known(waiting.destination)
        why = why_suppressed(attempt.notification, destination, waiting.attempts, self._now(), self._too_old_after)
        if destination is None or why:
            return Verdict("suppressed", why or "")
        waiting.begun = True
        try:
            await attempt.is_now("begun")
            await self._lease.held()
            code = await self._teller.tell(attempt, destination)
        except Undeliverable as failed:
            return Verdict("dead", failed.reason, failed.code)
        except AttemptFailed as failed:
            return self._again(failed, attempt, waiting)
        except asyncio.CancelledError:
            await self._say_that_it_was_stopped(attempt)
            raise
        return Verdict("sent", code=code)

    def _again(self, failed: AttemptFailed, attempt: Attempt, waiting: Waiting) -> Verdict:
        """Say when to try again, or give up."""
        next_at = self._schedule.next_at(
            attempt.number, self._now(), waiting.arrived_at, retry_after=failed.retry_after, chance=self._chance()
        )
        if next_at is None:
            return Verdict("dead", f"given up: {failed.reason}", failed.code)
        return Verdict("retrying", failed.reason, failed.code, next_at)

    async def _say_that_it_was_stopped(self, attempt: Attempt) -> None:
        """Give an attempt that ends in order, with its process or its partition, an outcome: it was no crash."""
        with suppress(TimeoutError):
            async with asyncio.timeout(self._seconds_to_say_so):
                await attempt.is_now("retrying", STOPPED, next_at=self._now())

    async def _conclude(self, attempt: Attempt, waiting: Waiting, verdict: Verdict) -> datetime | None:
        """Record what became of an attempt, and return when to make the next one."""
        waiting.attempts = attempt.number
        await attempt.is_now(verdict.state, verdict.reason, code=verdict.code, next_at=verdict.next_at)
        waiting.crashes = 0
        if verdict.state != "suppressed":
            ATTEMPTS.labels(attempt.medium, verdict.state).inc()
        if verdict.state != "retrying":
            NOTIFICATIONS.labels(attempt.medium, verdict.state).inc()
        level = logging.WARNING if verdict.state == "dead" else logging.INFO
        log.log(
            level, "notification %s %s: %s", attempt.notification.id, verdict.state, ascii(verdict.reason),
            extra=at(attempt.place),
        )  # fmt: skip
        return verdict.next_at
