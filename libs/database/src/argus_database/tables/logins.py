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
    """How often logins have failed lately from an address, for an account or for all."""

    __tablename__ = "login_failures"

    key: Mapped[str] = mapped_column(Text, primary_key=True)
    """A digest: people type passwords where their name belongs."""
    account: Mapped[str | None] = mapped_column(Text, index=True)
    """The digest of the name that was tried, if failures are counted for it."""
    failures: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime] = mapped_column(index=True)
    """When they are forgotten."""


class KnownAddressRow(Base):
    """From where a user has logged in lately: there, failures of strangers do not count."""

    __tablename__ = "known_addresses"

    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), primary_key=True)
    address: Mapped[str] = mapped_column(String(64), primary_key=True)
    """A digest."""
    until: Mapped[datetime]
