"""The producer of records that stand alone: acknowledged by all replicas, or an error within five seconds."""

import asyncio
import random
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from argus_runtime import tracing
from argus_runtime.errors import LogUnavailable, RecordTooLarge
from argus_runtime.kafka.connection import Connection
from argus_runtime.kafka.deadlines import Deadlines
from argus_runtime.kafka.names import Names
from argus_runtime.kafka.outgoing import Outgoing, Waiting, fail
from argus_runtime.kafka.partitioner import partition_of
from argus_runtime.kafka.records import Partition, Place
from argus_runtime.kafka.translation import FAILURES, translated
from argus_runtime.metrics import PRODUCE_ERRORS, family
from argus_schemas.codec import Written
from argus_schemas.topics import Topic, encode

SECONDS_FOR_A_RECORD = 4.2
"""From `send` to its result, whatever happens; a client was promised an answer within five."""

SECONDS_BETWEEN_LOOKS = 0.2
SECONDS_TO_FLUSH = 3.0


@dataclass
class Asking:
    """Those who wait to know a topic's partitions: a lock lets them go in their order."""

    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    count: int = 0


class Producer:
    """Sends records; what it confirms is on all replicas, what it reports as failed may still appear.

    Not idempotent on purpose: the idempotent producer never gives up, and writes what was answered with an error.
    After a failure it goes on by itself, with a new connection where the old one is beyond repair.
    """

    def __init__(self, connection: Connection, names: Names, *, seconds: float = SECONDS_FOR_A_RECORD) -> None:
        self._seconds = seconds
        self._connection = connection
        self._names = names
        self._partitions: dict[str, int] = {}
        self._asking: dict[str, Asking] = {}
        """Of topics whose partitions somebody waits to know."""
        self._outgoing: dict[Partition, Outgoing] = {}
        self._deadlines = Deadlines(SECONDS_BETWEEN_LOOKS, self._late)

    @property
    def closed(self) -> bool:
        """Whether it sends no more."""
        return self._connection.closed

    async def start(self) -> None:
        """Connect, if the broker is there; else the first record that it answers will."""
        await self._connection.start()

    async def send(
        self,
        topic: Topic[Any] | str,
        key: str | bytes | None,
        value: Written | bytes | None,
        *,
        headers: Iterable[tuple[str, bytes]] = (),
        partition: int | None = None,
        after: "asyncio.Future[Place] | None" = None,
    ) -> "asyncio.Future[Place]":
        """Queue a record and return what becomes its place once it is stored.

        Records of one key keep their order; one that is sent `after` another of its key is not stored without it,
        unless that one can never be. Both steps together take less than five seconds. A record without `traceparent`
        continues the current trace.

        Raises:
            LogUnavailable: (also from the result) Kafka cannot be reached or did not answer in time.
            RecordTooLarge: (also from the result) the topic takes no such record.
        """
        name = self._names.of(topic)
        # What has neither key nor value could not be sent.
        encoded = b"" if key is None and value is None else encode(value)
        _check_size(topic, name, encoded)
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._seconds
        keyed = key.encode() if isinstance(key, str) else key
        waiting = Waiting(keyed, encoded, tracing.continued(headers), confirmed := loop.create_future(), after)
        (await self._way(name, keyed, partition, deadline)).add(waiting)  # at once, so that nobody overtakes it
        self._deadlines.add(deadline, confirmed, name)
        return confirmed

    async def _way(self, name: str, key: bytes | None, partition: int | None, deadline: float) -> Outgoing:
        """Return the way to the record's partition, once there is room on it."""
        try:
            # A timer for each record would cost as much as sending it.
            if name not in self._partitions or name in self._asking:
                async with asyncio.timeout_at(deadline):
                    await self._ask(name)
            at = Partition(name, _chosen(key, self._partitions[name]) if partition is None else partition)
            outgoing = self._outgoing.get(at)
            if outgoing is None:
                outgoing = self._outgoing[at] = Outgoing(at, self._connection, self._failed)
            if outgoing.full:
                async with asyncio.timeout_at(deadline):
                    await outgoing.room()
        except (*FAILURES, LogUnavailable) as error:
            raise self._failed(Partition(name, -1), error) from error
        return outgoing

    async def _ask(self, name: str) -> None:
        """Return once the partitions of a topic are known, to each in the order in which they asked."""
        asking = self._asking.setdefault(name, Asking())
        asking.count += 1
        try:
            async with asking.turn:
                if name not in self._partitions:
                    self._partitions[name] = len(await (await self._connection.client()).partitions_for(name))
        finally:
            asking.count -= 1
            if not asking.count:
                del self._asking[name]

    def _late(self, confirmed: "asyncio.Future[Place]", name: str) -> None:
        fail(confirmed, self._failed(Partition(name, -1), TimeoutError(f"no answer for {self._seconds} s")))

    def _failed(self, at: Partition, error: BaseException) -> Exception:
        PRODUCE_ERRORS.labels(family(self._names.without_prefix(at.topic))).inc()
        meaning = translated(error)
        if isinstance(meaning, LogUnavailable):
            self._connection.failed()
        return meaning

    async def close(self) -> None:
        """Send what is queued, as far as that goes in seconds, and disconnect."""
        self._connection.closed = True
        sending = {outgoing.sending for outgoing in self._outgoing.values() if outgoing.sending is not None}
        if sending:
            _, late = await asyncio.wait(sending, timeout=SECONDS_TO_FLUSH)
            for task in late:
                task.cancel()
        await self._connection.close()
        self._deadlines.close()


def _check_size(topic: Topic[Any] | str, name: str, encoded: bytes | None) -> None:
    if isinstance(topic, Topic) and encoded is not None and len(encoded) > topic.largest:
        raise RecordTooLarge(f"{len(encoded)} bytes; {name} takes {topic.largest}")


def _chosen(key: bytes | None, count: int) -> int:
    return random.randrange(count) if key is None else partition_of(key, count)  # noqa: S311  any will do
