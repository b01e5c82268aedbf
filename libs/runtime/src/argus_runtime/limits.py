"""Too many dead letters in a row: our own fault stops us, a source's fault pauses that source."""

import logging
import time
from collections import Counter
from typing import Literal

from argus_runtime.errors import TooManyDeadLetters
from argus_runtime.health import Check
from argus_runtime.kafka import Partition
from argus_runtime.metrics import PAUSED
from argus_runtime.sources import Pausable

# A bad deploy must stop the consumer, not drain the topic into its dead letters.
MOST_IN_A_ROW = 100

# A source that sends rubbish is looked at again after this long: neither flooding the dead letters nor shut out.
SECONDS_OF_A_PAUSE = 60.0

log = logging.getLogger(__name__)


class Limits:
    """Counts the dead letters in a row of each topic; at the limit the topic is paused for a while, or we stop."""

    def __init__(
        self,
        then: Literal["pause", "stop"],
        *,
        most_in_a_row: int = MOST_IN_A_ROW,
        seconds: float = SECONDS_OF_A_PAUSE,
        check: Check | None = None,
    ) -> None:
        self._then = then
        self._most = most_in_a_row
        self._seconds = seconds
        self._check = check
        self._in_a_row: Counter[str] = Counter()
        self._until: dict[str, float] = {}
        self._tell()

    def handled(self, topic: str) -> None:
        """A record of `topic` was good."""
        self._in_a_row.pop(topic, None)

    def dead(self, source: Pausable, partition: Partition) -> None:
        """A record of `partition` was dead-lettered.

        Raises:
            TooManyDeadLetters: one too many, and the topic is our own.
        """
        topic = partition.topic
        self._in_a_row[topic] += 1
        if self._in_a_row[topic] < self._most:
            return
        if self._then == "stop":
            raise TooManyDeadLetters(topic, self._in_a_row[topic])
        log.error("%s dead letters in a row: %s is paused for %s s", self._in_a_row.pop(topic), topic, self._seconds)
        self._until[topic] = time.monotonic() + self._seconds
        source.pause(*(ours for ours in source.assignment() if ours.topic == topic))
        self._tell()

    def assigned(self, source: Pausable, partitions: set[Partition]) -> None:
        """Pause what is in its pause: a rebalance has begun to deliver it again."""
        source.pause(*(partition for partition in partitions if partition.topic in self._until))

    def look(self, source: Pausable) -> None:
        """Resume what has paused long enough."""
        now = time.monotonic()
        over = {topic for topic, until in self._until.items() if until <= now}
        for topic in over:
            del self._until[topic]
            source.resume(*(ours for ours in source.assignment() if ours.topic == topic))
            log.info("%s is read again", topic)
        if over:
            self._tell()

    def _tell(self) -> None:
        PAUSED.set(len(self._until))
        if self._check is None:
            return
        if self._until:
            self._check.failed(f"too many unusable records: {', '.join(sorted(self._until))}")
        else:
            self._check.ok()
