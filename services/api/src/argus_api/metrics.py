"""What api counts beside what all services count."""

from prometheus_client import Counter, Gauge

OUTBOX_PUBLISHED = Counter(
    "argus_api_outbox_published_total",
    "Documents that the relay carried from the outbox to their topic.",
    ["topic"],
)
OUTBOX_BROKEN = Counter(
    "argus_api_outbox_broken_total",
    "Times that a row of the outbox could not be published and was kept for somebody to look at.",
)
CONCERNS_REPORTED = Counter(
    "argus_api_concerns_reported_total",
    "Reports about silent sources and expiring tokens, by type: start or end.",
    ["type"],
)
LOGINS = Counter(
    "argus_api_logins_total",
    "Tries to log in with a password, by outcome: accepted, refused (a wrong name or password) or throttled.",
    ["outcome"],
)
FAILURES = Counter(
    "argus_api_database_failures_total",
    "Units of work that PostgreSQL did not do: away, slow (broken off), conflict (a deadlock, say) or busy (no "
    "connection, memory or space left).",
    ["reason"],
)
REPEATED = Counter(
    "argus_api_database_repeated_total",
    "Units of work that were done a second time, since another one had been in their way.",
)
OUTBOX_WAITING_SECONDS = Gauge(
    "argus_api_outbox_waiting_seconds",
    "Age of the oldest document that the relay still has to publish.",
)
