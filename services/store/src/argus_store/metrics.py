"""What store counts beside what all services count."""

from collections.abc import Mapping
from typing import Any

from prometheus_client import Counter, Histogram

from argus_runtime.kafka import Consumer, Partition
from argus_runtime.metrics import LAG
from argus_schemas.topics import Topic
from argus_store.holds import Hold

OUTCOMES = Counter(
    "argus_store_outcomes_total",
    "Records of incidents, by what the fold says that they meant.",
    ["what"],
)
BATCH_SECONDS = Histogram(
    "argus_store_batch_seconds",
    "Time from a batch of records in hand to its committed rows.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
BATCH_RECORDS = Histogram(
    "argus_store_batch_records",
    "Records that a transaction made into rows.",
    buckets=(1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000),
)
GIVEN_UP = Counter(
    "argus_store_batches_given_up_total",
    "Batches rolled back, to be read again, by cause.",
    ["cause"],
)


def show_lag(topics: Mapping[str, Topic[Any]], held: Mapping[Partition, Hold], consumer: Consumer) -> None:
    """Show how many records of each topic are not stored yet, as far as the last fetch has seen."""
    lags = dict.fromkeys(topics, 0)
    for partition, hold in held.items():
        end = consumer.highwater(partition)
        lags[partition.topic] += 0 if end is None else max(0, end - hold.position)
    for name, topic in topics.items():
        LAG.labels(topic.name).set(lags[name])
