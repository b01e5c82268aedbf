"""What people configure: users, sources, filters, profiles; and the outbox that carries it to the log."""

from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    ARRAY,
    BigInteger,
    Column,
    ForeignKey,
    Identity,
    Integer,
    LargeBinary,
    SmallInteger,
    String,
    Table,
    Text,
    UniqueConstraint,
    func,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from argus_database.tables.base import Base


def _pk() -> Mapped[int]:
    return mapped_column(Integer, Identity(), primary_key=True)


def _owner() -> Mapped[int]:
    return mapped_column(ForeignKey("users.id", ondelete="CASCADE"))


class UserRow(Base):
    """A person, or the account of a source (specification 1.1)."""

    __tablename__ = "users"

    id: Mapped[int] = _pk()
    username: Mapped[str] = mapped_column(String(150), unique=True)
    password: Mapped[str | None] = mapped_column(Text)
    """An argon2 hash; without one nobody can log in with a password."""
    first_name: Mapped[str] = mapped_column(String(150), server_default="")
    last_name: Mapped[str] = mapped_column(String(150), server_default="")
    email: Mapped[str] = mapped_column(String(254), server_default="")
    is_staff: Mapped[bool] = mapped_column(server_default="false")
    is_superuser: Mapped[bool] = mapped_column(server_default="false")
    is_active: Mapped[bool] = mapped_column(server_default="true")
    date_joined: Mapped[datetime] = mapped_column(server_default=func.now())
    last_login: Mapped[datetime | None]


class SourceTypeRow(Base):
    """A kind of source, such as `nav`; always lowercase."""

    __tablename__ = "source_types"

    name: Mapped[str] = mapped_column(Text, primary_key=True)


class SourceRow(Base):
    """A system that reports incidents (specification 1.3)."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("name", "type"),)

    id: Mapped[int] = _pk()
    slug: Mapped[str] = mapped_column(String(60), unique=True)
    """Names its topic, so it never changes."""
    name: Mapped[str] = mapped_column(Text)
    type: Mapped[str] = mapped_column(ForeignKey("source_types.name"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id"), unique=True)
    base_url: Mapped[str] = mapped_column(Text, server_default="")
    last_seen: Mapped[datetime | None]
    heartbeat_frequency: Mapped[timedelta | None]

    user: Mapped[UserRow] = relationship()
    tokens: Mapped[list["TokenRow"]] = relationship(
        primaryjoin="foreign(TokenRow.user_id) == SourceRow.user_id", order_by="TokenRow.id", viewonly=True
    )


class TokenRow(Base):
    """A key that its holder may use, known by its SHA-256 digest alone."""

    __tablename__ = "tokens"

    id: Mapped[int] = _pk()
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`cli`, or Argus's `drf` and `knox`."""
    label: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]


class FilterRow(Base):
    """Stored conditions on incidents and events."""

    __tablename__ = "filters"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = _pk()
    user_id: Mapped[int] = _owner()
    name: Mapped[str] = mapped_column(String(40))
    filter: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    public: Mapped[bool] = mapped_column(server_default="false")


class TimeslotRow(Base):
    """Named times of the week, on the clocks of one zone."""

    __tablename__ = "timeslots"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = _pk()
    user_id: Mapped[int] = _owner()
    name: Mapped[str] = mapped_column(String(40))
    zone: Mapped[str] = mapped_column(Text, server_default="UTC")

    recurrences: Mapped[list["RecurrenceRow"]] = relationship(
        order_by="RecurrenceRow.id", cascade="all, delete-orphan", passive_deletes=True
    )


class RecurrenceRow(Base):
    """One stretch of a timeslot; an end before its start lies on the next day."""

    __tablename__ = "recurrences"

    id: Mapped[int] = _pk()
    timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id", ondelete="CASCADE"), index=True)
    days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    start: Mapped[time]
    end: Mapped[time]


class DestinationRow(Base):
    """Where a user can be reached; secret settings are encrypted."""

    __tablename__ = "destinations"
    __table_args__ = (UniqueConstraint("user_id", "media", "label"),)

    id: Mapped[int] = _pk()
    user_id: Mapped[int] = _owner()
    media: Mapped[str] = mapped_column(String(20))
    label: Mapped[str | None] = mapped_column(String(50))
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    managed: Mapped[bool | None] = mapped_column(server_default="false")
    """Defined elsewhere, such as by the user's address."""

    user: Mapped[UserRow] = relationship()


def _link(name: str, left: str, right: str, on_delete: str | None = None) -> Table:
    """Return a table that joins `left` and `right`; the second index finds what embeds a thing.

    Without `on_delete`, what is in use cannot be deleted.
    """
    ours, theirs = f"{left[:-1]}_id", f"{right[:-1]}_id"
    return Table(
        name,
        Base.metadata,
        Column(ours, ForeignKey(f"{left}.id", ondelete="CASCADE"), primary_key=True),
        Column(theirs, ForeignKey(f"{right}.id", ondelete=on_delete), primary_key=True, index=True),
    )


profile_filters = _link("profile_filters", "profiles", "filters")
profile_timeslots = _link("profile_timeslots", "profiles", "timeslots", on_delete="CASCADE")
profile_destinations = _link("profile_destinations", "profiles", "destinations")
maintenance_filters = _link("maintenance_filters", "maintenance_tasks", "filters")


class ProfileRow(Base):
    """A user's wish to be told: filters, timeslots, destinations."""

    __tablename__ = "profiles"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = _pk()
    user_id: Mapped[int] = _owner()
    name: Mapped[str | None] = mapped_column(String(40))
    active: Mapped[bool] = mapped_column(server_default="true")
    timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id", ondelete="CASCADE"), index=True)
    """The one that v2 shows; always one of `timeslots`."""

    user: Mapped[UserRow] = relationship()
    timeslot: Mapped[TimeslotRow] = relationship()
    timeslots: Mapped[list[TimeslotRow]] = relationship(secondary=profile_timeslots, order_by=TimeslotRow.id)
    filters: Mapped[list[FilterRow]] = relationship(secondary=profile_filters, order_by=FilterRow.id)
    destinations: Mapped[list[DestinationRow]] = relationship(
        secondary=profile_destinations, order_by=DestinationRow.id
    )


class MaintenanceRow(Base):
    """Planned maintenance; deleted tasks stay, since events of their time may be read again."""

    __tablename__ = "maintenance_tasks"

    id: Mapped[int] = _pk()
    created_by_id: Mapped[int] = mapped_column("created_by", ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    starts_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime | None]
    description: Mapped[str] = mapped_column(String(255), server_default="")
    deleted: Mapped[bool] = mapped_column(server_default="false")

    filters: Mapped[list[FilterRow]] = relationship(secondary=maintenance_filters, order_by=FilterRow.id)


class OutboxRow(Base):
    """A document on its way to a compacted topic; its id is the document's version."""

    __tablename__ = "outbox"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    topic: Mapped[str] = mapped_column(Text)
    """Without the prefix."""
    key: Mapped[str] = mapped_column(Text)
    value: Mapped[bytes | None] = mapped_column(LargeBinary)
    """None: the document is deleted."""
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
