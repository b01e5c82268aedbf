"""The catalogue of topics: each with its key, value, partitions, retention and who writes and reads it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from typing import Any, Generic, Literal, TypeVar

from argus_schemas.codec import Written, decoder
from argus_schemas.configuration import Destination, Rule, SourceDocument
from argus_schemas.ids import IdsRecord
from argus_schemas.memory import MatcherState
from argus_schemas.notification import Delivery, Notification
from argus_schemas.records import IncidentRecord
from argus_schemas.report import Report

V = TypeVar("V")

PARTITIONS = 6
MEBIBYTE = 1024 * 1024
LARGEST_INCIDENT = 4 * MEBIBYTE
"""Bytes of a record that carries an incident, which several reports of 256 KiB each may have made; a number such as
`1e15` takes four times as many of them as it had in its report."""
FOR_EVER = None
WEEK = timedelta(days=7)
MONTH = timedelta(days=30)


@dataclass(frozen=True)
class Topic(Generic[V]):
    """A topic of ours: its name without the prefix, what it holds and how long."""

    name: str
    value: Any
    """The schema of its values; None: bytes as they came."""
    key: str
    keep: timedelta | None = FOR_EVER
    cleanup: Literal["delete", "compact"] = "delete"
    partitions: int = PARTITIONS
    largest: int = MEBIBYTE
    """Bytes of its largest record."""
    writers: tuple[str, ...] = ()
    readers: tuple[str, ...] = ()
    says: str = ""
    options: dict[str, str] = field(default_factory=dict, hash=False)

    def decode(self, value: bytes) -> V:
        """Return the record that stands in `value`.

        Raises:
            ValueError: it is not one.
        """
        decoded: V = _decoder(self)(value)
        return decoded

    def configuration(self) -> dict[str, str]:
        """Return the broker's settings for this topic."""
        kept = -1 if self.keep is None else int(self.keep.total_seconds() * 1000)
        chosen = {
            "cleanup.policy": self.cleanup,
            "message.timestamp.type": "LogAppendTime",
            "max.message.bytes": str(self.largest),
        }
        if self.cleanup == "delete":
            chosen["retention.ms"] = str(kept)
            chosen["retention.bytes"] = "-1"
        return chosen | self.options


@cache
def _decoder(topic: Topic[Any]) -> Callable[[bytes], Any]:
    return decoder(topic.value)


COMPACTED = {"segment.ms": "600000", "min.cleanable.dirty.ratio": "0.1"}
OFTEN_COMPACTED = COMPACTED | {"segment.bytes": str(16 * MEBIBYTE)}
"""Written thousands of times a second: who loads it at a rebalance reads what was not compacted yet, too."""

INCIDENT_EVENTS: Topic[IncidentRecord] = Topic(
    "incident-events", IncidentRecord, "incident key", keep=MONTH, largest=LARGEST_INCIDENT,
    writers=("ingest",), readers=("store", "matcher", "verify"),
    says="Everything that happens to an incident, in order, validated and numbered.",
)  # fmt: skip
RULES: Topic[Rule] = Topic(
    "rules", Rule, "kind and id", cleanup="compact", partitions=1, options=COMPACTED,
    writers=("api",), readers=("matcher", "api"),
    says="Profiles and maintenance tasks, whole, with their version; a tombstone deletes.",
)  # fmt: skip
SOURCES: Topic[SourceDocument] = Topic(
    "sources", SourceDocument, "kind and id", cleanup="compact", partitions=1, options=COMPACTED,
    writers=("api",), readers=("ingest", "api"),
    says="Sources with their users and token digests; a tombstone deletes.",
)  # fmt: skip
DESTINATIONS: Topic[Destination] = Topic(
    "destinations", Destination, "kind and id", cleanup="compact", partitions=1, options=COMPACTED,
    writers=("api",), readers=("dispatch", "api"),
    says="Where users can be reached, secrets encrypted; a tombstone deletes.",
)  # fmt: skip
INCIDENT_STATES: Topic[MatcherState] = Topic(
    "incident-states", MatcherState, "incident key", cleanup="compact", options=OFTEN_COMPACTED,
    largest=LARGEST_INCIDENT,
    writers=("matcher", "argus matcher rebuild"), readers=("matcher",),
    says="The matcher's memory of an incident, partitioned as incident-events; read committed.",
)  # fmt: skip
NOTIFICATIONS: Topic[Notification] = Topic(
    "notifications", Notification, "destination id", keep=WEEK, largest=LARGEST_INCIDENT,
    writers=("matcher",), readers=("dispatch", "store"),
    says="Tell this destination about this event; read committed.",
)  # fmt: skip
DELIVERIES: Topic[Delivery] = Topic(
    "deliveries", Delivery, "destination id", keep=WEEK,
    writers=("dispatch", "matcher"), readers=("dispatch", "store"),
    says="Each attempt and what became of it, and what was suppressed; partitioned as notifications.",
)  # fmt: skip
DEAD_LETTERS: Topic[bytes] = Topic(
    "dead-letters", None, "as it was", keep=MONTH, largest=5 * MEBIBYTE,
    writers=("ingest", "store", "matcher", "dispatch"), readers=("operators",),
    says="Records that can never be processed: the original bytes; origin, reason, time and attempts in headers.",
)  # fmt: skip
IDS: Topic[IdsRecord] = Topic(
    "ids", IdsRecord, "service", partitions=1, writers=("ingest", "argus topics"), readers=("ingest",),
    says="A block of ids was taken; its offset is the block's number.",
)  # fmt: skip

CATALOGUE: tuple[Topic[Any], ...] = (
    INCIDENT_EVENTS, RULES, SOURCES, DESTINATIONS, INCIDENT_STATES, NOTIFICATIONS, DELIVERIES, DEAD_LETTERS, IDS,
)  # fmt: skip

# However a source compresses, the broker keeps plain records: who reads them knows but one way to compress, and what
# grows a thousandfold when it is read is refused where it is written.
PLAIN = {"compression.type": "uncompressed"}

REPORTS: Topic[Report] = Topic(
    "reports", Report, "source incident id, or none", keep=WEEK, partitions=1, largest=4 * MEBIBYTE,
    writers=("the source",), readers=("ingest",), options=PLAIN,
    says="What one source says; `reports.<slug>`, created with the source.",
)  # fmt: skip


def reports_topic(slug: str) -> Topic[Report]:
    """Return the topic on which the source `slug` reports."""
    return Topic(
        f"{REPORTS.name}.{slug}", Report, REPORTS.key, keep=REPORTS.keep, partitions=1, largest=REPORTS.largest,
        writers=REPORTS.writers, readers=REPORTS.readers, says=REPORTS.says, options=REPORTS.options,
    )  # fmt: skip


def encode(value: Written | bytes | None) -> bytes | None:
    """Return `value` as it stands in a topic; None is a tombstone."""
    return value if value is None or isinstance(value, bytes) else value.to_bytes()
