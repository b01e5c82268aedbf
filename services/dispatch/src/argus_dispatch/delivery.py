"""One attempt: decide, record that it begins, tell, record what became of it."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from argus_dispatch.directory import Directory, why_suppressed
from argus_dispatch.errors import AttemptFailed, MediumUnavailable, Undeliverable
from argus_dispatch.journal import Attempt, Journal
from argus_dispatch.lease import Lease
from argus_dispatch.media import Letter, Medium
from argus_dispatch.metrics import ATTEMPT_SECONDS, ATTEMPTS, IN_FLIGHT, NOTIFICATIONS, SECRETS_UNREADABLE
from argus_dispatch.queues import Waiting
from argus_dispatch.retry import Schedule
from argus_dispatch.settings import Settings
from argus_runtime import tracing
from argus_runtime.errors import LogUnavailable, SecretUnreadable
from argus_runtime.log import at
from argus_schemas import topics
from argus_schemas.configuration import Destination
from argus_schemas.media import MediumSettings

UNKNOWN_FOR_NOW = timedelta(seconds=1)
NO_MEDIUM = "none"

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What became of an attempt."""

    state: Literal["sent", "dead", "suppressed", "retrying"]
    reason: str = ""
    code: int | None = None
    next_at: datetime | None = None


class Deliverer:
    """Makes attempts: at least one for each notification, recorded before and after its effect."""

    def __init__(
        self,
        *,
        directory: Directory,
        media: Mapping[str, Medium],
        journal: Journal,
        lease: Lease,
        settings: Settings,
        now: Callable[[], datetime],
        chance: Callable[[], float],
    ) -> None:
        self._directory = directory
        self._media = media
        self._rooms = {slug: asyncio.Semaphore(medium.at_once) for slug, medium in media.items()}
        self._journal = journal
        self._lease = lease
        self._schedule = Schedule(timedelta(hours=settings.give_up_after_hours), settings.retry_scale)
        self._too_old_after = timedelta(hours=settings.too_old_after_hours)
        self._timeout = settings.attempt_timeout
        self._now = now
        self._chance = chance

    async def attempt(self, partition: int, waiting: Waiting) -> datetime | None:
        """Make an attempt; return when to make the next one, or None: the notification is finished."""
        tracing.current.set(waiting.trace)
        notification = topics.NOTIFICATIONS.decode(waiting.value)
        try:
            destination = await self._directory.find(notification.destination, waiting.read_at)
        except LogUnavailable as error:
            log.warning("destination %s is not known: %s", notification.destination, error, extra=at(waiting.place))
            return self._now() + UNKNOWN_FOR_NOW
        slug = destination.medium if destination else NO_MEDIUM
        attempt = Attempt(self._journal, partition, notification, waiting.place, waiting.attempts + 1, slug, self._now)
        async with self._room(slug):
            verdict = await self._make(attempt, waiting)
        return await self._conclude(attempt, waiting, verdict)

    def _room(self, slug: str) -> AbstractAsyncContextManager[None]:
        return self._rooms.get(slug) or nullcontext()

    async def _make(self, attempt: Attempt, waiting: Waiting) -> Verdict:
        """Make the attempt unless it is not to be made, by what is configured at this moment."""
        await self._lease.held()
        notification = attempt.notification
        destination = self._directory.known(notification.destination)
        why = why_suppressed(notification, destination, waiting.attempts, self._now(), self._too_old_after)
        if destination is None or why:
            return Verdict("suppressed", why or "")
        try:
            medium, settings = self._means(destination)
            waiting.begun = True
            await attempt.is_now("begun")
            await self._lease.held()
            code = await self._tell(medium, attempt, settings)
        except Undeliverable as failed:
            return Verdict("dead", failed.reason, failed.code)
        except AttemptFailed as failed:
            return self._again(failed, attempt, waiting)
        return Verdict("sent", code=code)

    def _again(self, failed: AttemptFailed, attempt: Attempt, waiting: Waiting) -> Verdict:
        """Say when to try again, or give up."""
        next_at = self._schedule.next_at(
            attempt.number, self._now(), waiting.arrived_at, retry_after=failed.retry_after, chance=self._chance()
        )
        if next_at is None:
            return Verdict("dead", f"given up: {failed.reason}", failed.code)
        return Verdict("retrying", failed.reason, failed.code, next_at)

    async def _conclude(self, attempt: Attempt, waiting: Waiting, verdict: Verdict) -> datetime | None:
        """Record what became of an attempt, and return when to make the next one."""
        waiting.attempts = attempt.number
        await attempt.is_now(verdict.state, verdict.reason, code=verdict.code, next_at=verdict.next_at)
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

    def _means(self, destination: Destination) -> tuple[Medium, MediumSettings]:
        """Return how to reach a destination."""
        medium = self._media.get(destination.medium)
        if medium is None:
            raise Undeliverable(f"the medium {destination.medium} is not installed")
        try:
            return medium, self._directory.settings(destination, medium.settings)
        except SecretUnreadable as error:
            SECRETS_UNREADABLE.inc()
            log.error("a secret of destination %s cannot be read: %s", destination.pk, error)  # noqa: TRY400
            raise MediumUnavailable("a secret setting of the destination cannot be decrypted") from error

    async def _tell(self, medium: Medium, attempt: Attempt, settings: MediumSettings) -> int | None:
        started = time.monotonic()
        try:
            with IN_FLIGHT.labels(attempt.medium).track_inprogress():
                async with asyncio.timeout(self._timeout):
                    return await medium.send(Letter(attempt.notification, settings, attempt.number))
        except AttemptFailed:
            raise
        except TimeoutError as error:
            raise MediumUnavailable(f"no answer within {self._timeout:g} s") from error
        except Exception as error:  # a fault of one medium, perhaps somebody else's, must not stop the others
            log.exception("medium %s failed", attempt.medium, extra=at(attempt.place))
            raise MediumUnavailable(f"unexpected error: {type(error).__name__}") from error
        finally:
            ATTEMPT_SECONDS.labels(attempt.medium).observe(time.monotonic() - started)
