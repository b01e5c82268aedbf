"""Everything that a process has open to Kafka, closed at its end within seconds."""

import asyncio
import re
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Protocol, Self, TypeVar

from aiokafka import AIOKafkaConsumer

from argus_runtime.health import Check
from argus_runtime.kafka.admin import Admin
from argus_runtime.kafka.closing import Background, close_consumer
from argus_runtime.kafka.connection import Connection
from argus_runtime.kafka.consumer import Consumer
from argus_runtime.kafka.coordinators import with_group_errors
from argus_runtime.kafka.membership import Lost, Rebalanced
from argus_runtime.kafka.names import Names
from argus_runtime.kafka.producer import Producer
from argus_runtime.kafka.reader import Reader
from argus_runtime.kafka.readiness import there, watch
from argus_runtime.kafka.records import Partition
from argus_runtime.kafka.strange_names import with_strange_names
from argus_runtime.kafka.transactional import TRANSACTION_SECONDS, TransactionalProducer
from argus_runtime.kafka.translation import theirs, translating
from argus_schemas.topics import CATALOGUE, Topic

METADATA_MAX_AGE_MS = 1000
"""Where a pattern is subscribed: a source's topic is read within a second of its creation."""


class Settings(Protocol):
    """What Kafka needs to know; `argus_runtime.settings.KafkaSettings` is one."""

    @property
    def bootstrap_servers(self) -> str: ...  # noqa: D102
    @property
    def prefix(self) -> str: ...  # noqa: D102
    @property
    def session_timeout(self) -> float: ...  # noqa: D102
    @property
    def heartbeat(self) -> float: ...  # noqa: D102


class _Closable(Protocol):
    @property
    def closed(self) -> bool: ...

    async def close(self) -> None: ...


C = TypeVar("C", bound=_Closable)


class Kafka:
    """Makes producers, consumers, readers and admins, and closes them at the end."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._names = Names(settings.prefix)
        self._open: list[_Closable] = []

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        # Readers first, then what they may still have sent; each kind at once, since a broker may be slow to answer.
        senders = [one for one in self._open if isinstance(one, Producer | TransactionalProducer)]
        await asyncio.gather(*(one.close() for one in self._open if one not in senders))
        await asyncio.gather(*(one.close() for one in senders))

    def name(self, topic: Topic[Any] | str) -> str:
        """Return the broker's name of a topic, group or transactional id: with the prefix."""
        return self._names.of(topic)

    def without_prefix(self, name: str) -> str:
        """Return a topic's name as the catalogue has it."""
        return self._names.without_prefix(name)

    async def producer(self) -> Producer:
        """Return a producer; where Kafka is away, it connects by itself later."""
        made = self._keep(Producer(Connection(self._settings.bootstrap_servers), self._names))
        await made.start()
        return made

    async def transactional(
        self, transactional_id: str, *, seconds: float = TRANSACTION_SECONDS
    ) -> TransactionalProducer:
        """Return a transactional producer, not started: its `start` fences whoever had the id."""
        brokers = self._settings.bootstrap_servers
        return self._keep(TransactionalProducer(brokers, self._names, transactional_id, seconds))

    async def consumer(
        self,
        *topics: Topic[Any] | str,
        pattern: str | None = None,
        group: str,
        on_assigned: Rebalanced | None = None,
        on_revoked: Rebalanced | None = None,
        on_lost: Lost | None = None,
        committed: bool = False,
    ) -> Consumer:
        """Join `group` as a reader of `topics`, or of all whose names without prefix match `pattern`."""
        client = self._client(group=group, committed=committed, patient=pattern is None)
        made = Consumer(client, on_assigned=on_assigned, on_revoked=on_revoked, on_lost=on_lost)
        self._keep(made)
        with translating():
            await client.start()
            with_group_errors(client)
            if pattern is None:
                client.subscribe([self.name(topic) for topic in topics], listener=made.membership)
            else:
                client.subscribe(pattern=f"^{re.escape(self._names.prefix)}(?:{pattern})$", listener=made.membership)
        return made

    async def reader(
        self, topic: Topic[Any] | str, partitions: Iterable[int] | None = None, *, committed: bool = False
    ) -> Reader:
        """Return a reader of all or some partitions of `topic`, at their earliest records; close it when done."""
        name = self.name(topic)
        client = self._client(group=None, committed=committed, patient=True)
        with translating():
            try:
                await client.start()
                known = await client._client._wait_on_metadata(name)  # noqa: SLF001  the public way needs a subscription
            except BaseException:
                await close_consumer(client)
                raise
        made = Reader(client, [Partition(name, number) for number in (known if partitions is None else partitions)])
        try:
            await made.start()
        except BaseException:
            await made.close()
            raise
        return self._keep(made)

    async def move(self, group: str, positions: Mapping[Partition, int]) -> None:
        """Set positions of a group from outside, which the broker allows only while the group has no members.

        Raises:
            PartitionTaken: it has some.
        """
        async with self.outsider(group, positions) as outsider:
            await outsider.commit(positions)

    @asynccontextmanager
    async def outsider(self, group: str, movable: Iterable[Partition] = ()) -> AsyncIterator[Consumer]:
        """Give a consumer that has not joined `group`, to ask about it and to move the `movable` positions."""
        client = self._client(group=group, committed=False, patient=True)
        try:
            with translating():
                await client.start()
                with_group_errors(client)
                if partitions := [theirs(partition) for partition in movable]:
                    client.assign(partitions)
            yield Consumer(client)
        finally:
            await close_consumer(client)

    async def admin(self) -> Admin:
        """Return an admin, which connects when it is first asked."""
        return self._keep(Admin(self._settings.bootstrap_servers, self._names))

    async def verify_catalogue(
        self, topics: Iterable[Topic[Any]] = CATALOGUE, *, stop: asyncio.Event, check: Check | None = None
    ) -> bool:
        """Wait for the broker and its topics, and return whether they are there (else `stop` was set).

        A broker that is away and topics that are missing are waited for, not ready, and logged once. Afterwards
        `check`, if given, tells every two seconds whether a broker answers.

        Raises:
            CatalogueMismatch: a topic is otherwise than the catalogue says.
        """
        admin = await self.admin()
        if not await there(admin, tuple(topics), stop, check):
            return False
        if check is not None:
            self._keep(Background(asyncio.ensure_future(watch(admin, check))))
        return True

    def _keep(self, made: C) -> C:
        self._open = [one for one in self._open if not one.closed]
        self._open.append(made)
        return made

    def _client(self, *, group: str | None, committed: bool, patient: bool) -> AIOKafkaConsumer:
        settings = self._settings
        with_strange_names()
        return AIOKafkaConsumer(
            bootstrap_servers=settings.bootstrap_servers,
            group_id=None if group is None else self.name(group),
            enable_auto_commit=False,
            auto_offset_reset="none",
            isolation_level="read_committed" if committed else "read_uncommitted",
            session_timeout_ms=int(settings.session_timeout * 1000),
            heartbeat_interval_ms=int(settings.heartbeat * 1000),
            request_timeout_ms=int(settings.session_timeout * 1000) + 5000,  # a member may wait that long to join
            metadata_max_age_ms=60_000 if patient else METADATA_MAX_AGE_MS,
        )
