"""What carries configuration to the log."""

from datetime import datetime

from sqlalchemy import BigInteger, Identity, LargeBinary, Text, func
from sqlalchemy.orm import Mapped, mapped_column

from argus_database.tables.base import Base


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
