"""Statements that take a whole batch as one JSON document.

Measured on two cores, an incident and an event each: 2,000 a batch 35,000/s (COPY 50,000), 20 a batch 14,500/s (COPY
13,000), one 2,000/s (COPY 1,500). JSON costs Python least for small batches and travels in a pipeline; COPY cannot.
"""

from collections.abc import Iterable

from argus_database.announcements import CHANNEL
from argus_database.incidents import DOCUMENT, TABLES

INCIDENT = {
    "id": "bigint", "key": "text", "source_id": "bigint", "source_incident_id": "text", "start_time": "timestamptz",
    "stateful": "boolean", "ended_at": "timestamptz", "description": "text", "level": "smallint",
    "details_url": "text", "ticket_url": "text", "metadata": "json", "search_text": "text",
    "changed_at": "timestamptz", "received_at": "timestamptz",
}  # fmt: skip
TAG = {
    "incident_id": "bigint", "key": "text", "value": "text", "added_by": "bigint", "added_at": "timestamptz",
    "ordinal": "smallint",
}  # fmt: skip
EVENT = {
    "id": "bigint", "incident_id": "bigint", "event_id": "uuid", "type": "text", "actor_id": "bigint",
    "occurred_at": "timestamptz", "received_at": "timestamptz", "description": "text", "digest": "text",
}  # fmt: skip
ACK = {"event_id": "bigint", "incident_id": "bigint", "expires_at": "timestamptz"}
OUTCOME = {
    "event_id": "uuid", "incident_id": "bigint", "key": "text", "what": "text", "reason": "text", "digest": "text",
    "at": "timestamptz",
}  # fmt: skip
ALIAS = {"pk": "bigint", "incident_id": "bigint"}
PARTITION = {"topic": "text", "partition": "integer"}
OPENING = PARTITION | {"opening": "text"}
POSITION = OPENING | {"next_offset": "bigint", "said": "text"}
NOTIFICATION = {
    "id": "uuid", "destination_id": "bigint", "owner_id": "bigint", "purpose": "text", "event_pk": "bigint",
    "event_id": "uuid", "incident_id": "bigint", "profiles": "bigint[]", "matched_at": "timestamptz", "state": "text",
    "attempts": "integer", "next_at": "timestamptz", "reason": "text", "code": "integer", "updated_at": "timestamptz",
    "replay": "integer", "progress": "bigint",
}  # fmt: skip
ATTEMPT = {
    "notification_id": "uuid", "replay": "integer", "attempt": "integer", "state": "text", "medium": "text",
    "at": "timestamptz", "code": "integer", "reason": "text", "next_at": "timestamptz", "progress": "bigint",
}  # fmt: skip

# JSON's null is a value of `metadata`, which SQL must not take for "no value".
VALUES = {"metadata": "coalesce(r.metadata, 'null')"}


def _rows(columns: dict[str, str]) -> str:
    return f"json_to_recordset(%s) AS r({', '.join(f'{name} {type_}' for name, type_ in columns.items())})"


def _texts() -> str:
    return "ARRAY(SELECT json_array_elements_text(%s))"


def insert(table: str, columns: dict[str, str], conflict: str = "") -> str:
    """Return the statement that inserts all rows of a document."""
    values = ", ".join(VALUES.get(name, f"r.{name}") for name in columns)
    return f"INSERT INTO {table} ({', '.join(columns)}) SELECT {values} FROM {_rows(columns)} {conflict}"  # noqa: S608


def update(table: str, columns: dict[str, str], key: Iterable[str]) -> str:
    """Return the statement that updates the row of each key in a document."""
    key = tuple(key)
    values = ", ".join(f"{name} = {VALUES.get(name, f'r.{name}')}" for name in columns if name not in key)
    where = " AND ".join(f"t.{name} = r.{name}" for name in key)
    return f"UPDATE {table} t SET {values} FROM {_rows(columns)} WHERE {where}"  # noqa: S608


