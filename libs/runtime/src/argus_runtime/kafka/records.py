"""Records and where they stand, free of any client library."""

from dataclasses import dataclass
from typing import NamedTuple

Headers = tuple[tuple[str, bytes], ...]


class Partition(NamedTuple):
    """One ordered part of a topic, under the name that the broker knows."""

    topic: str
    partition: int

    def __str__(self) -> str:
        return f"{self.topic}[{self.partition}]"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a record stands."""

    partition: Partition
    offset: int

    def __str__(self) -> str:
        return f"{self.partition}@{self.offset}"


@dataclass(frozen=True, slots=True)
class Record:
    """Key, value, headers and place of what stands in a topic."""

    partition: Partition
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Headers
    appended_at_ms: int
    """When the broker wrote it."""

    @property
    def place(self) -> str:
        """Where it stands: `argus.incident-events[3]@17`."""
        return f"{self.partition}@{self.offset}"
