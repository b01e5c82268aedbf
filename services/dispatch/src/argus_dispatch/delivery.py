"""One attempt: decide, record that it begins, tell, record what became of it."""

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
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
from argus_runtime.errors import LogUnavailable, SecretUnreadable
from argus_runtime.log import at
from argus_schemas import topics
from argus_schemas.configuration import Destination
from argus_schemas.media import MediumSettings

Outcome = Literal["sent", "dead", "suppressed"]
UNKNOWN_FOR_NOW = timedelta(seconds=1)
NO_MEDIUM = "none"

log = logging.getLogger(__name__)


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
        self._schedule = Schedule(settings.give_up_after, settings.retry_scale)
        self._too_old_after = settings.too_old_after
        self._timeout = settings.attempt_timeout
        self._now = now
        self._chance = chance

    async def attempt(self, partition: int, waiting: Waiting) -> datetime | None:
        """Make an attempt; return when to make the next one, or None: the notification is finished."""
        notification = topics.NOTIFICATIONS.decode(waiting.value)
        try:
            destination = await self._directory.find(notification.destination)
        except LogUnavailable as error:
            log.warning("destination %s is not known: %s", notification.destination, error, extra=at(waiting.place))
            return self._now() + UNKNOWN_FOR_NOW
        slug = destination.medium if destination else NO_MEDIUM
        async with self._room(slug):
            await self._lease.held()
            number = waiting.attempts + 1
            attempt = Attempt(self._journal, partition, notification, waiting.place, number, slug, self._now)
            return await self._decide(attempt, waiting)

    def _room(self, slug: str) -> AbstractAsyncContextManager[None]:
        return self._rooms.get(slug) or nullcontext()

    async def _decide(self, attempt: Attempt, waiting: Waiting) -> datetime | None:
        """Make the attempt unless it is not to be made, by what is configured at this moment."""
        notification = attempt.notification
        destination = self._directory.known(notification.destination)
        why = why_suppressed(notification, destination, waiting.attempts, self._now(), self._too_old_after)
        if destination is None or why:
            await self._finish(attempt, "suppressed", why or "")
            return None
        try:
            medium, settings = self._means(destination)
            waiting.begun = True
            await attempt.is_now("begun")
            waiting.attempts = attempt.number
            await self._lease.held()
            code = await self._tell(medium, attempt, settings)
        except Undeliverable as failed:
            await self._finish(attempt, "dead", failed.reason, failed.code)
        except AttemptFailed as failed:
            return await self._later(attempt, waiting, failed)
        else:
            await self._finish(attempt, "sent", code=code)
        return None

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

    async def _later(self, attempt: Attempt, waiting: Waiting, failed: AttemptFailed) -> datetime | None:
        """Return when to try again, or give up."""
        next_at = self._schedule.next_at(
            attempt.number, self._now(), waiting.arrived_at, retry_after=failed.retry_after, chance=self._chance()
        )
        if next_at is None:
            await self._finish(attempt, "dead", f"given up: {failed.reason}", failed.code)
            return None
        waiting.attempts = attempt.number
        await attempt.is_now("retrying", failed.reason, code=failed.code, next_at=next_at)
        ATTEMPTS.labels(attempt.medium, "retrying").inc()
        log.info("notification %s retrying: %s", attempt.notification.id, failed.reason, extra=at(attempt.place))
        return next_at

    async def _finish(self, attempt: Attempt, outcome: Outcome, reason: str = "", code: int | None = None) -> None:
        await attempt.is_now(outcome, reason, code=code)
        NOTIFICATIONS.labels(attempt.medium, outcome).inc()
        if outcome != "suppressed":
            ATTEMPTS.labels(attempt.medium, outcome).inc()
        level = logging.INFO if outcome == "sent" else logging.WARNING
        log.log(level, "notification %s %s: %s", attempt.notification.id, outcome, reason, extra=at(attempt.place))
