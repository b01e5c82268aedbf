"""The read model: what the records of the log have made of incidents, events and notifications.

No foreign keys here: the store alone writes these rows, thousands a second, in the order of the log, and a check per
row would cost more than it finds; `argus verify` compares the rows with the log. Times and numbers are as in the
records; `metadata` is `json`, which keeps numbers as they were said.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, BigInteger, Index, Integer, SmallInteger, Text, literal_column, text
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import Mapped, mapped_column

from argus_database.tables.base import Base

TEXTS = "((description || ' '::text) || search_text)"
"""What a search looks at, as the trigram index has it: an expression is found by its own words only."""

_NEWEST_FIRST = (text("start_time DESC"), text("id DESC"))
_ENDED = text("stateful AND ended_at IS NOT NULL")


class IncidentRow(Base):
    """An incident as it stands; stateful without `ended_at` is open until further notice."""

    __tablename__ = "incidents"
    __table_args__ = (
        Index("ix_incidents_start_time_id", *_NEWEST_FIRST),
        Index("ix_incidents_open", *_NEWEST_FIRST, postgresql_where=text("stateful AND ended_at IS NULL")),
        # With the one above for those that have not ended: an incident may be open until a moment that is known.
        Index("ix_incidents_ended_at", "ended_at", postgresql_where=_ENDED),
        Index("ix_incidents_closed", *_NEWEST_FIRST, postgresql_where=_ENDED),
        Index("ix_incidents_stateless", *_NEWEST_FIRST, postgresql_where=text("NOT stateful")),
        Index("ix_incidents_ticket", *_NEWEST_FIRST, postgresql_where=text("ticket_url <> ''")),
        # A few whose source said that they ended before they started.
        Index("ix_incidents_backwards", *_NEWEST_FIRST, postgresql_where=text("ended_at < start_time")),
        Index("ix_incidents_source_id_start_time", "source_id", *_NEWEST_FIRST),
        Index("ix_incidents_level_start_time", "level", *_NEWEST_FIRST),
        Index("ix_incidents_lasted", text("(ended_at - start_time)"), postgresql_where=_ENDED),
        Index(
            "ix_incidents_text",
            literal_column(TEXTS).label("texts"),
            postgresql_using="gin",
            postgresql_ops={"texts": "gin_trgm_ops"},
        ),
        Index(
            "ix_incidents_source_incident_id",
            "source_incident_id",
            postgresql_where=text("source_incident_id <> ''"),
        ),
        # Room on the page for the update that closes the incident.
        {"postgresql_with": {"fillfactor": "85"}},
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Text, unique=True)
    source_id: Mapped[int] = mapped_column(BigInteger)
    source_incident_id: Mapped[str] = mapped_column(Text)
    start_time: Mapped[datetime]
    stateful: Mapped[bool]
    ended_at: Mapped[datetime | None]
    description: Mapped[str] = mapped_column(Text)
    level: Mapped[int] = mapped_column(SmallInteger)
    details_url: Mapped[str] = mapped_column(Text)
    ticket_url: Mapped[str] = mapped_column(Text)
    metadata_: Mapped[Any] = mapped_column("metadata", JSON)
    search_text: Mapped[str] = mapped_column(Text)
    changed_at: Mapped[datetime | None]
    received_at: Mapped[datetime]
    """When the record that opened it was received."""


class IncidentTagRow(Base):
    """A tag of an incident; `ordinal` keeps the order in which they were added."""

    __tablename__ = "incident_tags"
    __table_args__ = (Index("ix_incident_tags_key_value_incident_id", "key", "value", "incident_id"),)

    incident_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    key: Mapped[str] = mapped_column(Text, primary_key=True)
    value: Mapped[str] = mapped_column(Text, primary_key=True)
    added_by: Mapped[int] = mapped_column(BigInteger)
    added_at: Mapped[datetime]
    ordinal: Mapped[int] = mapped_column(SmallInteger)


class EventRow(Base):
    """An event of an incident; `digest` is that of the request under its caller's own key."""

    __tablename__ = "events"
    __table_args__ = (
        Index("ix_events_incident_id_occurred_at", "incident_id", "occurred_at"),
        Index("ix_events_occurred_at_id", text("occurred_at DESC"), text("id DESC")),
    )

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    incident_id: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[UUID] = mapped_column(unique=True)
    type: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int] = mapped_column(BigInteger)
    occurred_at: Mapped[datetime]
    received_at: Mapped[datetime]
    description: Mapped[str] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(Text)


class AckRow(Base):
    """An acknowledgement, by the pk of its event; without `expires_at` it holds for ever."""

    __tablename__ = "acks"

    event_id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    incident_id: Mapped[int] = mapped_column(BigInteger, index=True)
    expires_at: Mapped[datetime | None]


class OutcomeRow(Base):
    """What became of a record that made no event of its own, or whose incident is deleted."""

    __tablename__ = "outcomes"

    event_id: Mapped[UUID] = mapped_column(primary_key=True)
    incident_id: Mapped[int | None] = mapped_column(BigInteger)
    key: Mapped[str] = mapped_column(Text)
    what: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    digest: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]


class AliasRow(Base):
    """The pk that a refused create was promised, and the incident that it stands for."""

    __tablename__ = "aliases"

    pk: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    incident_id: Mapped[int] = mapped_column(BigInteger)


class PositionRow(Base):
    """How far the store has come: the next offset of a partition, moved with the rows in one transaction."""

    __tablename__ = "positions"

    topic: Mapped[str] = mapped_column(Text, primary_key=True)
    partition: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    next_offset: Mapped[int] = mapped_column(BigInteger)
    opening: Mapped[str] = mapped_column(Text, server_default="")
    """What the store leaves here while it works, so that its crashes are counted; empty once it has ended in order."""


class NotificationRow(Base):
    """A notification and what has become of it; without `matched_at` only its deliveries are known so far.

    `progress` orders the steps of its way, so that a step read late or again never undoes a later one.
    """

    __tablename__ = "notifications"
    __table_args__ = (
        Index("ix_notifications_incident_id", "incident_id"),
        Index("ix_notifications_owner_id_updated_at", "owner_id", text("updated_at DESC")),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    destination_id: Mapped[int] = mapped_column(BigInteger)
    owner_id: Mapped[int] = mapped_column(BigInteger)
    purpose: Mapped[str] = mapped_column(Text)
    event_pk: Mapped[int] = mapped_column(BigInteger)
    event_id: Mapped[UUID]
    incident_id: Mapped[int] = mapped_column(BigInteger)
    profiles: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))
    matched_at: Mapped[datetime | None]
    state: Mapped[str] = mapped_column(Text)
    attempts: Mapped[int]
    next_at: Mapped[datetime | None]
    reason: Mapped[str] = mapped_column(Text)
    code: Mapped[int | None]
    updated_at: Mapped[datetime]
    replay: Mapped[int]
    progress: Mapped[int] = mapped_column(BigInteger)


class AttemptRow(Base):
    """One attempt to deliver a notification, and how it ended."""

    __tablename__ = "attempts"

    notification_id: Mapped[UUID] = mapped_column(primary_key=True)
    replay: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    attempt: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    state: Mapped[str] = mapped_column(Text)
    medium: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]
    code: Mapped[int | None]
    reason: Mapped[str] = mapped_column(Text)
    next_at: Mapped[datetime | None]
    progress: Mapped[int] = mapped_column(BigInteger)
