"""What ingest counts."""

from prometheus_client import Counter, Gauge, Histogram

ANSWERS = Counter(
    "argus_ingest_answers_total",
    "Write requests that were appended to the log, by how they were answered: stored, early or async.",
    ["answered"],
)
WAITED_SECONDS = Histogram(
    "argus_ingest_waited_seconds",
    "How long requests waited for the store after Kafka had their record.",
    buckets=(0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5),
)
REPORTS = Counter(
    "argus_ingest_reports_total",
    "Reports, by the way they came and what became of them.",
    ["way", "outcome"],
)
THROTTLED = Counter(
    "argus_ingest_throttled_total",
    "Requests that were refused because their source writes more than it may.",
)
TICKETS = Counter(
    "argus_ingest_tickets_total",
    "Tickets that people asked for, by what became of them: opened, or the status of the refusal.",
    ["outcome"],
)
TOPICS_WAITING = Gauge(
    "argus_ingest_topics_waiting",
    "Topics of reports whose source is not known (yet) or not active.",
)
SHARES = Counter(
    "argus_ingest_shares_total",
    "Shares of reports read from Kafka, by who could have them: anybody, or only others while a busy topic stood back.",
    ["whose"],
)
TOPICS_AHEAD = Gauge(
    "argus_ingest_topics_ahead",
    "Topics of reports that had their whole share of the last batch, in which there were others.",
)
STALLED = Gauge(
    "argus_ingest_store_stalled",
    "1 while records wait but the store does not move, so that no request waits for it.",
)
DATABASE_FAILURES = Counter(
    "argus_ingest_database_failures_total",
    "Questions that PostgreSQL did not answer: away, slow (no answer in time), conflict (a deadlock, say), busy (no "
    "connection, memory or space left) or refused.",
    ["reason"],
)
