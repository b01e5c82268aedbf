"""How large documents on `rules` are, and which tasks have none there any more.

What stands there already is measured when it is asked for.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

TABLES = ("profiles", "maintenance_tasks")


def upgrade() -> None:
    for table in TABLES:
        op.add_column(table, sa.Column("document_bytes", sa.Integer()))
    op.add_column("maintenance_tasks", sa.Column("withdrawn", sa.Boolean(), server_default="false", nullable=False))


def downgrade() -> None:
    op.drop_column("maintenance_tasks", "withdrawn")
    for table in TABLES:
        op.drop_column(table, "document_bytes")
