"""Who is logged in with a browser, and who failed to log in."""

from datetime import datetime

from sqlalchemy import ForeignKey, Integer, String, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from argus_database.tables.base import Base
from argus_database.tables.columns import pk


class SessionRow(Base):
    """A browser that is logged in, known by the SHA-256 digest of its cookie alone."""

    __tablename__ = "sessions"

    id: Mapped[int] = pk()
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    created_at: Mapped[datetime] = mapped_column(server_default=func.now())
    expires_at: Mapped[datetime] = mapped_column(index=True)


class LoginFailureRow(Base):
    """How often logins have failed lately for an account or from an address."""

    __tablename__ = "login_failures"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    """A digest: people type passwords where their name belongs."""
    failures: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime] = mapped_column(index=True)
    """When they are forgotten."""
