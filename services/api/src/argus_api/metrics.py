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
DOCUMENTS_DIFFERED = Counter(
    "argus_api_documents_differing_total",
    "Documents that were not on their topic as the tables say, by how: missing, other (it says something else), "
    "uncertain (what counts depends on when it is read), left (its row is gone) or version (of a topic, above all that "
    "were given).",
    ["topic", "how"],
)
DOCUMENTS_REPUBLISHED = Counter(
    "argus_api_documents_republished_total",
    "Documents that were published anew, since they were not on their topic as the tables say.",
    ["topic"],
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
