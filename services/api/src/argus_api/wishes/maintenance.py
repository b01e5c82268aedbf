"""When and about what nobody needs to be told."""

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import NamedTuple

from argus_api.wishes.values import pks
from argus_database.configuration.maintenance import FOREVER, LONGEST_DESCRIPTION
from argus_http.fields import Fields, text
from argus_http.moments import FORMAT_ERROR, INFINITY


class MaintenanceWish(NamedTuple):
    """A planned maintenance task as a body wishes it."""

    filters: Sequence[int] | None
    starts_at: datetime | None
    ends_at: datetime | None
    description: str | None


def maintenance_wish(fields: Fields, *, whole: bool) -> MaintenanceWish:
    """Return what a body says of a task.

    Raises:
        ApiError: 400 with the errors of all fields.
    """
    wish = MaintenanceWish(
        fields.read("filters", partial(pks, some=True), None, required=whole),
        fields.moment("start_time"),
        _end(fields),
        fields.read("description", lambda value: text(value, LONGEST_DESCRIPTION), None),
    )
    fields.check()
    return wish


def _end(fields: Fields) -> datetime | None:
    """Return the end; null is `FOREVER`, as is the last moment of the server's clock, but not the word."""
    if "end_time" not in fields:
        return None
    said = fields.raw("end_time")
    if said is None:
        return FOREVER
    if isinstance(said, str) and said.strip() == INFINITY:
        fields.errors["end_time"] = [FORMAT_ERROR]
        return None
    return fields.end("end_time") or FOREVER
