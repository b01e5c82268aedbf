"""Profiles damp and escalate, timeslots leave out dates, users are quiet for a while, maintenance comes again."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("quiet_until", sa.DateTime(timezone=True)))
    op.add_column("profiles", sa.Column("damping", postgresql.JSONB()))
    op.add_column("maintenance_tasks", sa.Column("repeats", postgresql.JSONB()))
    op.add_column("maintenance_tasks", sa.Column("last_ends_at", sa.DateTime(timezone=True)))
    op.add_column("maintenance_tasks", sa.Column("tell_after", sa.Boolean(), server_default="true", nullable=False))
    op.create_table(
        "escalation_steps",
        sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True),
        sa.Column("profile_id", sa.Integer(), sa.ForeignKey("profiles.id", ondelete="CASCADE"), nullable=False),
        sa.Column("after_minutes", sa.Integer(), nullable=False),
    )
    op.create_index("ix_escalation_steps_profile_id", "escalation_steps", ["profile_id"])
    op.create_table(
        "date_lists",
        sa.Column("id", sa.Integer(), sa.Identity(), primary_key=True),
        sa.Column("user_id", sa.Integer(), sa.ForeignKey("users.id", ondelete="CASCADE"), nullable=False),
        sa.Column("name", sa.String(40), nullable=False),
        sa.Column("dates", sa.ARRAY(sa.Date()), server_default="{}", nullable=False),
        sa.UniqueConstraint("user_id", "name"),
    )
    _link("step_destinations", "escalation_step", "destination", None)
    _link("timeslot_exceptions", "timeslot", "date_list", "CASCADE")


def downgrade() -> None:
    for table in ("timeslot_exceptions", "step_destinations", "date_lists", "escalation_steps"):
        op.drop_table(table)
    for column in ("tell_after", "last_ends_at", "repeats"):
        op.drop_column("maintenance_tasks", column)
    op.drop_column("profiles", "damping")
    op.drop_column("users", "quiet_until")


def _link(name: str, left: str, right: str, on_delete: str | None) -> None:
    ours, theirs = sa.ForeignKey(f"{left}s.id", ondelete="CASCADE"), sa.ForeignKey(f"{right}s.id", ondelete=on_delete)
    op.create_table(
        name,
        sa.Column(f"{left}_id", sa.Integer(), ours, primary_key=True),
        sa.Column(f"{right}_id", sa.Integer(), theirs, primary_key=True),
    )
    op.create_index(f"ix_{name}_{right}_id", name, [f"{right}_id"])
