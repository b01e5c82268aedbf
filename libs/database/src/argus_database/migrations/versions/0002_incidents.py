"""The read model of the log: incidents, events, notifications, and how far the store has come."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

TABLES = (
    "positions", "outcomes", "notifications", "incidents", "incident_tags", "events", "attempts", "aliases", "acks",
)  # fmt: skip


def upgrade() -> None:
    op.create_table(
        "acks",
        sa.Column("event_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_acks")),
    )
    op.create_index(op.f("ix_acks_incident_id"), "acks", ["incident_id"], unique=False)
    op.create_table(
        "aliases",
        sa.Column("pk", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pk", name=op.f("pk_aliases")),
    )
    op.create_table(
        "attempts",
        sa.Column("notification_id", sa.Uuid(), nullable=False),
        sa.Column("replay", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("attempt", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("medium", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("progress", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("notification_id", "replay", "attempt", name=op.f("pk_attempts")),
    )
    op.create_table(
        "events",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_events")),
        sa.UniqueConstraint("event_id", name=op.f("uq_events_event_id")),
    )
    op.create_index("ix_events_incident_id_occurred_at", "events", ["incident_id", "occurred_at"], unique=False)
    op.create_table(
        "incident_tags",
        sa.Column("incident_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("added_by", sa.BigInteger(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ordinal", sa.SmallInteger(), nullable=False),
        sa.PrimaryKeyConstraint("incident_id", "key", "value", name=op.f("pk_incident_tags")),
    )
    op.create_index("ix_incident_tags_key_value", "incident_tags", ["key", "value"], unique=False)
    op.create_table(
        "incidents",
        sa.Column("id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=False),
        sa.Column("source_incident_id", sa.Text(), nullable=False),
        sa.Column("start_time", sa.DateTime(timezone=True), nullable=False),
        sa.Column("stateful", sa.Boolean(), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("description", sa.Text(), nullable=False),
        sa.Column("level", sa.SmallInteger(), nullable=False),
        sa.Column("details_url", sa.Text(), nullable=False),
        sa.Column("ticket_url", sa.Text(), nullable=False),
        sa.Column("metadata", sa.JSON(), nullable=False),
        sa.Column("search_text", sa.Text(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("received_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_incidents")),
        sa.UniqueConstraint("key", name=op.f("uq_incidents_key")),
        postgresql_with={"fillfactor": "85"},
    )
    op.create_index(
        "ix_incidents_ended_at",
        "incidents",
        ["ended_at"],
        unique=False,
        postgresql_where=sa.text("stateful AND ended_at IS NOT NULL"),
    )
    op.create_index(
        "ix_incidents_open",
        "incidents",
        [sa.text("start_time DESC"), sa.text("id DESC")],
        unique=False,
        postgresql_where=sa.text("stateful AND ended_at IS NULL"),
    )
    op.create_index(
        "ix_incidents_source_id_start_time",
        "incidents",
        ["source_id", sa.text("start_time DESC"), sa.text("id DESC")],
        unique=False,
    )
    op.create_index(
        "ix_incidents_source_incident_id",
        "incidents",
        ["source_incident_id"],
        unique=False,
        postgresql_where=sa.text("source_incident_id <> ''"),
    )
    op.create_index(
        "ix_incidents_start_time_id", "incidents", [sa.text("start_time DESC"), sa.text("id DESC")], unique=False
    )
    op.create_table(
        "notifications",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("destination_id", sa.BigInteger(), nullable=False),
        sa.Column("owner_id", sa.BigInteger(), nullable=False),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("event_pk", sa.BigInteger(), nullable=False),
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=False),
        sa.Column("profiles", postgresql.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("matched_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("code", sa.Integer(), nullable=True),
        sa.Column("updated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("replay", sa.Integer(), nullable=False),
        sa.Column("progress", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
    )
    op.create_index("ix_notifications_incident_id", "notifications", ["incident_id"], unique=False)
    op.create_index(
        "ix_notifications_owner_id_updated_at", "notifications", ["owner_id", sa.text("updated_at DESC")], unique=False
    )
    op.create_table(
        "outcomes",
        sa.Column("event_id", sa.Uuid(), nullable=False),
        sa.Column("incident_id", sa.BigInteger(), nullable=True),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_outcomes")),
    )
    op.create_table(
        "positions",
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("partition", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("next_offset", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("topic", "partition", name=op.f("pk_positions")),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)
