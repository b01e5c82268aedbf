"""Beside each position what its owner has in hand, so that a record at which stores crash is found."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # With a default, so that a store of the version before goes on while this runs and after it.
    op.add_column("positions", sa.Column("opening", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("positions", "opening")
