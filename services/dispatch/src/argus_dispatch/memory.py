"""What the deliveries of a partition say about its notifications; pure."""

from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from argus_schemas.notification import Delivery

Name = tuple[UUID, int]
"""A notification's id and its replay number: a deliberate replay is another one."""

FINISHED = {"sent", "dead", "suppressed"}

MOST_REMEMBERED = 100_000
"""Finished notifications that are kept for the case that one is appended twice; some 20 MB."""


@dataclass(frozen=True, slots=True)
class Past:
    """What became of a notification so far."""

    attempts: int = 0
    crashes: int = 0
    """How many of the last attempts were begun and have no outcome, since their process ended without a word."""
    finished: bool = False
    next_at: datetime | None = None
    """When it is to be tried again; None: at once."""


NOTHING = Past()


class Memory:
    """The past of the notifications of one partition."""

    def __init__(self) -> None:
        self._pasts: OrderedDict[Name, Past] = OrderedDict()

    def __len__(self) -> int:
        return len(self._pasts)

    def hear(self, delivery: Delivery) -> None:
        """Take in what dispatch recorded; the matcher's records, which have no attempt, say nothing here."""
        if delivery.attempt < 1:
            return
        name = (delivery.notification, delivery.replay)
        before = self._pasts.get(name, NOTHING)
        if not before.finished:  # what was sent stays sent, whatever a dispatcher that had slept recorded after it
            self._pasts[name] = Past(
                attempts=max(before.attempts, delivery.attempt),
                crashes=_crashes(before, delivery),
                finished=delivery.state in FINISHED,
                next_at=delivery.next_at if delivery.state == "retrying" else None,
            )

    def of(self, notification: UUID, replay: int) -> Past:
        """Return what became of a notification."""
        return self._pasts.get((notification, replay), NOTHING)

    def finish(self, notification: UUID, replay: int) -> None:
        """Remember that a notification is finished."""
        self._pasts[notification, replay] = Past(finished=True)

    def trim(self, most: int = MOST_REMEMBERED) -> None:
        """Forget the oldest beyond `most`."""
        while len(self._pasts) > most:
            self._pasts.popitem(last=False)


def _crashes(before: Past, delivery: Delivery) -> int:
    """Count attempts without an outcome; what is said twice, or late by one that had slept, changes nothing."""
    if delivery.state == "begun":
        return before.crashes + (delivery.attempt > before.attempts)
    return 0 if delivery.attempt >= before.attempts else before.crashes
