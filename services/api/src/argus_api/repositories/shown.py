"""An incident as it is read to be shown; it costs a tenth of reading it as the record of the log."""

from datetime import datetime

import msgspec
from msgspec import Raw, Struct

from argus_api.repositories.fragments import ACKED
from argus_database.incidents import FACTS, ITS_SOURCE, TABLES

SHOWN = f"json_build_object({FACTS}, 'acked', {ACKED.format(':now')}, 'last_seen', s.last_seen)::text"


class ShownSource(Struct, frozen=True, gc=False):
    """The source of an incident."""

    pk: int
    name: str
    type: str
    user: int
    base_url: str


class ShownTag(Struct, frozen=True, gc=False):
    """A tag of an incident."""

    key: str
    value: str
    added_by: int
    added_at: datetime


class ShownIncident(Struct, frozen=True, gc=False):
    """An incident, whether it is acked, and when its source was last seen; `metadata` stays as it was said."""

    pk: int
    source: ShownSource
    source_incident_id: str
    start_time: datetime
    stateful: bool
    ended_at: datetime | None
    description: str
    level: int
    details_url: str
    ticket_url: str
    metadata: Raw
    tags: tuple[ShownTag, ...]
    acked: bool
    last_seen: datetime | None


read = msgspec.json.Decoder(ShownIncident).decode


def one(condition: str) -> str:
    """Return the statement for the incident that fits."""
    return f"SELECT {SHOWN} FROM {TABLES} WHERE {condition}"  # noqa: S608  built of constants, values are bound


def asked(pks: str) -> str:
    """Return the statement for the incidents that people know by the pks of an array, each beside its pk."""
    known = f"unnest({pks}) AS asked (pk) LEFT JOIN aliases x ON x.pk = asked.pk"
    its = f"JOIN incidents i ON i.id = coalesce(x.incident_id, asked.pk) {ITS_SOURCE}"
    return f"SELECT asked.pk, {SHOWN} FROM {known} {its}"  # noqa: S608  built of constants


def of(page: str, order: object) -> str:
    """Return the statement for the incidents whose ids and moments another one gives."""
    its = f"page JOIN incidents i ON i.id = page.id {ITS_SOURCE}"
    return f"WITH page AS MATERIALIZED ({page}) SELECT {SHOWN} FROM {its} {order}"  # noqa: S608
