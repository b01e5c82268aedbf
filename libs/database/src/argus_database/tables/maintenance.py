"""Planned maintenance."""

from datetime import datetime

from sqlalchemy import ColumnElement, ForeignKey, String, and_, func, or_
from sqlalchemy.orm import Mapped, mapped_column, relationship

from argus_database.tables.accounts import UserRow
from argus_database.tables.base import Base
from argus_database.tables.columns import link, pk
from argus_database.tables.profiles import FilterRow

maintenance_filters = link("maintenance_filters", "maintenance_tasks", "filters")


class MaintenanceRow(Base):
    """Planned maintenance; deleted tasks stay, since events of their time may be read again."""

    __tablename__ = "maintenance_tasks"

    id: Mapped[int] = pk()
    created_by_id: Mapped[int] = mapped_column("created_by", ForeignKey("users.id", ondelete="CASCADE"))
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    starts_at: Mapped[datetime] = mapped_column(server_default=func.now())
    ends_at: Mapped[datetime | None]
    description: Mapped[str] = mapped_column(String(255), server_default="")
    deleted: Mapped[bool] = mapped_column(server_default="false")

    created_by: Mapped[UserRow] = relationship()
    filters: Mapped[list[FilterRow]] = relationship(secondary=maintenance_filters, order_by=FilterRow.id)


def lasting() -> ColumnElement[bool]:
    """Return what the tasks fit that have not ended."""
    return and_(~MaintenanceRow.deleted, or_(MaintenanceRow.ends_at.is_(None), MaintenanceRow.ends_at > func.now()))
