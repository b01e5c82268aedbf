"""Kafka as the lanes see it, in memory."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from argus_matcher.lane import Lane
from argus_matcher.patience import Patience
from argus_matcher.standing import Standing
from argus_matcher.waiting import Pace
from argus_runtime.errors import Fenced
from argus_runtime.kafka import Headers, Partition, Record
from argus_runtime.openings import CLOSED
from argus_schemas.codec import Written
from argus_schemas.topics import Topic, encode

SOURCE = Partition("argus.incident-events", 3)


@dataclass
class Sent:
    """A record in a transaction."""

    topic: str
    key: bytes | None
    value: bytes | None
    headers: Headers
    partition: int | None


@dataclass
class Transaction:
    """What one transaction holds."""

    records: list[Sent] = field(default_factory=list)
    positions: dict[Partition, int] = field(default_factory=dict)
    texts: dict[Partition, str] = field(default_factory=dict)

    @property
    def word(self) -> tuple[int, str]:
        """The position that it moves, and the text beside it."""
        [(partition, position)] = self.positions.items()
        return position, self.texts[partition]

    def on(self, topic: Topic[Any]) -> list[Sent]:
        return [sent for sent in self.records if sent.topic == topic.name]


class FakeProducer:
    """Keeps what is committed; can be held up in the middle of a transaction, or fenced."""

    def __init__(self) -> None:
        self.opened: list[Transaction] = []
        """What was committed before a test begins."""
        self.committed: list[Transaction] = []
        self.aborted = 0
        self.begun = asyncio.Event()
        self.may_commit = asyncio.Event()
        self.may_commit.set()
        self.started = self.closed = self.fenced = False
        self.refusal: Exception | None = None
        """What is wrong with every record that is sent."""
        self._open = Transaction()

    @property
    def work(self) -> list[Transaction]:
        """What is committed beside the word that a lane leaves when it closes in order."""
        return [each for each in self.committed if each.records or CLOSED not in each.texts.values()]

    async def start(self) -> None:
        self.started = True

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[None]:
        self._open = Transaction()
        try:
            yield
            self.begun.set()
            await self.may_commit.wait()
            self._unless_fenced()
        except BaseException:
            self.aborted += 1
            raise
        self.committed.append(self._open)

    def _unless_fenced(self) -> None:
        if self.fenced:
            raise Fenced("a successor writes")

    async def send(
        self, topic: Topic[Any], key: bytes | None, value: Written | bytes | None, *,
        headers: Headers = (), partition: int | None = None,
    ) -> None:  # fmt: skip
        if self.refusal is not None:
            raise self.refusal
        self._open.records.append(Sent(topic.name, key, encode(value), headers, partition))

    def send_offsets(self, positions: Mapping[Partition, int], group: str, texts: Mapping[Partition, str]) -> None:
        assert group == "matcher"
        self._open.positions.update(positions)
        self._open.texts.update(texts)

    async def close(self) -> None:
        self.closed = True


class FakeLog:
    """Lanes with fake producers, over states and logs that a test names."""

    def __init__(self, patience: Patience = Patience()) -> None:  # noqa: B008  it is frozen
        self.producers: dict[Partition, FakeProducer] = {}
        self.states: dict[bytes, bytes | None] = {}
        self.first, self.end = 0, 100
        self.text = CLOSED
        self.fenced: set[Partition] = set()
        """Where somebody else comes in before anything can be committed."""
        self.pace = Pace(patience)
        self.asked: list[str] = []

    async def new_lane(self, source: Partition) -> Lane:
        self.producers[source] = FakeProducer()
        self.producers[source].fenced = source in self.fenced
        return Lane(source, self.producers[source], self.pace)

    async def positions(self, partitions: list[Partition]) -> Mapping[Partition, int | None]:
        assert all(self.producers[partition].started for partition in partitions)
        self.asked.append("positions")
        return dict.fromkeys(partitions, 10)

    async def standings(self, positions: Mapping[Partition, int | None]) -> Mapping[Partition, Standing]:
        return {place: Standing(position, self.first, self.end, self.text) for place, position in positions.items()}

    async def committed_states(self, source: Partition) -> AsyncIterator[Record]:
        self.asked.append("states")
        for offset, (key, value) in enumerate(self.states.items()):
            yield Record(Partition("argus.incident-states", source.partition), offset, key, value, (), 0)


def a_record(value: bytes | Written | None, offset: int = 10, **changes: Any) -> Record:
    """Return a record of `incident-events`."""
    fields: dict[str, Any] = {
        "partition": SOURCE,
        "key": b"2:nav-17",
        "headers": (),
        "appended_at_ms": 1_700_000_000_000,
    }
    return Record(offset=offset, value=encode(value), **(fields | changes))


async def no_seek(partition: Partition, offset: int) -> None:
    """Seek nowhere: a test that needs it has gone wrong."""
    raise AssertionError(f"sought {partition}@{offset}")
