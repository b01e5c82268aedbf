"""When a timeslot begins next: at the start of one of its times, or where clocks jump into one."""

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from argus_domain.clocks import shown, when
from argus_domain.timeslots import contains, leaves_out
from argus_schemas.schedules import Timeslot

FARTHEST = timedelta(days=14)
"""Nobody looks farther ahead."""

ONE_DAY = timedelta(days=1)
LEAST = timedelta(microseconds=1)


def next_start(timeslot: Timeslot, moment: datetime) -> datetime | None:
    """Return the first moment after `moment`, which the timeslot does not contain, that it does, within 14 days.

    It begins where a recurrence starts, or where the clocks of its zone jump; so these moments alone are asked about.
    """
    if not timeslot.recurrences:
        return None
    last = _later(moment, FARTHEST)
    asked = (each for each in _candidates(timeslot, moment, last) if moment < each <= last)
    return next((each for each in asked if contains(timeslot, each)), None)


def first_start(timeslots: Iterable[Timeslot], moment: datetime) -> datetime | None:
    """Return when the first of the timeslots begins that none contains at `moment`, within 14 days."""
    found = (next_start(timeslot, moment) for timeslot in timeslots)
    return min((each for each in found if each is not None), default=None)


def _candidates(timeslot: Timeslot, moment: datetime, last: datetime) -> Iterator[datetime]:
    """Yield, in order, the moments at which the timeslot may begin."""
    begin = moment
    while begin < last:
        end = min(_later(begin, ONE_DAY), last)
        starts = (each for each in _starts(timeslot, begin, end) if begin < each <= end)
        # Where clocks jump, what they show first may come last.
        yield from sorted({*starts, *jumps}) if (jumps := [*_jumps(timeslot.zone, begin, end)]) else starts
        begin = end


def _starts(timeslot: Timeslot, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield, in the order of the clock face, when recurrences start on the days of two moments.

    Each day begins one: in the midst of a recurrence that runs into it from the day before, which may be left out.
    """
    first, last = (shown(timeslot.zone, each).date().toordinal() for each in (begin, end))
    for ordinal in range(first, last + 1):
        day = date.fromordinal(ordinal)
        those = () if leaves_out(timeslot, ordinal) else timeslot.recurrences
        for start in sorted({time.min, *(each.start for each in those if day.isoweekday() in each.days)}):
            yield from _moments(timeslot.zone, datetime.combine(day, start))


def _moments(zone: str, wall: datetime) -> Iterator[datetime]:
    """Yield when clocks show `wall`."""
    try:
        yield from {when(zone, wall), when(zone, wall, last=True)}
    except OverflowError:
        return


def _jumps(zone: str, begin: datetime, end: datetime) -> Iterator[datetime]:
    """Yield when between two moments, a day apart, the clocks of a zone are put forward or back."""
    if _offset(zone, begin) == _offset(zone, end):
        return
    while end - begin > LEAST:
        middle = begin + (end - begin) / 2
        begin, end = (middle, end) if _offset(zone, middle) == _offset(zone, begin) else (begin, middle)
    yield end


def _offset(zone: str, moment: datetime) -> timedelta | None:
    try:
        return moment.astimezone(ZoneInfo(zone)).utcoffset()
    except OverflowError:
        return None


def _later(moment: datetime, span: timedelta) -> datetime:
    try:
        return moment + span
    except OverflowError:
        return datetime.max.replace(tzinfo=UTC)
