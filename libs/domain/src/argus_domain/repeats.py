"""When planned maintenance comes again: on which days, and from when to when on the clocks of its zone."""

from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from typing import NamedTuple

from argus_domain.clocks import shown, when
from argus_schemas.configuration import Maintenance
from argus_schemas.schedules import LONGEST_REPEATED, Repeats

FARTHEST = timedelta(days=40 * 366)
"""Nobody looks farther ahead: even the 29th of February every seventh year comes within that."""

ONE_DAY = timedelta(days=1)
LAST_DAY = date.max - 2 * LONGEST_REPEATED
"""Whatever begins then has an end that there is a date for."""


class Occurrence(NamedTuple):
    """A time of maintenance; both ends belong to it."""

    start: datetime
    end: datetime | None
    """None: until somebody ends it."""

    def contains(self, moment: datetime) -> bool:
        """Tell whether `moment` belongs to it."""
        return self.start <= moment and (self.end is None or moment <= self.end)


def occurrences(task: Maintenance, after: datetime) -> Iterator[Occurrence]:
    """Yield, in order, the times of a task that have not ended before `after`, and begin within forty years of it."""
    earliest = max(after, task.starts_at)
    last_day = _day(earliest, FARTHEST)
    yield from _not_over(task, after, last_day)


def occurrence_at(task: Maintenance, moment: datetime) -> Occurrence | None:
    """Return the time of the task that `moment` falls into, whether the task was deleted or not."""
    if moment < task.starts_at:
        return None
    nearest = next(_not_over(task, moment, _day(moment, ONE_DAY)), None)
    return nearest if nearest is not None and nearest.contains(moment) else None


def _not_over(task: Maintenance, after: datetime, last_day: date) -> Iterator[Occurrence]:
    first = Occurrence(task.starts_at, task.ends_at)
    if first.end is None or first.end >= after:
        yield first
    if task.repeats is None or first.end is None:
        return
    zone = task.repeats.zone
    begin, length = shown(zone, first.start), shown(zone, first.end) - shown(zone, first.start)
    day = max(begin.date(), _day(after, -length - 2 * ONE_DAY))
    while (day := _day(datetime.combine(day, time()), ONE_DAY)) <= last_day and day < LAST_DAY:
        if _begins_on(task.repeats, begin.date(), day):
            start = datetime.combine(day, begin.time())
            found = Occurrence(when(zone, start), end := when(zone, start + length, last=True))
            if task.repeats.until is not None and found.start > task.repeats.until:
                return
            if end >= after:
                yield found


def _day(moment: datetime, later: timedelta) -> date:
    """Return the day so much later, or the nearest that is to be asked about."""
    try:
        return min((moment + later).date(), LAST_DAY)
    except OverflowError:
        return LAST_DAY if later > timedelta() else date.min


def _begins_on(repeats: Repeats, first: date, day: date) -> bool:
    """Tell whether an occurrence begins on `day`, the first one having begun on an earlier day."""
    if repeats.every == "day":
        return (day - first).days % repeats.interval == 0
    if repeats.every == "week":
        weeks = (_monday(day) - _monday(first)) // 7
        return weeks % repeats.interval == 0 and day.isoweekday() in (repeats.days or (first.isoweekday(),))
    months = 12 * (day.year - first.year) + day.month - first.month
    return months % repeats.interval == 0 and _begins_in_month(repeats, first, day)


def _monday(day: date) -> int:
    return day.toordinal() - day.isoweekday()


def _begins_in_month(repeats: Repeats, first: date, day: date) -> bool:
    if repeats.nth is None:
        return day.day == first.day
    if day.isoweekday() not in repeats.days:
        return False
    if repeats.nth > 0:
        return (day.day - 1) // 7 + 1 == repeats.nth
    return (day + 7 * ONE_DAY).month != day.month
