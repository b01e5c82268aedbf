"""Planned maintenance."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, ForeignKey, String, and_, case, func, or_
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.ext.hybrid import hybrid_property
from sqlalchemy.orm import Mapped, mapped_column, relationship

from argus_database.tables.accounts import UserRow
from argus_database.tables.base import Base
from argus_database.tables.columns import link, pk
from argus_database.tables.profiles import FilterRow

maintenance_filters = link("maintenance_filters", "maintenance_tasks", "filters")


class MaintenanceRow(Base):
    """Planned maintenance; tasks that are over or deleted stay."""

    __tablename__ = "maintenance_tasks"

    id: Mapped[int] = pk()
    created_by_id: Mapped[int] = mapped_column("created_by", ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    starts_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime | None]
    """Of a task that repeats: the end of its first occurrence."""
    description: Mapped[str] = mapped_column(String(255), server_default="")
    deleted: Mapped[bool] = mapped_column(server_default="false")
    repeats: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    last_ends_at: Mapped[datetime | None]
    """The end of the last occurrence of a task that repeats; null: it goes on for ever."""
    tell_after: Mapped[bool] = mapped_column(server_default="true")
    document_bytes: Mapped[int | None]
    """Of its document, as it was published last; null: nobody has measured it."""
    withdrawn: Mapped[bool] = mapped_column(server_default="false")
    """It was over long ago: no event of its time is read again, and its document is gone."""

    created_by: Mapped[UserRow] = relationship()
    filters: Mapped[list[FilterRow]] = relationship(secondary=maintenance_filters, order_by=FilterRow.id)

    @hybrid_property
    def over_at(self) -> datetime | None:
        """When the task has ended with all its occurrences; None: never."""
        return self.ends_at if self.repeats is None else self.last_ends_at

    @over_at.inplace.expression
    @classmethod
    def _over_at(cls) -> ColumnElement[datetime | None]:
        return case((cls.repeats.is_(None), cls.ends_at), else_=cls.last_ends_at)


def lasting() -> ColumnElement[bool]:
    """Return what the tasks fit that have not ended, those that come again too."""
    return and_(~MaintenanceRow.deleted, or_(MaintenanceRow.over_at.is_(None), MaintenanceRow.over_at > func.now()))
