"""What dispatch counts."""

from prometheus_client import Counter, Gauge, Histogram

NOTIFICATIONS = Counter(
    "argus_dispatch_notifications_total",
    "Notifications, by medium and by what became of them: sent, suppressed or dead.",
    ["medium", "outcome"],
)
ATTEMPTS = Counter(
    "argus_dispatch_attempts_total",
    "Attempts, by medium and result: sent, retrying or dead.",
    ["medium", "result"],
)
ATTEMPT_SECONDS = Histogram(
    "argus_dispatch_attempt_seconds",
    "How long the other side took.",
    ["medium"],
)
IN_FLIGHT = Gauge("argus_dispatch_in_flight", "Attempts at this moment, by medium.", ["medium"])
WAITING = Gauge("argus_dispatch_waiting", "Notifications that are not finished.")
RETRYING = Gauge("argus_dispatch_retrying", "Notifications that failed and wait for their next attempt.")
OLDEST_AGE_SECONDS = Gauge("argus_dispatch_oldest_unfinished_age_seconds", "Age of the oldest unfinished notification.")
SECRETS_UNREADABLE = Counter(
    "argus_dispatch_secrets_unreadable_total",
    "Attempts that failed since none of our keys decrypts a setting of the destination.",
)
