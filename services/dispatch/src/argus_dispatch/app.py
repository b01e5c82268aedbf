"""What dispatch is made of: notifications in, messages to people and deliveries out."""

import asyncio
import random
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from argus_dispatch.delivery import Deliverer
from argus_dispatch.directory import Directory
from argus_dispatch.intake import Intake
from argus_dispatch.journal import Journal
from argus_dispatch.lease import Lease
from argus_dispatch.media.opening import open_media
from argus_dispatch.messages import Writer
from argus_dispatch.settings import Settings
from argus_dispatch.suspicion import Suspicion
from argus_dispatch.telling import Teller
from argus_media import Medium
from argus_media.finding import chosen, found
from argus_runtime.broadcast import Broadcast
from argus_runtime.dead_letters import DeadLetters
from argus_runtime.health import Check, Health
from argus_runtime.kafka import Kafka
from argus_schemas.configuration import Destination
from argus_schemas.topics import DEAD_LETTERS, DELIVERIES, DESTINATIONS, NOTIFICATIONS

TOPICS = (NOTIFICATIONS, DELIVERIES, DESTINATIONS, DEAD_LETTERS)
SECONDS_A_LOOK = 0.05


async def run(settings: Settings, stop: asyncio.Event, health: Health) -> None:
    """Deliver until `stop` is set."""
    loaded, remembered = health.check("destinations"), health.check("memories")
    async with AsyncExitStack() as stack, Kafka(settings) as kafka:
        if not await kafka.verify_catalogue(TOPICS, stop=stop, check=health.check("kafka")):
            return
        media = await open_media(stack, chosen(settings.media), settings)
        destinations = Broadcast(kafka, DESTINATIONS)
        journal, lease = await open_journal(kafka, settings), Lease(settings.session_timeout / 2)
        deliverer = deliver(Directory(destinations, settings.secrets()), media, journal, lease, settings)
        suspicion = Suspicion(attempt=deliverer.attempt, give_up=deliverer.give_up, now=_now)
        intake = Intake(
            kafka,
            attempt=suspicion.attempt,
            journal=journal,
            lease=lease,
            check=remembered,
            settings=settings,
            now=_now,
        )
        async with asyncio.TaskGroup() as tasks:
            following = tasks.create_task(destinations.follow())
            if await until_loaded(destinations, loaded, stop):
                await intake.run(stop)
            following.cancel()


async def open_journal(kafka: Kafka, settings: Settings) -> Journal:
    """Return where attempts and dead letters are recorded."""
    producer = await kafka.producer()
    return Journal(producer, DeadLetters(producer, settings.service, settings.prefix))


def deliver(
    directory: Directory, media: Mapping[str, Medium], journal: Journal, lease: Lease, settings: Settings
) -> Deliverer:
    """Return what makes attempts, by the clock and by chance."""
    writer = Writer(settings.base_url, ZoneInfo(settings.time_zone), settings.subject_prefix)
    teller = Teller(directory, media, settings.attempt_timeout, write=writer.write, faults=found().faults)
    return Deliverer(
        directory=directory,
        teller=teller,
        journal=journal,
        lease=lease,
        settings=settings,
        now=_now,
        chance=random.random,
    )


async def until_loaded(destinations: Broadcast[Destination], check: Check, stop: asyncio.Event) -> bool:
    """Return when all destinations are known, whose present number `check` tells; False if `stop` was set before."""

    def tell(*_changed: object) -> None:
        check.ok(f"{len(destinations.documents)} destinations")

    while not stop.is_set():
        if destinations.loaded:
            tell()
            destinations.on_change(tell)
            return True
        await asyncio.sleep(SECONDS_A_LOOK)
    return False


def _now() -> datetime:
    return datetime.now(UTC)
