"""Clocks on the wall: what they show in a zone, and when they show it."""

from datetime import UTC, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo


@lru_cache(maxsize=64)
def shown(zone: str, moment: datetime) -> datetime:
    """Return date and time on the clocks of `zone`, without an offset.

    In UTC where they would show a year before 1 or after 9999. The timeslots of very many users are asked about one
    moment, on the clocks of few zones.
    """
    try:
        local = moment.astimezone(ZoneInfo(zone))
    except OverflowError:
        local = moment.astimezone(UTC)
    return local.replace(tzinfo=None)


def when(zone: str, wall: datetime, *, last: bool = False) -> datetime:
    """Return the moment at which the clocks of `zone` show `wall`: the first, or the last where they show it twice.

    A time that is skipped counts as if the clocks had not been put forward.

    Raises:
        OverflowError: that is before the year 1 or after 9999 in UTC.
    """
    return wall.replace(tzinfo=ZoneInfo(zone), fold=int(last and _comes_twice(zone, wall))).astimezone(UTC)


def _comes_twice(zone: str, wall: datetime) -> bool:
    first, second = (wall.replace(tzinfo=ZoneInfo(zone), fold=fold).utcoffset() for fold in (0, 1))
    return first is not None and second is not None and first > second
