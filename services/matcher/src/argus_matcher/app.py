"""The matcher's wiring: `incident-events` and `rules` in; notifications, what was withheld and states out."""

import asyncio
import logging
from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, aclosing
from typing import Any

import faust
from faust.types import TP

from argus_matcher import metrics
from argus_matcher.agents import Matching
from argus_matcher.forgetting import forget_closed
from argus_matcher.index import SiftedIndex
from argus_matcher.lane import GROUP
from argus_matcher.lanes import Lanes
from argus_matcher.log import KafkaLog
from argus_matcher.rules import follow
from argus_matcher.settings import Settings
from argus_matcher.thrift import thrifty
from argus_matcher.timers import Timers
from argus_matcher.transport import LaneApp, Unheeding
from argus_matcher.worker import Failure, lasting, working
from argus_runtime.broadcast import Broadcast
from argus_runtime.health import Health
from argus_runtime.kafka import Kafka, Partition, Record
from argus_schemas.topics import DEAD_LETTERS, DELIVERIES, INCIDENT_EVENTS, INCIDENT_STATES, NOTIFICATIONS, RULES

TOPICS = (INCIDENT_EVENTS, RULES, INCIDENT_STATES, NOTIFICATIONS, DELIVERIES, DEAD_LETTERS)
TALKATIVE = ("faust", "mode")
"""They tell of each of their dozen services whenever it starts or stops."""


async def run(settings: Settings, stop: asyncio.Event, health: Health) -> None:
    """Match events until `stop` is set; a failure ends the process, whose successor goes on from the last commit."""
    _quieten(TALKATIVE)
    loaded, index = asyncio.Event(), SiftedIndex(settings.fallback_filter)
    async with lasting(), AsyncExitStack() as ending, Kafka(settings) as kafka, Failure() as failure:
        ending.callback(failure.over)
        if not await kafka.verify_catalogue(TOPICS, stop=stop, check=health.check("kafka")):
            return
        rules = Broadcast(kafka, RULES, kept_as=thrifty)
        lanes = Lanes(KafkaLog(kafka), failed=failure, check=health.check("lanes"))
        metrics.observe(lanes, lambda: index.version, lambda: rules.age)
        failure.watch(follow(rules, index, loaded, health.check("rules")))
        await failure.unless(stop, loaded)
        if not stop.is_set():
            failure.watch(forget_closed(lanes, settings.closed_kept_for))
            timers = Timers(lanes, index, too_old_after=settings.too_old_after)
            rules.on_change(timers.rule_changed)
            failure.watch(timers.run(kafka))
            matching = Matching(index, too_old_after=settings.too_old_after)
            async with working(create_app(settings, kafka, lanes, matching, failure), failure):
                await failure.unless(stop)


def create_app(settings: Settings, kafka: Kafka, lanes: Lanes, matching: Matching, failure: Failure) -> faust.App:
    """Return the Faust app; nothing is connected until it is started."""
    app = LaneApp(kafka.name(GROUP), lanes=lanes, failed=failure, **_options(settings))
    events = app.topic(
        kafka.name(INCIDENT_EVENTS), key_type=bytes, value_type=bytes, key_serializer="raw", value_serializer="raw"
    )

    async def seek(partition: Partition, offset: int) -> None:
        await app.consumer.seek(TP(*partition), offset)

    @app.agent(events)
    async def match_events(stream: faust.StreamT[bytes]) -> None:
        try:
            async with aclosing(_records(stream)) as records:
                await matching.run(records, lanes, seek)
        except Exception as error:
            failure(error)
            await asyncio.Event().wait()  # Faust would take a return or an error for "handled", and go on

    return app


def _options(settings: Settings) -> dict[str, Any]:
    """Return how Faust is to work; whatever it could do beside fetching is turned off."""
    return {
        "broker": [f"kafka://{server.strip()}" for server in settings.bootstrap_servers.split(",")],
        "broker_session_timeout": settings.session_timeout,
        "broker_heartbeat_interval": settings.heartbeat,
        "broker_request_timeout": 90.0,  # an assignment may take that long, see lanes.OPENING_SECONDS
        "topic_disable_leader": True,
        "topic_allow_declare": False,
        "stream_wait_empty": False,
        "web_enabled": False,
        "Monitor": Unheeding,
    }


def _quieten(libraries: Iterable[str]) -> None:
    for library in libraries:
        logging.getLogger(library).setLevel(max(logging.WARNING, logging.getLogger().level))


async def _records(stream: faust.StreamT[bytes]) -> AsyncGenerator[Record, None]:
    async for event in stream.events():
        message = event.message
        yield Record(
            Partition(message.topic, message.partition),
            message.offset,
            message.key,
            message.value,
            tuple(message.headers or ()),
            int(message.timestamp * 1000),
        )
