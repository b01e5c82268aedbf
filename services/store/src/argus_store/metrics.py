"""What store counts beside what all services count."""

from prometheus_client import Counter, Histogram

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
