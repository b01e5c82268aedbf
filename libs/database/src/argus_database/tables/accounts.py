"""Who may speak: people, source systems, and their keys."""

from datetime import datetime, timedelta

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint, func
from sqlalchemy.orm import Mapped, mapped_column, relationship

from argus_database.tables.base import Base
from argus_database.tables.columns import pk


class UserRow(Base):
    """A person, or the account of a source (specification 1.1)."""

    __tablename__ = "users"

    id: Mapped[int] = pk()
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
    quiet_until: Mapped[datetime | None]
    """Until then it wants to be told of nothing."""


class SourceTypeRow(Base):
    """A kind of source, such as `nav`; always lowercase."""

    __tablename__ = "source_types"

    name: Mapped[str] = mapped_column(Text, primary_key=True)


class SourceRow(Base):
    """A system that reports incidents (specification 1.3)."""

    __tablename__ = "sources"
    __table_args__ = (UniqueConstraint("name", "type"),)

    id: Mapped[int] = pk()
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

    id: Mapped[int] = pk()
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    kind: Mapped[str] = mapped_column(String(10))
    """`cli`, or Argus's `drf` and `knox`."""
    label: Mapped[str] = mapped_column(Text, server_default="")
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime | None]
