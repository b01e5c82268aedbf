"""Damping: when an incident that opens and ends all the time flaps, and when it has settled.

What counts is when the changes of its state were received.
"""

from datetime import datetime, timedelta

from argus_schemas.configuration import Damping

COUNTED_FOR = timedelta(days=1)
"""No damping counts longer."""

MOST_COUNTED = 60
"""No damping counts more."""


def with_change(changes: tuple[datetime, ...], at: datetime) -> tuple[datetime, ...]:
    """Return the changes that may still count, with the one at `at`."""
    return (*(change for change in changes if at - change <= COUNTED_FOR), at)[-MOST_COUNTED:]


def flaps(damping: Damping, changes: tuple[datetime, ...], at: datetime) -> bool:
    """Tell whether more changes than `damping` allows were received in its minutes up to `at`."""
    minutes = timedelta(minutes=damping.minutes)
    return sum(at - change <= minutes for change in changes) > damping.changes


def settles_at(damping: Damping, changed_at: datetime) -> datetime:
    """Return when an incident has settled whose state last changed at `changed_at`."""
    return changed_at + timedelta(minutes=damping.minutes)


def next_summary(damping: Damping, last: datetime, now: datetime) -> datetime:
    """Return when the first summary after `now` is due, in steps from `last`."""
    step = timedelta(minutes=damping.summary_minutes)
    return last + step * max(1, (now - last) // step + 1)
