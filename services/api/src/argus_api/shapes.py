"""What v2 shows of configuration (specification 2.11, 2.12); the types describe it in the API's document, too."""

from datetime import UTC, datetime, tzinfo
from typing import Any, NotRequired, TypedDict, cast

from argus_database.configuration.repeating import nearest
from argus_database.configuration.users import DAY_END, DAY_START
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import DestinationRow, FilterRow, ProfileRow, RecurrenceRow, TimeslotRow
from argus_http.moments import shown
from argus_media import HIDDEN, MediumKind, secret_settings
from argus_media.bundled.email import EMAIL
from argus_media.finding import Media
from argus_runtime.secrets import is_secret

TRI_STATES = ("open", "acked", "stateful", "maxlevel")


class Medium(TypedDict):
    """A way to reach people."""

    slug: str
    name: str
    installed: bool


class SettingsSchema(TypedDict):
    """What the settings of a medium's destinations must say."""

    json_schema: dict[str, Any]


class Conditions(TypedDict, total=False):
    """What a filter asks for; lists show only where they are set."""

    sourceSystemIds: list[int]
    source_types: list[str]
    tags: list[str]
    open: bool | None
    acked: bool | None
    stateful: bool | None
    maxlevel: int | None
    event_types: list[str]
    hide_closed_acked: bool


class Filter(TypedDict):
    """A stored filter."""

    pk: int
    name: str
    public: bool
    filter: Conditions


class Recurrence(TypedDict):
    """A stretch of the week; `all_day` shows only where it is true."""

    days: list[int]
    start: str
    end: str
    all_day: NotRequired[bool]


class Timeslot(TypedDict):
    """Named times of the week."""

    pk: int
    name: str
    time_recurrences: list[Recurrence]
    zone: str


class Destination(TypedDict):
    """Where a user can be reached; v3 says by `managed` what v2 says by `synced` in the settings of mail."""

    pk: int
    media: Medium
    label: str | None
    suggested_label: str
    settings: dict[str, Any]
    managed: NotRequired[bool | None]


class Duplicate(TypedDict):
    """Whether another user has the same."""

    is_duplicate: bool


class Profile(TypedDict):
    """A user's wish to be told."""

    pk: int
    name: str | None
    timeslot: Timeslot
    timeslots: list[Timeslot]
    filters: list[Filter]
    destinations: list[Destination]
    active: bool


class Creator(TypedDict):
    """Who made something."""

    pk: int
    username: str


class Maintenance(TypedDict):
    """A planned maintenance task."""

    pk: int
    created_by: Creator
    created: str | None
    start_time: str | None
    end_time: str | None
    description: str
    filters: list[Filter]


def medium(kind: MediumKind) -> Medium:
    """Return a medium."""
    return {"slug": kind.slug, "name": kind.name, "installed": True}


def _medium_of(slug: str, media: Media) -> Medium:
    return medium(media[slug].kind) if slug in media else {"slug": slug, "name": slug, "installed": False}


def filter_(row: FilterRow) -> Filter:
    """Return a filter; conditions of state show as null where they are unset."""
    blob = {**dict.fromkeys(TRI_STATES), **row.filter, "hide_closed_acked": row.filter.get("hide_closed_acked", False)}
    return {"pk": row.id, "name": row.name, "public": row.public, "filter": cast("Conditions", blob)}


def timeslot(row: TimeslotRow) -> Timeslot:
    """Return a timeslot with its recurrences."""
    recurrences = [_recurrence(each) for each in row.recurrences]
    return {"pk": row.id, "name": row.name, "time_recurrences": recurrences, "zone": row.zone}


def _recurrence(row: RecurrenceRow) -> Recurrence:
    body: Recurrence = {"days": row.days, "start": row.start.isoformat(), "end": row.end.isoformat()}
    if (row.start, row.end) == (DAY_START, DAY_END):
        body["all_day"] = True
    return body


def destination(row: DestinationRow, media: Media, *, v3: bool = False) -> Destination:
    """Return a destination; its secrets are never shown, not even where its medium is not there any more."""
    kind = media[row.media].kind if row.media in media else None
    secret = secret_settings(kind.settings) if kind else ()
    settings = {
        name: HIDDEN if (name in secret and value) or is_secret(value) else value
        for name, value in row.settings.items()
    }
    if not v3 and row.media == EMAIL.slug:
        settings["synced"] = bool(row.managed)
    body: Destination = {
        "pk": row.id,
        "media": _medium_of(row.media, media),
        "label": row.label,
        "suggested_label": f"{kind.name}: {row.settings.get(kind.key, '')}" if kind else row.media,
        "settings": settings,
    }
    if v3:
        body["managed"] = row.managed
    return body


def profile(row: ProfileRow, media: Media) -> Profile:
    """Return a profile with all that it names."""
    return {
        "pk": row.id,
        "name": row.name,
        "timeslot": timeslot(row.timeslot),
        "timeslots": [timeslot(each) for each in row.timeslots],
        "filters": [filter_(each) for each in row.filters],
        "destinations": [destination(each, media) for each in row.destinations],
        "active": row.active,
    }


def maintenance(row: MaintenanceRow, zone: tzinfo) -> Maintenance:
    """Return a planned maintenance task; one without an end ends with the server's calendar.

    Of one that repeats, which v2 does not know, it shows the time under way, else the next, else the last.
    """
    start, end = nearest(row, datetime.now(UTC))
    return {
        "pk": row.id,
        "created_by": {"pk": row.created_by.id, "username": row.created_by.username},
        "created": shown(row.created_at, zone),
        "start_time": shown(start, zone),
        "end_time": shown(end or datetime.max.replace(tzinfo=zone), zone),
        "description": row.description,
        "filters": [filter_(each) for each in row.filters],
    }
