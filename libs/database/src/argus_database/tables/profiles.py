"""What users own in order to be told: filters, timeslots and their exceptions, destinations and profiles."""

from datetime import date, time
from typing import Any

from sqlalchemy import ARRAY, Date, ForeignKey, SmallInteger, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from argus_database.tables.accounts import UserRow
from argus_database.tables.base import Base
from argus_database.tables.columns import link, owner, pk


class FilterRow(Base):
    """Stored conditions on incidents and events."""

    __tablename__ = "filters"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = pk()
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"))
    """Null: it is deleted, and no longer anybody's; only maintenance tasks that have ended show it."""
    name: Mapped[str] = mapped_column(String(40))
    filter: Mapped[dict[str, Any]] = mapped_column(JSONB, server_default="{}")
    public: Mapped[bool] = mapped_column(server_default="false")


class DateListRow(Base):
    """Dates that timeslots may leave out."""

    __tablename__ = "date_lists"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = pk()
    user_id: Mapped[int] = owner()
    name: Mapped[str] = mapped_column(String(40))
    dates: Mapped[list[date]] = mapped_column(ARRAY(Date), server_default="{}")
    """Each once, in their order."""


timeslot_exceptions = link("timeslot_exceptions", "timeslots", "date_lists", on_delete="CASCADE")


class TimeslotRow(Base):
    """Named times of the week, on the clocks of one zone."""

    __tablename__ = "timeslots"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = pk()
    user_id: Mapped[int] = owner()
    name: Mapped[str] = mapped_column(String(40))
    zone: Mapped[str] = mapped_column(Text, server_default="UTC")

    recurrences: Mapped[list["RecurrenceRow"]] = relationship(
        order_by="RecurrenceRow.id", cascade="all, delete-orphan", passive_deletes=True
    )
    exceptions: Mapped[list[DateListRow]] = relationship(secondary=timeslot_exceptions, order_by=DateListRow.id)


class RecurrenceRow(Base):
    """One stretch of a timeslot; an end before its start lies on the next day."""

    __tablename__ = "recurrences"

    id: Mapped[int] = pk()
    timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id", ondelete="CASCADE"), index=True)
    days: Mapped[list[int]] = mapped_column(ARRAY(SmallInteger))
    start: Mapped[time]
    end: Mapped[time]


class DestinationRow(Base):
    """Where a user can be reached; secret settings are encrypted."""

    __tablename__ = "destinations"
    __table_args__ = (UniqueConstraint("user_id", "media", "label"),)

    id: Mapped[int] = pk()
    user_id: Mapped[int] = owner()
    media: Mapped[str] = mapped_column(String(20))
    label: Mapped[str | None] = mapped_column(String(50))
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB)
    managed: Mapped[bool | None] = mapped_column(server_default="false")
    """Defined elsewhere, such as by the user's address."""

    user: Mapped[UserRow] = relationship()


step_destinations = link("step_destinations", "escalation_steps", "destinations")


class EscalationStepRow(Base):
    """Whom to tell of an incident that is still open and not acknowledged so long after its start."""

    __tablename__ = "escalation_steps"

    id: Mapped[int] = pk()
    profile_id: Mapped[int] = mapped_column(ForeignKey("profiles.id", ondelete="CASCADE"), index=True)
    after_minutes: Mapped[int]

    destinations: Mapped[list[DestinationRow]] = relationship(secondary=step_destinations, order_by=DestinationRow.id)


profile_filters = link("profile_filters", "profiles", "filters")
profile_timeslots = link("profile_timeslots", "profiles", "timeslots", on_delete="CASCADE")
profile_destinations = link("profile_destinations", "profiles", "destinations")


class ProfileRow(Base):
    """A user's wish to be told: filters, timeslots, destinations, and who is told later."""

    __tablename__ = "profiles"
    __table_args__ = (UniqueConstraint("user_id", "name"),)

    id: Mapped[int] = pk()
    user_id: Mapped[int] = owner()
    name: Mapped[str | None] = mapped_column(String(40))
    active: Mapped[bool] = mapped_column(server_default="true")
    timeslot_id: Mapped[int] = mapped_column(ForeignKey("timeslots.id", ondelete="CASCADE"), index=True)
    """The one that v2 shows; always one of `timeslots`."""
    damping: Mapped[dict[str, int] | None] = mapped_column(JSONB(none_as_null=True))
    document_bytes: Mapped[int | None]
    """Of its document, as it was published last; null: nobody has measured it."""

    user: Mapped[UserRow] = relationship()
    timeslot: Mapped[TimeslotRow] = relationship()
    timeslots: Mapped[list[TimeslotRow]] = relationship(secondary=profile_timeslots, order_by=TimeslotRow.id)
    filters: Mapped[list[FilterRow]] = relationship(secondary=profile_filters, order_by=FilterRow.id)
    destinations: Mapped[list[DestinationRow]] = relationship(
        secondary=profile_destinations, order_by=DestinationRow.id
    )
    escalation: Mapped[list[EscalationStepRow]] = relationship(
        order_by=EscalationStepRow.after_minutes, cascade="all, delete-orphan", passive_deletes=True
    )