LOCK_POSITIONS = f"""
    SELECT p.topic, p.partition, p.next_offset, p.opening FROM positions p JOIN {_rows(PARTITION)}
    USING (topic, partition) ORDER BY 1, 2 FOR UPDATE OF p
"""  # noqa: S608
ADD_POSITIONS = insert("positions", PARTITION | {"next_offset": "bigint"}, "ON CONFLICT DO NOTHING")
# Moved and announced in one statement: whoever waits for a record is told in the moment of the commit.
MOVE_POSITIONS = f"""
    WITH moved AS (
        UPDATE positions t SET opening = r.opening, next_offset = r.next_offset FROM {_rows(POSITION)}
        WHERE t.topic = r.topic AND t.partition = r.partition RETURNING r.said
    ) SELECT pg_notify('{CHANNEL}', said) FROM moved
"""  # noqa: S608
OPEN_POSITIONS = update("positions", OPENING, PARTITION)
CLOSE_POSITIONS = f"""
    UPDATE positions p SET opening = '' FROM {_rows(PARTITION)}
    WHERE p.topic = r.topic AND p.partition = r.partition AND split_part(p.opening, ' ', 2) = %s
"""  # noqa: S608

INCIDENTS = f"SELECT i.key, {DOCUMENT}, i.search_text FROM {TABLES} WHERE i.key = ANY({_texts()})"  # noqa: S608
KNOWN = f"""
    SELECT event_id, incident_id FROM events WHERE event_id = ANY({_texts()}::uuid[])
    UNION ALL SELECT event_id, incident_id FROM outcomes WHERE event_id = ANY({_texts()}::uuid[])
"""  # noqa: S608

OPEN_INCIDENTS = insert("incidents", INCIDENT)
CHANGE_INCIDENTS = update(
    "incidents", {name: type_ for name, type_ in INCIDENT.items() if name not in {"key", "received_at"}}, ("id",)
)
CLEAR_TAGS = "DELETE FROM incident_tags WHERE incident_id = ANY(%s)"
ADD_TAGS = insert("incident_tags", TAG)
ADD_EVENTS = insert("events", EVENT)
PUT_ACKS = insert("acks", ACK, "ON CONFLICT (event_id) DO UPDATE SET expires_at = excluded.expires_at")
ADD_OUTCOMES = insert("outcomes", OUTCOME)
ADD_ALIASES = insert("aliases", ALIAS, "ON CONFLICT DO NOTHING")

# The ids of a deleted incident's events stay known, so that a repeat does not bring it back.
KEEP_EVENT_IDS = """
    INSERT INTO outcomes (event_id, incident_id, key, what, reason, digest, at)
    SELECT e.event_id, e.incident_id, i.key, 'deleted', '', e.digest, e.received_at
    FROM events e JOIN incidents i ON i.id = e.incident_id WHERE i.id = ANY(%s)
"""
DELETE = (
    "DELETE FROM events WHERE incident_id = ANY(%s)",
    "DELETE FROM acks WHERE incident_id = ANY(%s)",
    "DELETE FROM incident_tags WHERE incident_id = ANY(%s)",
    "DELETE FROM incidents WHERE id = ANY(%s)",
)

_FACTS = ("destination_id", "owner_id", "purpose", "event_pk", "event_id", "incident_id", "profiles")
_STEP = ("state", "attempts", "next_at", "reason", "code", "updated_at", "replay")
_LATER_FACTS = "coalesce(excluded.matched_at > n.matched_at, n.matched_at IS NULL AND excluded.matched_at IS NOT NULL)"


def _whichever(names: Iterable[str], condition: str) -> str:
    return ", ".join(f"{name} = CASE WHEN {condition} THEN excluded.{name} ELSE n.{name} END" for name in names)


PUT_NOTIFICATIONS = insert(
    "notifications AS n",
    NOTIFICATION,
    f"""ON CONFLICT (id) DO UPDATE SET
    {_whichever(_FACTS, _LATER_FACTS)}, {_whichever(_STEP, "excluded.progress > n.progress")},
    matched_at = greatest(n.matched_at, excluded.matched_at), progress = greatest(n.progress, excluded.progress)""",
)
_ATTEMPT_KEY = {"notification_id", "replay", "attempt"}
PUT_ATTEMPTS = insert(
    "attempts AS a",
    ATTEMPT,
    f"""ON CONFLICT (notification_id, replay, attempt) DO UPDATE SET
    {", ".join(f"{name} = excluded.{name}" for name in ATTEMPT if name not in _ATTEMPT_KEY)}
    WHERE excluded.progress > a.progress""",
)
