"""What all services count alike."""

from collections import Counter as Counter_
from collections.abc import Iterable
from functools import cache

from prometheus_client import Counter, Gauge

RECORDS_CONSUMED = Counter(
    "argus_records_consumed_total",
    "Records read from a topic, by what became of them.",
    ["topic", "outcome"],
)
DEAD_LETTERS = Counter(
    "argus_dead_letters_total",
    "Records that can never be processed, by the topic they came on.",
    ["topic"],
)
PRODUCE_ERRORS = Counter(
    "argus_produce_errors_total",
    "Records that Kafka did not confirm.",
    ["topic"],
)
READ_ERRORS = Counter(
    "argus_read_errors_total",
    "Tries to read the records of a group that failed, by what was wrong.",
    ["error"],
)
LAG = Gauge(
    "argus_consumer_lag_records",
    "Records in the log that this process has still to read, over its partitions.",
    ["topic"],
)
PAUSED = Gauge(
    "argus_topics_paused",
    "Topics that stand still since too many of their records were unusable.",
)
BROADCAST_DOCUMENTS = Gauge(
    "argus_broadcast_documents",
    "Documents of a compacted topic that this process holds.",
    ["topic"],
)
BROADCAST_UNREADABLE = Counter(
    "argus_broadcast_unreadable_total",
    "Documents of a compacted topic that could not be read.",
    ["topic"],
)
DEGRADED = Gauge(
    "argus_check_failed",
    "1 while a check of this process fails.",
    ["check"],
)


def family(topic: str) -> str:
    """Return the label of a topic without its prefix: all topics of reports count as one."""
    return "reports" if topic.startswith("reports.") else topic


@cache
def consumed(topic: str, outcome: str) -> Counter:
    """Return the counter of a topic's records, its name without the prefix; to look it up for each record is felt."""
    return RECORDS_CONSUMED.labels(family(topic), outcome)


def show_lag(lags: Iterable[tuple[str, int]]) -> None:
    """Show the lags of partitions, each given with its topic without the prefix."""
    behind: Counter_[str] = Counter_()
    for topic, records in lags:
        behind[family(topic)] += records
    for label, records in behind.items():
        LAG.labels(label).set(records)
