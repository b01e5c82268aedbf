"""Filters outlive their owner's wish where ended maintenance shows them; domains of mail addresses are lowercase."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

LOWER = "split_part({0}, '@', 1) || '@' || lower(split_part({0}, '@', 2))"


def upgrade() -> None:
    op.alter_column("filters", "user_id", existing_type=sa.Integer(), nullable=True)
    setting = LOWER.format("(settings ->> 'email_address')")
    op.execute(
        f"UPDATE destinations SET settings = jsonb_set(settings, '{{email_address}}', to_jsonb({setting})) "  # noqa: S608
        f"WHERE media = 'email' AND settings ->> 'email_address' <> {setting}"
    )
    op.execute(f"UPDATE users SET email = {LOWER.format('email')} WHERE email LIKE '%@%'")  # noqa: S608


def downgrade() -> None:
    op.execute("DELETE FROM maintenance_filters USING filters WHERE filters.id = filter_id AND filters.user_id IS NULL")
    op.execute("DELETE FROM filters WHERE user_id IS NULL")
    op.alter_column("filters", "user_id", existing_type=sa.Integer(), nullable=False)
