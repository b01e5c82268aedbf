"""What people configure, and the outbox."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "outbox",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("topic", sa.Text(), nullable=False),
        sa.Column("key", sa.Text(), nullable=False),
        sa.Column("value", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox")),
    )
    op.create_table(
        "source_types",
        sa.Column("name", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_source_types")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("username", sa.String(length=150), nullable=False),
        sa.Column("password", sa.Text(), nullable=True),
        sa.Column("first_name", sa.String(length=150), server_default="", nullable=False),
        sa.Column("last_name", sa.String(length=150), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("is_staff", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_superuser", sa.Boolean(), server_default="false", nullable=False),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("date_joined", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("last_login", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("username", name=op.f("uq_users_username")),
    )
    op.create_table(
        "destinations",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("media", sa.String(length=20), nullable=False),
        sa.Column("label", sa.String(length=50), nullable=True),
        sa.Column("settings", postgresql.JSONB(), nullable=False),
        sa.Column("managed", sa.Boolean(), server_default="false", nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_destinations_user_id_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_destinations")),
        sa.UniqueConstraint("user_id", "media", "label", name=op.f("uq_destinations_user_id_media_label")),
    )
    op.create_table(
        "filters",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("filter", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("public", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_filters_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_filters")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_filters_user_id_name")),
    )
    op.create_table(
        "maintenance_tasks",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("created_by", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("description", sa.String(length=255), server_default="", nullable=False),
        sa.Column("deleted", sa.Boolean(), server_default="false", nullable=False),
        sa.ForeignKeyConstraint(
            ["created_by"], ["users.id"], name=op.f("fk_maintenance_tasks_created_by_users"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_maintenance_tasks")),
    )
    op.create_table(
        "sources",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("slug", sa.String(length=60), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("base_url", sa.Text(), server_default="", nullable=False),
        sa.Column("last_seen", sa.DateTime(timezone=True), nullable=True),
        sa.Column("heartbeat_frequency", sa.Interval(), nullable=True),
        sa.ForeignKeyConstraint(["type"], ["source_types.name"], name=op.f("fk_sources_type_source_types")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_sources_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sources")),
        sa.UniqueConstraint("name", "type", name=op.f("uq_sources_name_type")),
        sa.UniqueConstraint("slug", name=op.f("uq_sources_slug")),
        sa.UniqueConstraint("user_id", name=op.f("uq_sources_user_id")),
    )
    op.create_table(
        "timeslots",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("zone", sa.Text(), server_default="UTC", nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_timeslots_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_timeslots")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_timeslots_user_id_name")),
    )
    op.create_table(
        "tokens",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("label", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_tokens_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tokens")),
        sa.UniqueConstraint("digest", name=op.f("uq_tokens_digest")),
    )
    op.create_index(op.f("ix_tokens_user_id"), "tokens", ["user_id"], unique=False)
    op.create_table(
        "maintenance_filters",
        sa.Column("maintenance_task_id", sa.Integer(), nullable=False),
        sa.Column("filter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["filter_id"], ["filters.id"], name=op.f("fk_maintenance_filters_filter_id_filters")),
        sa.ForeignKeyConstraint(
            ["maintenance_task_id"],
            ["maintenance_tasks.id"],
            name=op.f("fk_maintenance_filters_maintenance_task_id_maintenance_tasks"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("maintenance_task_id", "filter_id", name=op.f("pk_maintenance_filters")),
    )
    op.create_index(op.f("ix_maintenance_filters_filter_id"), "maintenance_filters", ["filter_id"], unique=False)
    op.create_table(
        "profiles",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=40), nullable=True),
        sa.Column("active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("timeslot_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["timeslot_id"], ["timeslots.id"], name=op.f("fk_profiles_timeslot_id_timeslots"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_profiles_user_id_users"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_profiles")),
        sa.UniqueConstraint("user_id", "name", name=op.f("uq_profiles_user_id_name")),
    )
    op.create_index(op.f("ix_profiles_timeslot_id"), "profiles", ["timeslot_id"], unique=False)
    op.create_table(
        "recurrences",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("timeslot_id", sa.Integer(), nullable=False),
        sa.Column("days", sa.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("start", sa.Time(), nullable=False),
        sa.Column("end", sa.Time(), nullable=False),
        sa.ForeignKeyConstraint(
            ["timeslot_id"], ["timeslots.id"], name=op.f("fk_recurrences_timeslot_id_timeslots"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recurrences")),
    )
    op.create_index(op.f("ix_recurrences_timeslot_id"), "recurrences", ["timeslot_id"], unique=False)
    op.create_table(
        "profile_destinations",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("destination_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["destination_id"], ["destinations.id"], name=op.f("fk_profile_destinations_destination_id_destinations")
        ),
        sa.ForeignKeyConstraint(
            ["profile_id"],
            ["profiles.id"],
            name=op.f("fk_profile_destinations_profile_id_profiles"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "destination_id", name=op.f("pk_profile_destinations")),
    )
    op.create_index(
        op.f("ix_profile_destinations_destination_id"), "profile_destinations", ["destination_id"], unique=False
    )
    op.create_table(
        "profile_filters",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("filter_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["filter_id"], ["filters.id"], name=op.f("fk_profile_filters_filter_id_filters")),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name=op.f("fk_profile_filters_profile_id_profiles"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("profile_id", "filter_id", name=op.f("pk_profile_filters")),
    )
    op.create_index(op.f("ix_profile_filters_filter_id"), "profile_filters", ["filter_id"], unique=False)
    op.create_table(
        "profile_timeslots",
        sa.Column("profile_id", sa.Integer(), nullable=False),
        sa.Column("timeslot_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["profile_id"], ["profiles.id"], name=op.f("fk_profile_timeslots_profile_id_profiles"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["timeslot_id"],
            ["timeslots.id"],
            name=op.f("fk_profile_timeslots_timeslot_id_timeslots"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("profile_id", "timeslot_id", name=op.f("pk_profile_timeslots")),
    )
    op.create_index(op.f("ix_profile_timeslots_timeslot_id"), "profile_timeslots", ["timeslot_id"], unique=False)


def downgrade() -> None:
    for table in (
        "profile_timeslots",
        "profile_filters",
        "profile_destinations",
        "recurrences",
        "profiles",
        "maintenance_filters",
        "tokens",
        "timeslots",
        "sources",
        "maintenance_tasks",
        "filters",
        "destinations",
        "users",
        "source_types",
        "outbox",
    ):
        op.drop_table(table)
