"""Records as they come from the log, read by their topics' schemas."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from argus_runtime.kafka.records import Record
from argus_schemas.topics import Topic


@dataclass(frozen=True, slots=True)
class Entry:
    """A record and what it says, or what is wrong with it."""

    record: Record
    topic: str
    """The topic's name in the catalogue."""
    value: Any
    fault: str = ""
    attempts: int = 1
    """How often it was tried before it became one that is at fault."""


def read(records: Iterable[Record], topics: Mapping[str, Topic[Any]]) -> list[Entry]:
    """Read records by the topics they came on, named as the broker names them."""
    return [_read(record, topics[record.partition.topic]) for record in records]


def given_up(record: Record, crashes: int, topics: Mapping[str, Topic[Any]]) -> Entry:
    """Return a record that is not to be read any more."""
    fault = f"the process crashed {crashes} times while handling it"
    return Entry(record, topics[record.partition.topic].name, None, fault, crashes)


def _read(record: Record, topic: Topic[Any]) -> Entry:
    if record.value is None:
        return Entry(record, topic.name, None, "a record without a value")
    try:
        return Entry(record, topic.name, topic.decode(record.value))
    except ValueError as error:
        return Entry(record, topic.name, None, str(error))
