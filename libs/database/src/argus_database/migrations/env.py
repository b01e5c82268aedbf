"""Alembic's environment: a transaction for each step, on the connection that `argus_database.migrate` hands over."""

from alembic import context

from argus_database.tables import accounts, incidents, logins, maintenance, outbox, profiles  # noqa: F401  they declare the tables on Base
from argus_database.tables.base import Base

context.configure(
    connection=context.config.attributes["connection"], target_metadata=Base.metadata, transaction_per_migration=True
)
with context.begin_transaction():
    context.run_migrations()
