"""Topics and groups as the broker has them, compared with the catalogue and created from it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Collection, Iterable
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from aiokafka import AIOKafkaConsumer, errors
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from argus_runtime.errors import LogUnavailable, PipelineError
from argus_runtime.kafka.closing import SECONDS_TO_BREAK_OFF, close_consumer, ended
from argus_runtime.kafka.comparison import Described, compared
from argus_runtime.kafka.names import Names
from argus_runtime.kafka.positions import Log
from argus_runtime.kafka.records import Partition
from argus_runtime.kafka.translation import FAILURES, ours, translated, translating
from argus_schemas.topics import CATALOGUE, Topic

REQUEST_TIMEOUT_MS = 5000
SECONDS_FOR_AN_ANSWER = 15.0
SECONDS_FOR_A_PING = 3.0
MOST_REPLICAS = 3
ALREADY_EXISTS = errors.TopicAlreadyExistsError.errno
NO_SUCH_GROUP = errors.GroupIdNotFound.errno
UNKNOWN = errors.UnknownTopicOrPartitionError.errno
T = TypeVar("T")


class Admin:
    """Asks and orders; every call connects anew if it must, and raises LogUnavailable while Kafka is away."""

    def __init__(self, brokers: str, names: Names) -> None:
        self._brokers = brokers
        self._names = names
        self._client: AIOKafkaAdminClient | None = None
        self._one_at_a_time = asyncio.Lock()
        self.closed = False

    async def ping(self) -> None:
        """Return if a broker answers soon."""
        await self._ask(lambda client: client.describe_topics([self._names.of("ids")]), SECONDS_FOR_A_PING)

    async def topics(self) -> set[str]:
        """Return the names of all topics that begin with our prefix, as the broker has them."""
        found = await self._ask(lambda client: client.list_topics())
        return {name for name in found if name.startswith(self._names.prefix)}

    async def create(self, topics: Iterable[Topic[Any]] = CATALOGUE) -> list[str]:
        """Create those topics that are missing and return their names."""
        missing = {self._names.of(topic): topic for topic in topics}
        present = await self.topics()
        missing = {name: topic for name, topic in missing.items() if name not in present}
        if not missing:
            return []
        replicas = min(MOST_REPLICAS, len((await self._ask(lambda client: client.describe_cluster()))["brokers"]))
        wanted = [
            NewTopic(name, topic.partitions, replicas, topic_configs=topic.configuration())
            for name, topic in missing.items()
        ]
        answer = await self._ask(lambda client: client.create_topics(wanted))
        _check((error[:2] for error in answer.topic_errors), harmless=ALREADY_EXISTS)
        await self._await(lambda present: present >= set(missing))
        return sorted(missing)

    async def delete(self, names: Iterable[str]) -> None:
        """Delete topics by the broker's names, and return when they are gone."""
        doomed = list(names)
        if not doomed:
            return
        answer = await self._ask(lambda client: client.delete_topics(doomed))
        _check(answer.topic_error_codes, harmless=UNKNOWN)
        await self._await(lambda present: not present & set(doomed))

    async def describe(self, topics: Iterable[Topic[Any]] = CATALOGUE) -> dict[str, Described]:
        """Return those of the topics that exist, by their names in the catalogue."""
        wanted = {self._names.of(topic): topic.name for topic in topics}
        present = sorted(wanted.keys() & await self.topics())
        if not present:
            return {}
        counts = await self.partitions(present)
        settings = await self._settings(counts)
        return {wanted[name]: Described(name, count, settings[name]) for name, count in counts.items()}

    async def partitions(self, names: Collection[str]) -> dict[str, int]:
        """Return how many partitions the topics have, by the broker's names; those that are not there are left out."""
        found = await self._ask(lambda client: client.describe_topics(list(names))) if names else []
        return {topic["topic"]: len(topic["partitions"]) for topic in found if not topic["error_code"]}

    async def _settings(self, names: Iterable[str]) -> dict[str, dict[str, str]]:
        resources = [ConfigResource(ConfigResourceType.TOPIC, name) for name in names]
        answers = await self._ask(lambda client: client.describe_configs(resources))
        return {
            name: {entry[0]: entry[1] for entry in entries}
            for answer in answers
            for _code, _message, _kind, name, entries in answer.resources
        }

    async def differences(self, topics: Iterable[Topic[Any]] = CATALOGUE) -> list[str]:
        """Return what the broker has otherwise than the catalogue, a line each."""
        expected = list(topics)
        found = await self.describe(expected)
        return [line for topic in expected for line in compared(self._names.of(topic), topic, found.get(topic.name))]

    async def ends(self, topics: Iterable[Topic[Any] | str]) -> dict[Partition, int]:
        """Return the end of each partition of these topics."""
        names = [self._names.of(topic) for topic in topics]
        found = await self._ask(lambda client: client.describe_topics(names))
        return await self._ends(
            Partition(topic["topic"], part["partition"]) for topic in found for part in topic["partitions"]
        )

    async def bounds(self, partitions: Collection[Partition]) -> dict[Partition, tuple[int, int]]:
        """Return where each log begins and where it ends for a reader of committed records."""
        async with self._log(isolation_level="read_committed") as log:
            first, end = await log.beginning(partitions), await log.end(partitions)
        return {partition: (first[partition], end[partition]) for partition in partitions}

    async def _ends(self, partitions: Iterable[Partition]) -> dict[Partition, int]:
        async with self._log() as log:
            return await log.end(partitions)

    @asynccontextmanager
    async def _log(self, **options: str) -> AsyncIterator[Log]:
        client = AIOKafkaConsumer(bootstrap_servers=self._brokers, request_timeout_ms=REQUEST_TIMEOUT_MS, **options)
        try:
            with translating():
                await client.start()
            yield Log(client)
        finally:
            await close_consumer(client)

    async def positions(self, group: str) -> dict[Partition, int]:
        """Return the committed positions of a group, named without prefix."""
        found = await self._ask(lambda client: client.list_consumer_group_offsets(self._names.of(group)))
        return {ours(partition): one.offset for partition, one in found.items() if one.offset >= 0}

    async def lag(self, group: str) -> dict[Partition, int]:
        """Return how many records each partition has after the group's position."""
        positions = await self.positions(group)
        ends = await self._ends(positions) if positions else {}
        return {partition: max(0, ends[partition] - position) for partition, position in positions.items()}

    async def members(self, group: str) -> int:
        """Return how many members a group has."""
        (answer,) = await self._ask(lambda client: client.describe_consumer_groups([self._names.of(group)]))
        ((code, _group, _state, _kind, _protocol, members, *_),) = answer.groups
        _check([(group, code)], harmless=NO_SUCH_GROUP)
        return len(members)

    async def _await(self, fulfilled: Callable[[set[str]], bool]) -> None:
        """Return when the topics are as asked for: the broker answers before all of its parts know."""
        with translating():
            async with asyncio.timeout(SECONDS_FOR_AN_ANSWER):
                while not fulfilled(await self.topics()):  # noqa: ASYNC110  the broker tells nobody
                    await asyncio.sleep(0.05)

    async def _ask(
        self, question: Callable[[AIOKafkaAdminClient], Awaitable[T]], seconds: float = SECONDS_FOR_AN_ANSWER
    ) -> T:
        async with self._one_at_a_time:
            try:
                async with asyncio.timeout(seconds):
                    return await question(await self._connected())
            except FAILURES as error:
                await self._disconnect()
                raise translated(error) from error

    async def _connected(self) -> AIOKafkaAdminClient:
        if self._client is None:
            client = AIOKafkaAdminClient(bootstrap_servers=self._brokers, request_timeout_ms=REQUEST_TIMEOUT_MS)
            try:
                await client.start()
            except BaseException:
                await client.close()
                raise
            self._client = client
        return self._client

    async def _disconnect(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            await ended(client.close(), SECONDS_TO_BREAK_OFF)

    async def close(self) -> None:
        """Disconnect."""
        self.closed = True
        await self._disconnect()


def _check(answers: Iterable[tuple[str, int]], *, harmless: int) -> None:
    bad = [(name, errors.for_code(code)) for name, code in answers if code not in {0, harmless}]
    if bad:
        passing = any(error.retriable for _, error in bad)
        raise (LogUnavailable if passing else Refused)("; ".join(f"{name}: {error.__name__}" for name, error in bad))


class Refused(PipelineError):
    """The broker refuses what it was told."""
