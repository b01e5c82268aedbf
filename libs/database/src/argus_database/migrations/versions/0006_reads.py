"""Indexes for lists of incidents and events: each filter in the order of the list, and full text by trigrams.

Sources and stores go on while they are made, and each step may be repeated after an interruption.
"""

import sqlalchemy as sa
from alembic import op

from argus_database.indexing import drop_index, make_index

revision = "0006"
down_revision = "0004"
branch_labels = None
depends_on = None

NEWEST_FIRST = [sa.text("start_time DESC"), sa.text("id DESC")]
ENDED = sa.text("stateful AND ended_at IS NOT NULL")
TEXTS = sa.text("((description || ' '::text) || search_text) gin_trgm_ops")


def upgrade() -> None:
    op.execute("CREATE EXTENSION IF NOT EXISTS pg_trgm")
    make_index("ix_incidents_closed", "incidents", NEWEST_FIRST, postgresql_where=ENDED)
    make_index("ix_incidents_stateless", "incidents", NEWEST_FIRST, postgresql_where=sa.text("NOT stateful"))
    make_index("ix_incidents_ticket", "incidents", NEWEST_FIRST, postgresql_where=sa.text("ticket_url <> ''"))
    make_index("ix_incidents_backwards", "incidents", NEWEST_FIRST, postgresql_where=sa.text("ended_at < start_time"))
    make_index("ix_incidents_level_start_time", "incidents", ["level", *NEWEST_FIRST])
    make_index("ix_incidents_lasted", "incidents", [sa.text("(ended_at - start_time)")], postgresql_where=ENDED)
    make_index("ix_incidents_text", "incidents", [TEXTS], postgresql_using="gin")
    make_index("ix_events_occurred_at_id", "events", [sa.text("occurred_at DESC"), sa.text("id DESC")])
    make_index("ix_incident_tags_key_value_incident_id", "incident_tags", ["key", "value", "incident_id"])
    drop_index("ix_incident_tags_key_value", "incident_tags")
    # So that the planner knows words of a thousandth of all texts from those that are nowhere.
    op.execute("ALTER INDEX ix_incidents_text ALTER COLUMN 1 SET STATISTICS 1000")
    # Those of a partial index are not asked for.
    op.execute("CREATE STATISTICS IF NOT EXISTS incidents_lasted ON (ended_at - start_time) FROM incidents")
    op.execute("ALTER STATISTICS incidents_lasted SET STATISTICS 1000")
    op.execute("ALTER TABLE incidents ALTER COLUMN ended_at SET STATISTICS 1000")  # few will end in the future
    op.execute("ANALYZE incidents")  # else the planner would know none of this before a tenth of all rows has changed


def downgrade() -> None:
    op.create_index("ix_incident_tags_key_value", "incident_tags", ["key", "value"])
    op.drop_index("ix_incident_tags_key_value_incident_id", "incident_tags")
    op.drop_index("ix_events_occurred_at_id", "events")
    op.execute("ALTER TABLE incidents ALTER COLUMN ended_at SET STATISTICS -1")
    op.execute("DROP STATISTICS incidents_lasted")
    for name in ("text", "lasted", "level_start_time", "backwards", "ticket", "stateless", "closed"):
        op.drop_index(f"ix_incidents_{name}", "incidents")
