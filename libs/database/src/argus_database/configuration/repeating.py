"""Planned maintenance that comes again: what it may be, when it is over, and which of its times counts now."""

from collections import deque
from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise

import msgspec

from argus_database.configuration import documents
from argus_database.configuration.errors import Refused
from argus_database.tables.maintenance import MaintenanceRow
from argus_domain.repeats import Occurrence, occurrences
from argus_schemas.configuration import Maintenance
from argus_schemas.schedules import LONGEST_REPEATED, Repeats

FIELD = "repeats"
ENDS_FIRST = "End_time needs to be after start_time"
FARTHEST = timedelta(days=3653)
"""Ten years: within that a task comes again, and so far ahead its last time may be named."""

_ONE_DAY = timedelta(days=1)
COMPARED = 15
"""Occurrences, to see that none begins before the one before it has ended: two weeks of every day."""


def settle(row: MaintenanceRow, repeats: Repeats | None) -> None:
    """Let a task come again, or not, and note when it is over.

    Raises:
        Refused: it ends before it starts, or cannot come again like that.
    """
    if row.ends_at is not None and row.ends_at <= row.starts_at:
        raise Refused(None, ENDS_FIRST)
    row.repeats, row.last_ends_at = None, None
    if repeats is not None:
        _check_length(row)
        row.repeats = msgspec.to_builtins(repeats)
        _check_again(row, repeats)
        row.last_ends_at = _last_end(row, repeats)


def nearest(row: MaintenanceRow, now: datetime) -> Occurrence:
    """Return the time of a task that is under way, else its next, else its last: what v2 shows of it."""
    over = row.over_at
    coming = None if over is not None and over <= now else next(occurrences(_times(row), now), None)
    if coming is not None:
        return coming
    # It was noted when it is over: the rules of its zone may have been changed since.
    return _last(row, row.starts_at if over is None else over - min(_ONE_DAY, over - row.starts_at))


def cut(row: MaintenanceRow, at: datetime) -> list[MaintenanceRow]:
    """End a task that has begun and is not over; a time under way after others becomes a task of its own.

    So each time stays as long as it was. Returned is what there is then.
    """
    repeats, last = documents.repeats(row), nearest(row, at)
    if repeats is None or last.start == row.starts_at:
        row.ends_at, row.repeats, row.last_ends_at = at, None, None
        return [row]
    settle(row, repeats.but(until=min(at, last.start - timedelta.resolution)))
    if last.start > at:
        return [row]
    rest = MaintenanceRow(
        created_by_id=row.created_by_id, created_at=row.created_at, starts_at=last.start, ends_at=at,
        description=row.description, tell_after=row.tell_after, filters=list(row.filters),
    )  # fmt: skip
    return [row, rest]


def following(row: MaintenanceRow, now: datetime, most: int) -> list[Occurrence]:
    """Return the times of a task that have not ended, as many as are asked for."""
    return list(islice(occurrences(_times(row), now), most))


def of_first(
    row: MaintenanceRow, starts_at: datetime | None, ends_at: datetime | None, now: datetime
) -> tuple[datetime | None, datetime | None]:
    """Return what another start and end of the nearest time, as v2 shows it, mean for the first one.

    Raises:
        Refused: it would end before it starts.
    """
    shown = nearest(row, now)
    if row.ends_at is None or shown.end is None or shown.start == row.starts_at:
        return starts_at, ends_at
    if starts_at == shown.start:
        starts_at = row.starts_at
    if ends_at is None:
        return starts_at, None
    if ends_at <= shown.start:
        raise Refused(None, ENDS_FIRST)
    shorter = min(shown.end - ends_at, row.ends_at - row.starts_at)  # the clocks may be changed in one of both
    return starts_at, row.ends_at - shorter


def _times(row: MaintenanceRow) -> Maintenance:
    """Return the task without what it is about."""
    return Maintenance(
        pk=row.id or 1, version=0, starts_at=row.starts_at, ends_at=row.ends_at, repeats=documents.repeats(row)
    )


def _last_end(row: MaintenanceRow, repeats: Repeats) -> datetime | None:
    if repeats.until is None:
        return None
    # The times between are not all asked for: a task may have gone on for very long.
    near = max(row.starts_at, repeats.until - min(FARTHEST, repeats.until - row.starts_at))
    return _last(row, near).end


def _last(row: MaintenanceRow, near: datetime) -> Occurrence:
    """Return the last time of a task that ends at `near` or after it, else its first."""
    last = deque(occurrences(_times(row), near), maxlen=1)
    return last[0] if last else Occurrence(row.starts_at, row.ends_at)


def _check_length(row: MaintenanceRow) -> None:
    if row.ends_at is None:
        raise Refused(FIELD, "A task that repeats needs an end_time.")
    if row.ends_at - row.starts_at > LONGEST_REPEATED:
        raise Refused(FIELD, f"A task that repeats can last {LONGEST_REPEATED.days} days at most.")


def _check_again(row: MaintenanceRow, repeats: Repeats) -> None:
    begun = max(row.starts_at, datetime.now(UTC))
    if repeats.until is not None and repeats.until - begun > FARTHEST:
        raise Refused(FIELD, "until can lie 10 years ahead at most.")
    for_ever = _times(row).but(repeats=repeats.but(until=None))
    first = list(islice(occurrences(for_ever, row.starts_at), COMPARED))
    if len(first) < 2 or first[1].start - first[0].start > FARTHEST:
        raise Refused(FIELD, "The task would not come again within 10 years.")
    if any(earlier.end is None or later.start <= earlier.end for earlier, later in pairwise(first)):
        raise Refused(FIELD, "The task would begin again before it has ended.")
