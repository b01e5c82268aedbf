"""Hand-written fakes; the contract suites prove that they tell the truth."""

import asyncio
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from argus_runtime import tracing
from argus_runtime.errors import LogUnavailable, RecordTooLarge, TransientError
from argus_runtime.kafka import Headers, Partition, Place, Record, partition_of
from argus_schemas.codec import Written
from argus_schemas.topics import CATALOGUE, Topic, encode

PARTITIONS = {topic.name: topic.partitions for topic in CATALOGUE}


class FakeProducer:
    """A `Producer` whose log is a list; confirms at once unless told otherwise."""

    def __init__(self, prefix: str = "argus.") -> None:
        self.prefix = prefix
        self.records: list[Record] = []
        """All that was stored, in the order of the calls."""
        self.unavailable = False
        """While true, Kafka is away: `send` raises LogUnavailable."""
        self.holding = False
        """While true, records are queued and confirmed by `release`."""
        self._ends: Counter[Partition] = Counter()
        self._held: list[tuple[Partition, bytes | None, bytes | None, Headers, asyncio.Future[Place]]] = []

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
        name, encoded = (topic if isinstance(topic, str) else topic.name), encode(value)
        if isinstance(topic, Topic) and encoded is not None and len(encoded) > topic.largest:
            raise RecordTooLarge(f"{len(encoded)} bytes; {self.prefix}{name} takes {topic.largest}")
        if self.unavailable:
            raise LogUnavailable("the fake is told to be away")
        raw = key.encode() if isinstance(key, str) else key
        if encoded is None and raw is None:
            encoded = b""
        at = Partition(self.prefix + name, self._partition(name, raw) if partition is None else partition)
        confirmed: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        if after is not None and after.done() and (after.cancelled() or isinstance(after.exception(), TransientError)):
            confirmed.set_exception(LogUnavailable("the record before it was not stored"))
            return confirmed
        self._held.append((at, raw, encoded, tuple(tracing.continued(headers)), confirmed))
        if not self.holding:
            self.release()
        return confirmed

    def release(self) -> None:
        """Store and confirm what is held."""
        held, self._held = self._held, []
        for at, key, value, headers, confirmed in held:
            self.records.append(Record(at, self._ends[at], key, value, headers, int(time.time() * 1000)))
            self._ends[at] += 1
            if not confirmed.done():
                confirmed.set_result(Place(at, self.records[-1].offset))

    def lose(self) -> None:
        """Let what is held fail, as when Kafka goes away before it answers."""
        held, self._held = self._held, []
        for *_, confirmed in held:
            confirmed.set_exception(LogUnavailable("the fake is told to lose it"))
            confirmed.exception()

    def on(self, topic: Topic[Any] | str) -> list[Record]:
        """Return what is stored on a topic."""
        name = self.prefix + (topic if isinstance(topic, str) else topic.name)
        return [record for record in self.records if record.partition.topic == name]

    def values(self, topic: Topic[Any]) -> list[Any]:
        """Return what is stored on a topic, decoded."""
        return [topic.decode(record.value or b"") for record in self.on(topic)]

    @staticmethod
    def _partition(name: str, key: bytes | None) -> int:
        return 0 if key is None else partition_of(key, PARTITIONS.get(name, 1))


def a_record(
    value: bytes | None = b"{}",
    *,
    key: bytes | None = b"key",
    topic: str = "argus.reports.nav",
    offset: int = 0,
    **fields: Any,
) -> Record:
    """Return a record as a consumer delivers it."""
    given: dict[str, Any] = {"headers": (), "appended_at_ms": 0, "partition": Partition(topic, 0)}
    return Record(offset=offset, key=key, value=value, **(given | fields))


class FakeConsumer:
    """A `Consumer` of a list of records; what it committed outlives it, as a group's positions do."""

    def __init__(
        self, records: Iterable[Record], group: "FakeGroup | None" = None, unreadable: list[Exception] | None = None
    ) -> None:
        self.group = group or FakeGroup()
        self.unreadable = unreadable or []
        """What the next calls of `batches` raise."""
        self.paused: set[Partition] = set()
        self._logs: dict[Partition, list[Record]] = {}
        for record in records:
            self._logs.setdefault(record.partition, []).append(record)
        self._next = {partition: self.group.position(partition) for partition in self._logs}

    def assignment(self) -> set[Partition]:
        return set(self._logs)

    async def batches(
        self,
        timeout: float,  # noqa: ASYNC109
        most: int,
        *,
        of: Iterable[Partition] = (),
    ) -> dict[Partition, list[Record]]:
        if self.unreadable:
            raise self.unreadable.pop(0)
        found: dict[Partition, list[Record]] = {}
        for partition in sorted((set(of) or self._logs.keys()) - self.paused):
            records = [one for one in self._logs[partition] if one.offset >= self._next[partition]][:most]
            most -= len(records)
            if records:
                found[partition] = records
                self._next[partition] = records[-1].offset + 1
        await asyncio.sleep(0 if found else min(timeout, 0.01))
        return found

    def lag(self) -> dict[Partition, int]:
        return {
            partition: sum(one.offset >= self._next[partition] for one in log) for partition, log in self._logs.items()
        }

    async def seek(self, partition: Partition, offset: int) -> None:
        self._next[partition] = offset

    def pause(self, *partitions: Partition) -> None:
        self.paused.update(partitions)

    def resume(self, *partitions: Partition) -> None:
        self.paused.difference_update(partitions)

    async def commit(self, positions: Mapping[Partition, int], marks: Mapping[Partition, str] | None = None) -> None:
        for partition, offset in positions.items():
            self.group.committed[partition] = (offset, (marks or {}).get(partition, ""))

    async def committed_marks(self, partitions: Iterable[Partition]) -> dict[Partition, tuple[int | None, str]]:
        return {partition: self.group.committed.get(partition, (None, "")) for partition in partitions}


class FakeGroup:
    """The committed positions of a group."""

    def __init__(self) -> None:
        self.committed: dict[Partition, tuple[int | None, str]] = {}

    def position(self, partition: Partition) -> int:
        return self.committed.get(partition, (0, ""))[0] or 0


class FakeDocuments:
    """A `Broadcast` that is told its documents; the first load ends when `load` is called."""

    def __init__(self) -> None:
        self.documents: dict[str, Any] = {}
        self.loaded = False
        self._callbacks: list[Callable[[str, Any], None]] = []

    def on_change(self, callback: Callable[[str, Any], None]) -> None:
        self._callbacks.append(callback)

    async def load(self) -> None:
        self.loaded = True

    async def follow(self) -> None:
        await asyncio.Event().wait()

    def put(self, key: str, document: Any) -> None:
        """Take a document, as if it had just been published."""
        self.documents[key] = document
        for callback in self._callbacks:
            callback(key, document)
