"""When a failed notification is tried again; pure."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

DELAYS = (2.0, 10.0, 30.0, 120.0, 600.0, 1800.0, 7200.0)
"""Seconds before the second attempt, the third, and so on; the last one repeats."""

JITTER = 0.2
"""Each delay is up to this part shorter or longer, so that what failed together does not return together."""

LONGEST_RETRY_AFTER = timedelta(seconds=DELAYS[-1])


@dataclass(frozen=True, slots=True)
class Schedule:
    """The delays between attempts, and when to give up."""

    give_up_after: timedelta = timedelta(hours=24)
    """How long after its arrival a notification is tried at least."""
    scale: float = 1.0
    """What the delays are multiplied with; tests make them short."""

    def next_at(
        self, attempt: int, now: datetime, arrived_at: datetime, *, retry_after: timedelta | None, chance: float
    ) -> datetime | None:
        """Return when to try again after `attempt` failed, or None to give up; `chance` is in [0, 1).

        Nothing is given up before its time is over; the last attempt may be a delay later.
        """
        seconds = DELAYS[min(attempt, len(DELAYS)) - 1] * self.scale
        delay = timedelta(seconds=seconds * (1 + JITTER * (2 * chance - 1)))
        if retry_after is not None:
            delay = max(delay, min(retry_after, LONGEST_RETRY_AFTER))
        return now + delay if now < arrived_at + self.give_up_after else None


def retry_after(header: str | None, now: Callable[[], datetime]) -> timedelta | None:
    """Return how long an HTTP `Retry-After` asks to wait; None where it says nothing that makes sense."""
    if header is None:
        return None
    text = header.strip()
    if text.isascii() and text.isdigit():
        return timedelta(seconds=min(int(text[:12]), LONGEST_RETRY_AFTER.total_seconds()))
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return max(moment - now(), timedelta())
