"""Failed logins name their account, so that they can be forgotten, and addresses from which users log in are known."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("login_failures", sa.Column("account", sa.Text()))
    op.create_index("ix_login_failures_account", "login_failures", ["account"])
    op.create_table(
        "known_addresses",
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), primary_key=True),
        sa.Column("address", sa.String(64), primary_key=True),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    )


def downgrade() -> None:
    op.drop_table("known_addresses")
    op.drop_column("login_failures", "account")
