"""Columns and tables that are alike everywhere."""

from sqlalchemy import Column, ForeignKey, Identity, Integer, Table
from sqlalchemy.orm import Mapped, mapped_column

from argus_database.tables.base import Base


def pk() -> Mapped[int]:
    """Return a small number, given in turn."""
    return mapped_column(Integer, Identity(), primary_key=True)


def owner() -> Mapped[int]:
    """Return the user to whom a row belongs, and with whom it goes."""
    return mapped_column(ForeignKey("users.id", ondelete="CASCADE"))


def link(name: str, left: str, right: str, on_delete: str | None = None) -> Table:
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
