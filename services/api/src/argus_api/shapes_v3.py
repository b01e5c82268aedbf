"""What v3 shows of configuration beyond v2; the types describe it in the API's document, too."""

from datetime import datetime, tzinfo
from typing import Literal, NotRequired, TypedDict, cast

from argus_api import shapes
from argus_database.configuration import documents
from argus_database.configuration.repeating import following
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import DateListRow, EscalationStepRow, ProfileRow, TimeslotRow
from argus_http.moments import shown
from argus_media.finding import Media
from argus_schemas.configuration import Damping
from argus_schemas.schedules import Repeats

OCCURRENCES_SHOWN = 5


class DateList(TypedDict):
    """Dates that timeslots may leave out."""

    pk: int
    name: str
    dates: list[str]


class TimeslotV3(TypedDict):
    """Named times of the week, and the date lists on whose days none of them starts."""

    pk: int
    name: str
    time_recurrences: list[shapes.Recurrence]
    zone: str
    exceptions: list[int]


class DampingShape(TypedDict):
    """When an incident flaps."""

    changes: int
    minutes: int
    summary_minutes: int


class StepShape(TypedDict):
    """Whom to tell of an incident that is still open and not acknowledged so long after its start."""

    after_minutes: int
    destinations: list[shapes.Destination]


class ProfileV3(TypedDict):
    """A user's wish to be told."""

    pk: int
    name: str | None
    timeslot: TimeslotV3
    timeslots: list[TimeslotV3]
    filters: list[shapes.Filter]
    destinations: list[shapes.Destination]
    active: bool
    damping: DampingShape | None
    escalation: list[StepShape]


class RepeatsShape(TypedDict):
    """How a planned maintenance task comes again."""

    every: Literal["day", "week", "month"]
    interval: int
    days: list[int]
    nth: int | None
    until: str | None
    zone: str


class OccurrenceShape(TypedDict):
    """A time of planned maintenance."""

    start_time: str | None
    end_time: str | None


class MaintenanceV3(TypedDict):
    """A planned maintenance task; lists leave out when it comes next."""

    pk: int
    created_by: shapes.Creator
    created: str | None
    start_time: str | None
    end_time: str | None
    description: str
    filters: list[shapes.Filter]
    tell_after: bool
    repeats: RepeatsShape | None
    occurrences: NotRequired[list[OccurrenceShape]]


class Quiet(TypedDict):
    """Until when a user wants to be told of nothing; null: it is told."""

    until: str | None


SHAPES = (TimeslotV3, ProfileV3, MaintenanceV3)
"""What takes the place of a shape of v2 in the API's document."""


def date_list(row: DateListRow) -> DateList:
    """Return a date list."""
    return {"pk": row.id, "name": row.name, "dates": [each.isoformat() for each in row.dates]}


def timeslot(row: TimeslotRow) -> TimeslotV3:
    """Return a timeslot with its recurrences and the date lists that it leaves out."""
    known = shapes.timeslot(row)
    return cast("TimeslotV3", {**known, "exceptions": [each.id for each in row.exceptions]})


def profile(row: ProfileRow, media: Media) -> ProfileV3:
    """Return a profile with all that it names."""
    return {
        "pk": row.id,
        "name": row.name,
        "timeslot": timeslot(row.timeslot),
        "timeslots": [timeslot(each) for each in row.timeslots],
        "filters": [shapes.filter_(each) for each in row.filters],
        "destinations": [shapes.destination(each, media, v3=True) for each in row.destinations],
        "active": row.active,
        "damping": _damping(documents.damping(row)),
        "escalation": [_step(each, media) for each in row.escalation],
    }


def _damping(said: Damping | None) -> DampingShape | None:
    if said is None:
        return None
    return {"changes": said.changes, "minutes": said.minutes, "summary_minutes": said.summary_minutes}


def _step(row: EscalationStepRow, media: Media) -> StepShape:
    destinations = [shapes.destination(each, media, v3=True) for each in row.destinations]
    return {"after_minutes": row.after_minutes, "destinations": destinations}


def listed_maintenance(row: MaintenanceRow, zone: tzinfo) -> MaintenanceV3:
    """Return a planned maintenance task; of one that repeats, the start and end of its first time."""
    repeats = documents.repeats(row)
    known = shapes.maintenance(row, zone) | {
        "start_time": shown(row.starts_at, zone),
        "end_time": shown(row.ends_at or datetime.max.replace(tzinfo=zone), zone),
    }
    more = {"tell_after": row.tell_after, "repeats": None if repeats is None else _repeats(repeats, zone)}
    return cast("MaintenanceV3", {**known, **more})


def maintenance(row: MaintenanceRow, zone: tzinfo, now: datetime) -> MaintenanceV3:
    """Return a planned maintenance task and its times that have not ended, the next few of them."""
    times = following(row, now, OCCURRENCES_SHOWN)
    last = datetime.max.replace(tzinfo=zone)
    occurrences: list[OccurrenceShape] = [
        {"start_time": shown(each.start, zone), "end_time": shown(each.end or last, zone)} for each in times
    ]
    return {**listed_maintenance(row, zone), "occurrences": occurrences}


def _repeats(repeats: Repeats, zone: tzinfo) -> RepeatsShape:
    return {
        "every": repeats.every,
        "interval": repeats.interval,
        "days": list(repeats.days),
        "nth": repeats.nth,
        "until": shown(repeats.until, zone),
        "zone": repeats.zone,
    }
