"""How an attempt fails, and what is done about it.

* AttemptFailed          with a reason in words for the owner and the other side's code, where it gave one
  * Undeliverable        no retry can help: the notification is dead
  * MediumUnavailable    a later attempt may succeed: it is tried again, not before `retry_after` has passed
"""

from datetime import timedelta


class AttemptFailed(Exception):
    """An attempt that did not reach its destination."""

    def __init__(self, reason: str, code: int | None = None, *, retry_after: timedelta | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.code = code
        self.retry_after = retry_after


class Undeliverable(AttemptFailed):
    """A notification that no retry can deliver."""


class MediumUnavailable(AttemptFailed):
    """A failure that may pass."""
