"""Indexes of large tables, for migrations: made and dropped while others read and write.

Each is committed on its own, so a migration that makes them must be safe to repeat after an interruption.
"""

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from alembic import op

HALF_MADE = sa.text("SELECT NOT indisvalid FROM pg_index WHERE indexrelid = to_regclass(:name)")


def make_index(name: str, table: str, columns: Sequence[str | sa.TextClause], **options: Any) -> None:
    """Make an index unless it is there; one that an interrupted attempt left half made is made anew.

    What has been done so far in the migration is committed.
    """
    with op.get_context().autocommit_block():
        if op.get_bind().scalar(HALF_MADE, {"name": name}):
            op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)
        op.create_index(name, table, columns, postgresql_concurrently=True, if_not_exists=True, **options)


def drop_index(name: str, table: str) -> None:
    """Drop an index if it is there; what has been done so far in the migration is committed."""
    with op.get_context().autocommit_block():
        op.drop_index(name, table, postgresql_concurrently=True, if_exists=True)
