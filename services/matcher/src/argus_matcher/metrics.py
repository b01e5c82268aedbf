"""What the matcher counts."""

import math
from collections.abc import Callable, Iterable
from typing import Protocol

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
FORGOTTEN = Counter(
    "argus_matcher_forgotten_destinations_total",
    "Destinations and profiles too many to be remembered until their incident ends.",
)
SEEKS = Counter("argus_matcher_seeks_total", "Times that dropped records were fetched again.")
LANES = Gauge("argus_matcher_lanes_open", "Partitions whose events this process matches.")
STATES = Gauge("argus_matcher_states_held", "Incidents in this process's memory.")
INDEX_VERSION = Gauge("argus_matcher_index_version", "The highest version among the documents in the index.")
INDEX_AGE = Gauge("argus_matcher_index_age_seconds", "Time since the index was last known to be complete.")
TIMERS = Counter("argus_matcher_timers_total", "What was told because it was due, by its purpose.", ["purpose"])
TIMERS_LATE = Histogram(
    "argus_matcher_timers_late_seconds",
    "Time from when something of an incident was due until it was looked at.",
    buckets=(0.5, 1, 2, 5, 10, 30, 60, 300, 1800, 3600, 14400),
)
TIMERS_WAITING = Gauge(
    "argus_matcher_timers_waiting", "Incidents in this process's memory of which something is to come."
)
FLAPPING = Gauge("argus_matcher_flapping", "Incidents in this process's memory that flap for some profile.")


class _Coming(Protocol):
    def __len__(self) -> int: ...
    @property
    def flapping(self) -> int: ...


class _Lane(Protocol):
    def __len__(self) -> int: ...
    @property
    def deadlines(self) -> _Coming: ...


def observe(lanes: Iterable[_Lane], index_version: Callable[[], int], index_age: Callable[[], float | None]) -> None:
    """Let the gauges show what is there when they are asked."""
    LANES.set_function(lambda: sum(1 for _ in lanes))
    STATES.set_function(lambda: sum(len(lane) for lane in lanes))
    TIMERS_WAITING.set_function(lambda: sum(len(lane.deadlines) for lane in lanes))
    FLAPPING.set_function(lambda: sum(lane.deadlines.flapping for lane in lanes))
    INDEX_VERSION.set_function(index_version)
    INDEX_AGE.set_function(lambda: age if (age := index_age()) is not None else math.nan)
