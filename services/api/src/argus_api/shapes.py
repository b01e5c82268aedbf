"""What v2 shows of configuration (specification 2.11, 2.12)."""

from datetime import datetime, time, tzinfo
from typing import Any

from argus_database.configuration.users import DAY_END, DAY_START
from argus_database.tables.maintenance import MaintenanceRow
from argus_database.tables.profiles import DestinationRow, FilterRow, ProfileRow, RecurrenceRow, TimeslotRow
from argus_http.moments import shown
from argus_schemas.media import EMAIL, HIDDEN, MEDIA, MediumKind, secret_settings

TRI_STATES = ("open", "acked", "stateful", "maxlevel")


def medium(kind: MediumKind) -> dict[str, Any]:
    """Return a medium."""
    return {"slug": kind.slug, "name": kind.name, "installed": True}


def _medium_of(slug: str) -> dict[str, Any]:
    kind = MEDIA.get(slug)
    return medium(kind) if kind else {"slug": slug, "name": slug, "installed": False}


def filter_(row: FilterRow) -> dict[str, Any]:
    """Return a filter; conditions of state show as null where they are unset."""
    blob = {**dict.fromkeys(TRI_STATES), **row.filter, "hide_closed_acked": row.filter.get("hide_closed_acked", False)}
    return {"pk": row.id, "name": row.name, "public": row.public, "filter": blob}


def timeslot(row: TimeslotRow) -> dict[str, Any]:
    """Return a timeslot with its recurrences."""
    recurrences = [_recurrence(each) for each in row.recurrences]
    return {"pk": row.id, "name": row.name, "time_recurrences": recurrences, "zone": row.zone}


def _recurrence(row: RecurrenceRow) -> dict[str, Any]:
    body: dict[str, Any] = {"days": row.days, "start": _clock(row.start), "end": _clock(row.end)}
    if (row.start, row.end) == (DAY_START, DAY_END):
        body["all_day"] = True
    return body


def _clock(moment: time) -> str:
    return moment.isoformat()


def destination(row: DestinationRow, *, v3: bool = False) -> dict[str, Any]:
    """Return a destination; its secrets are never shown."""
    kind = MEDIA.get(row.media)
    settings = dict(row.settings)
    for name in secret_settings(kind.settings) if kind else ():
        if settings.get(name):
            settings[name] = HIDDEN
    body = {"pk": row.id, "media": _medium_of(row.media), "label": row.label, "suggested_label": _suggested(row, kind)}
    if v3:
        return {**body, "settings": settings, "managed": row.managed}
    if row.media == EMAIL.slug:
        settings["synced"] = bool(row.managed)
    return {**body, "settings": settings}


def _suggested(row: DestinationRow, kind: MediumKind | None) -> str:
    return f"{kind.name}: {row.settings.get(kind.key, '')}" if kind else row.media


def profile(row: ProfileRow) -> dict[str, Any]:
    """Return a profile with all that it names."""
    return {
        "pk": row.id,
        "name": row.name,
        "timeslot": timeslot(row.timeslot),
        "timeslots": [timeslot(each) for each in row.timeslots],
        "filters": [filter_(each) for each in row.filters],
        "destinations": [destination(each) for each in row.destinations],
        "active": row.active,
    }


def maintenance(row: MaintenanceRow, zone: tzinfo) -> dict[str, Any]:
    """Return a planned maintenance task; one without an end ends with the server's calendar."""
    return {
        "pk": row.id,
        "created_by": {"pk": row.created_by.id, "username": row.created_by.username},
        "created": shown(row.created_at, zone),
        "start_time": shown(row.starts_at, zone),
        "end_time": shown(row.ends_at or datetime.max.replace(tzinfo=zone), zone),
        "description": row.description,
        "filters": [filter_(each) for each in row.filters],
    }
