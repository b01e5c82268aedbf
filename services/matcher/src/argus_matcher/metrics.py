"""What the matcher counts."""

import math
from collections.abc import Callable, Iterable, Sized

from prometheus_client import Counter, Gauge, Histogram

EVENTS = Counter("argus_matcher_events_total", "Records of incident-events, by what they meant.", ["outcome"])
NOTIFICATIONS = Counter(
    "argus_matcher_notifications_total", "Notifications that profiles asked for, by what became of them.", ["outcome"]
)
TRANSACTION_SECONDS = Histogram(
    "argus_matcher_transaction_seconds",
    "Time from the beginning of a transaction to its commit.",
    buckets=(0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10),
)
TRANSACTION_EVENTS = Histogram(
    "argus_matcher_transaction_events", "Events in one transaction.", buckets=(1, 2, 5, 10, 50, 200, 1000, 2000)
)
SEEKS = Counter("argus_matcher_seeks_total", "Times that dropped records were fetched again.")
LANES = Gauge("argus_matcher_lanes_open", "Partitions whose events this process matches.")
STATES = Gauge("argus_matcher_states_held", "Incidents in this process's memory.")
INDEX_VERSION = Gauge("argus_matcher_index_version", "The highest version among the documents in the index.")
INDEX_AGE = Gauge("argus_matcher_index_age_seconds", "Time since the index was last known to be complete.")


def observe(lanes: Iterable[Sized], index_version: Callable[[], int], index_age: Callable[[], float | None]) -> None:
    """Let the gauges show what is there when they are asked."""
    LANES.set_function(lambda: sum(1 for _ in lanes))
    STATES.set_function(lambda: sum(len(lane) for lane in lanes))
    INDEX_VERSION.set_function(index_version)
    INDEX_AGE.set_function(lambda: age if (age := index_age()) is not None else math.nan)
