"""Notifications and their deliveries as rows, right in whichever order the two topics are read."""

from collections.abc import Iterable
from typing import Any

from argus_schemas.notification import Delivery, Notification

PENDING = "pending"
FINALITY = {PENDING: 0, "begun": 1, "retrying": 1, "suppressed": 2, "dead": 2, "sent": 3}

Row = dict[str, Any]


def progress(state: str, attempt: int, replay: int) -> int:
    """Return a number that is higher for what counts more.

    A later replay counts most, then an end (sent before all), then a later attempt, and its end before its beginning.
    """
    ended = state not in {PENDING, "begun"}
    return ((replay * 4 + FINALITY[state]) << 33) + (attempt << 1) + ended


def rows_of(notifications: Iterable[Notification], deliveries: Iterable[Delivery]) -> list[Row]:
    """Return a row for each notification that is spoken of, in the order of ids, so that two stores cannot deadlock."""
    rows: dict[str, Row] = {}
    for row in [*map(_ordered, notifications), *map(_step, deliveries)]:
        known = rows.get(row["id"])
        rows[row["id"]] = row if known is None else _merged(known, row)
    return [rows[id_] for id_ in sorted(rows)]


def attempts_of(deliveries: Iterable[Delivery]) -> list[Row]:
    """Return the furthest that each attempt is known to have come, in the order of ids."""
    rows: dict[tuple[str, int, int], Row] = {}
    for delivery in deliveries:
        row = _attempt(delivery)
        known = rows.get(row["id"])
        if delivery.attempt and (known is None or row["progress"] > known["progress"]):
            rows[row["id"]] = row
    return [rows[id_] | {"id": None} for id_ in sorted(rows)]


def _ordered(notification: Notification) -> Row:
    event = notification.event
    return {
        "id": str(notification.id), "destination_id": notification.destination, "owner_id": notification.owner,
        "purpose": notification.purpose, "event_pk": event.pk, "event_id": event.event_id,
        "incident_id": notification.incident.pk, "profiles": [reason.profile for reason in notification.reasons],
        "matched_at": notification.matched_at, "state": PENDING, "attempts": 0, "next_at": None, "reason": "",
        "code": None, "updated_at": notification.matched_at, "replay": notification.replay,
        "progress": progress(PENDING, 0, notification.replay),
    }  # fmt: skip


def _step(delivery: Delivery) -> Row:
    return {
        "id": str(delivery.notification), "destination_id": delivery.destination, "owner_id": delivery.owner,
        "purpose": delivery.purpose, "event_pk": delivery.event, "event_id": delivery.event_id,
        "incident_id": delivery.incident, "profiles": list(delivery.profiles), "matched_at": None,
        "state": delivery.state, "attempts": delivery.attempt, "next_at": delivery.next_at, "reason": delivery.reason,
        "code": delivery.code, "updated_at": delivery.at, "replay": delivery.replay,
        "progress": progress(delivery.state, delivery.attempt, delivery.replay),
    }  # fmt: skip


def _attempt(delivery: Delivery) -> Row:
    return {
        "id": (str(delivery.notification), delivery.replay, delivery.attempt),
        "notification_id": delivery.notification, "replay": delivery.replay, "attempt": delivery.attempt,
        "state": delivery.state, "medium": delivery.medium, "at": delivery.at, "code": delivery.code,
        "reason": delivery.reason, "next_at": delivery.next_at,
        "progress": progress(delivery.state, delivery.attempt, delivery.replay),
    }  # fmt: skip


FACTS = ("destination_id", "owner_id", "purpose", "event_pk", "event_id", "incident_id", "profiles", "matched_at")


def _merged(one: Row, other: Row) -> Row:
    """Take the facts of the latest order, else of a delivery, and the state of the furthest step."""
    facts = max(one, other, key=lambda row: row["matched_at"].timestamp() if row["matched_at"] else float("-inf"))
    step = max(one, other, key=lambda row: row["progress"])
    return step | {name: facts[name] for name in FACTS}
