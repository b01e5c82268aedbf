"""Records whose headers have names that are no text: Kafka lets anybody write them, and the library does not read them.

aiokafka 0.14 fails at such a record and at all that come after it, again and again, so that one record of one source
would stop the reports of all.
"""

import struct
from collections.abc import Iterator
from itertools import islice
from typing import Any

from aiokafka.consumer import fetcher
from aiokafka.record import default_records
from aiokafka.record.memory_records import MemoryRecords

LENGTH = struct.Struct(">qi")
"""At the beginning of each batch: its first offset, and the bytes that follow."""


def with_strange_names() -> None:
    """Let consumers read such records; what is no text in a name is escaped."""
    fetcher.MemoryRecords = _Records  # there is no setting


class _Records:
    """What was fetched of a partition, batch by batch."""

    def __init__(self, fetched: bytes) -> None:
        self._fetched = fetched
        self._batches: Any = MemoryRecords(fetched)
        self._at = 0

    def size_in_bytes(self) -> int:
        return len(self._fetched)

    def has_next(self) -> bool:
        return bool(self._batches.has_next())

    def next_batch(self) -> "_Batch":
        begin = self._at
        self._at += LENGTH.size + LENGTH.unpack_from(self._fetched, begin)[1]
        return _Batch(self._batches.next_batch(), memoryview(self._fetched)[begin : self._at])


class _Batch:
    """A batch as the library's fast reader gives it; what that one cannot read, the slow one does."""

    def __init__(self, batch: Any, fetched: memoryview) -> None:
        self._batch = batch
        self._fetched = fetched

    def __getattr__(self, name: str) -> Any:
        return getattr(self._batch, name)

    def __next__(self) -> Any:
        return next(self._batch)

    def __iter__(self) -> Iterator[Any]:
        read = 0
        try:
            for read, record in enumerate(self._batch, 1):  # noqa: B007  how many it could read
                yield record
        except UnicodeDecodeError:
            yield from islice(_slowly(self._fetched), read, None)


def _slowly(fetched: memoryview) -> Iterator[Any]:
    batch = default_records._DefaultRecordBatchPy(fetched)  # noqa: SLF001  the same in Python
    batch._maybe_uncompress()  # noqa: SLF001  else it would do so later
    batch._buffer = _Patient(batch._buffer)  # noqa: SLF001
    yield from batch


class _Patient(bytes):
    """Bytes whose every part is a text."""

    def __getitem__(self, at: Any) -> Any:
        found = super().__getitem__(at)
        return _Patient(found) if isinstance(found, bytes) else found

    def decode(self, encoding: str = "utf-8", errors: str = "") -> str:  # noqa: ARG002  as the reader calls it
        return bytes(self).decode(encoding, "backslashreplace")
