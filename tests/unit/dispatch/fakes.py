"""Hand-written stand-ins for what dispatch talks to."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from argus_dispatch.queues import Waiting
from argus_media import Letter
from argus_media.bundled.webhook import WebhookSettings
from argus_runtime.dead_letters import DeadLetters
from argus_runtime.errors import LogUnavailable
from argus_runtime.kafka import Partition, Place, Record
from argus_schemas.configuration import Destination, document_key
from argus_schemas.notification import Delivery, Notification
from tests.builders import NOON, a_notification

PARTITION = Partition("argus.notifications", 3)


@dataclass
class FakeClock:
    now: datetime = NOON

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@dataclass
class FakeProducer:
    """Keeps what is sent; as often as `away` says, Kafka does not answer."""

    sent: list[tuple[int | None, Any]] = field(default_factory=list)
    away: int = 0

    async def send(self, topic: Any, key: Any, value: Any, *, headers: Any = (), partition: int | None = None) -> Any:
        if self.away:
            self.away -= 1
            raise LogUnavailable("away")
        self.sent.append((partition, value))
        stored: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        stored.set_result(Place(Partition(topic.name, partition or 0), len(self.sent)))
        return stored

    @property
    def deliveries(self) -> list[Delivery]:
        return [value for _, value in self.sent]

    @property
    def way(self) -> list[tuple[str, int]]:
        return [(delivery.state, delivery.attempt) for delivery in self.deliveries]


class FakeDeadLetters(DeadLetters):
    """Keeps what is buried; as often as `away` says, Kafka does not answer."""

    def __init__(self, away: int = 0) -> None:
        self.buried: list[tuple[Record, str, int]] = []
        self.away = away

    async def bury(self, record: Record, reason: str, *, attempts: int = 1) -> Place:
        if self.away:
            self.away -= 1
            raise LogUnavailable("away")
        self.buried.append((record, reason, attempts))
        return Place(Partition("argus.dead-letters", 0), len(self.buried))


@dataclass
class FakeBroadcast:
    """Destinations, of which some are published but not read yet."""

    documents: dict[str, Destination] = field(default_factory=dict)
    published: dict[str, Destination] = field(default_factory=dict)
    looks: int = 0
    away: bool = False

    def add(self, destination: Destination) -> None:
        self.documents[document_key("destination", destination.pk)] = destination

    def publish(self, destination: Destination) -> None:
        self.published[document_key("destination", destination.pk)] = destination

    async def up_to_end(self) -> None:
        self.looks += 1
        await asyncio.sleep(0)
        if self.away:
            raise LogUnavailable("away")
        self.documents |= self.published


class FakeMedium:
    """Says what it is told to say, letter by letter."""

    settings = WebhookSettings
    at_once = 2

    def __init__(self, *outcomes: int | Exception | Callable[[], Any]) -> None:
        self.outcomes = list(outcomes)
        self.letters: list[Letter] = []

    async def send(self, letter: Letter) -> int | None:
        self.letters.append(letter)
        outcome = self.outcomes.pop(0) if self.outcomes else 200
        if isinstance(outcome, Exception):
            raise outcome
        return outcome if isinstance(outcome, int) else await outcome()


def a_waiting(attempts: int = 0, crashes: int = 0, **changes: Any) -> Waiting:
    notification = a_notification(**changes)
    return Waiting(
        record=a_record(17, notification), destination=notification.destination, incident=49, id=notification.id,
        replay=notification.replay, read_at=0.0, arrived_at=NOON, due=NOON, attempts=attempts, crashes=crashes,
    )  # fmt: skip


def a_destination(**changes: Any) -> Destination:
    settings = {"url": "https://example.org/"}
    fields: dict[str, Any] = {"pk": 4, "version": 1, "owner": 7, "medium": "fake", "settings": settings}
    return Destination(**(fields | changes))


def a_record(offset: int, notification: Notification | bytes | None, appended_at: datetime = NOON) -> Record:
    value = notification.to_bytes() if isinstance(notification, Notification) else notification
    return Record(PARTITION, offset, b"4", value, (), int(appended_at.timestamp() * 1000))
