"""The relay's comparison: every hour, do the compacted topics hold what the tables say?"""

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any

from argus_api.metrics import DOCUMENTS_DIFFERED, DOCUMENTS_REPUBLISHED
from argus_api.publishing import TOPICS
from argus_database.configuration.comparison import EXPIRING, Comparison, Difference
from argus_database.configuration.errors import Refused
from argus_database.configuration.withdrawal import withdraw
from argus_database.engine import Sessions
from argus_database.failures import FAILURES
from argus_runtime.contents import Contents
from argus_runtime.errors import PipelineError
from argus_runtime.kafka import Kafka
from argus_runtime.settings import KafkaSettings
from argus_schemas.topics import Topic

SECONDS_AFTER_A_FAILURE = 60.0
MOST_NAMED = 5
LOST = (*FAILURES, Refused, PipelineError, ValueError)
"""What ends a comparison, but not what goes on beside it; a ValueError is a row of which no document can be made."""

log = logging.getLogger(__name__)


def utc_now() -> datetime:
    """Return the present moment."""
    return datetime.now(UTC)


class Comparing:
    """Compares again and again, and has the relay publish anew what differs."""

    def __init__(
        self, settings: KafkaSettings, sessions: Sessions, interval: timedelta, clock: Callable[[], datetime] = utc_now
    ) -> None:
        self._settings = settings
        self._sessions = sessions
        self._interval = interval
        self._clock = clock
        self.said = "not compared with the tables yet"
        """What the last comparison found, for people."""
        self.well = True
        """Whether it could be done."""

    async def run(self) -> None:
        """Compare at once and then every `interval`, until cancelled; what is away is tried again in a minute."""
        while True:
            try:
                await self.compare()
                self.well = True
                await asyncio.sleep(self._interval.total_seconds())
            except LOST as error:
                self.well, self.said = False, f"the topics could not be compared with the tables: {error}"
                log.warning("the topics could not be compared with the tables: %s", error)
                await asyncio.sleep(SECONDS_AFTER_A_FAILURE)

    async def compare(self) -> None:
        """Compare all topics once, without the planned maintenance that nobody needs there any more."""
        begun, compared = self._clock(), 0
        async with self._sessions.begin() as session:
            await withdraw(session, begun)
        repaired: list[str] = []
        async with Kafka(self._settings) as kafka:
            for topic in TOPICS.values():  # one after the other, so that no more is in memory than of one
                contents = Contents(kafka, topic, begun + EXPIRING)
                comparison = Comparison(self._sessions, contents, begun + EXPIRING)
                repaired += await self._repaired(topic, comparison)
                compared += comparison.compared
                await contents.close()
        self.said = _words(begun, compared, repaired)

    async def _repaired(self, topic: Topic[Any], comparison: Comparison) -> list[str]:
        """Publish anew what differs on a topic, and return the keys."""
        repaired: list[str] = []
        async with aclosing(comparison.differences()) as differences:
            async for found in differences:
                repaired += await comparison.publish(found)
                _tell(topic, found)
        if await comparison.overtaken():
            log.error("%s has versions that were never given here: are the tables those of a backup?", topic.name)
            DOCUMENTS_DIFFERED.labels(topic.name, "version").inc()
            await comparison.publish()
        DOCUMENTS_REPUBLISHED.labels(topic.name).inc(len(repaired))
        return repaired


def _tell(topic: Topic[Any], found: Sequence[Difference]) -> None:
    for one in found:
        DOCUMENTS_DIFFERED.labels(topic.name, one.how).inc()
        log.warning("%s on %s was not as the tables say (%s) and is published anew", one.key, topic.name, one.how)


def _words(begun: datetime, compared: int, repaired: list[str]) -> str:
    words = f"compared {compared} documents with the tables at {begun:%Y-%m-%d %H:%M} UTC"
    if not repaired:
        return f"{words}: none differed"
    named = ", ".join(repaired[:MOST_NAMED]) + (", …" if len(repaired) > MOST_NAMED else "")
    return f"{words}: {len(repaired)} published anew ({named})"
