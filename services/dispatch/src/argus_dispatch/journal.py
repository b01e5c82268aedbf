"""The record of every attempt on `deliveries`, and of what cannot be attempted on `dead-letters`."""

import asyncio
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from argus_runtime.dead_letters import DeadLetters, Sends
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Record
from argus_schemas.notification import Delivery, DeliveryState, Notification
from argus_schemas.topics import DELIVERIES

SECONDS_BETWEEN_TRIES = 1.0
LONGEST_REASON = 2000

log = logging.getLogger(__name__)


class Journal:
    """Writes deliveries and dead letters, and does not go on before they are stored, however long Kafka is away.

    A repeat after an unclear answer is harmless.
    """

    def __init__(
        self,
        producer: Sends,
        dead_letters: DeadLetters,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._producer = producer
        self._dead_letters = dead_letters
        self._sleep = sleep

    async def record(self, partition: int, delivery: Delivery) -> None:
        """Return when `delivery` stands in `partition`."""

        async def write() -> None:
            await (await self._producer.send(DELIVERIES, str(delivery.destination), delivery, partition=partition))

        await self._until_done(write, f"notification {delivery.notification}")

    async def bury(self, record: Record, reason: str, *, attempts: int = 1) -> None:
        """Return when `record` stands among the dead letters, as it was."""

        async def write() -> None:
            await self._dead_letters.bury(record, reason, attempts=attempts)

        await self._until_done(write, f"the dead letter of {record.place}")

    async def _until_done(self, write: Callable[[], Awaitable[None]], what: str) -> None:
        while True:
            try:
                await write()
            except LogUnavailable as error:
                log.warning("%s waits for Kafka: %s", what, error)
                await self._sleep(SECONDS_BETWEEN_TRIES)
            else:
                return


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt of a notification, as it is recorded."""

    journal: Journal
    partition: int
    notification: Notification
    place: str
    number: int
    medium: str
    now: Callable[[], datetime]

    async def is_now(
        self, state: DeliveryState, reason: str = "", *, code: int | None = None, next_at: datetime | None = None
    ) -> None:
        """Record the state of the attempt."""
        told = self.notification
        delivery = Delivery(
            notification=told.id,
            destination=told.destination,
            owner=told.owner,
            purpose=told.purpose,
            incident=told.incident.pk,
            event=told.event.pk,
            event_id=told.event.event_id,
            state=state,
            attempt=self.number,
            at=self.now(),
            next_at=next_at,
            medium=self.medium,
            code=code,
            reason=storable(reason),
            profiles=tuple(reason.profile for reason in told.reasons),
            replay=told.replay,
        )
        await self.journal.record(self.partition, delivery)


def storable(reason: str) -> str:
    """Return what the other side said as a text that every reader of the log can hold."""
    return reason.encode(errors="replace").decode().replace("\x00", "\ufffd")[:LONGEST_REASON]
