"""Any number of incidents, made by the database itself: as a network of some years would have left them."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg import Connection, sql

from tests.eventually import eventually_blocking

Rows = Connection[tuple[Any, ...]]

CHANCE = """
    CREATE FUNCTION pg_temp.chance(n bigint, seed int) RETURNS float8 LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (hashint8extended(n, seed) & 1048575) / 1048576.0
"""
"""Between 0 and 1, the same for the same incident: two databases of a size are alike."""

ADD_SOURCES = """
    INSERT INTO source_types (name) VALUES ('nav'), ('zabbix');
    INSERT INTO users (id, username) OVERRIDING SYSTEM VALUE
        SELECT 1000 + n, 'bench' || n FROM generate_series(1, 20) n;
    INSERT INTO sources (id, slug, name, type, user_id, base_url) OVERRIDING SYSTEM VALUE
        SELECT 1000 + n, 'bench' || n, 'bench' || n, CASE WHEN n % 3 = 0 THEN 'zabbix' ELSE 'nav' END, 1000 + n,
            'http://bench' || n || '.example.org/' FROM generate_series(1, 20) n;
"""

# Spread over two years, three at a moment. Of the newest fiftieth three in ten are open, of the others one in 2,000.
INCIDENTS = """
    INSERT INTO incidents (id, key, source_id, source_incident_id, start_time, stateful, ended_at, description, level,
        details_url, ticket_url, metadata, search_text, changed_at, received_at)
    SELECT n, source || ':' || n, source, n::text, started, stateful,
        CASE WHEN NOT stateful OR open THEN NULL WHEN n % 9973 = 0 THEN now() + interval '1 day'
             WHEN chance(n, 5) < 0.0001 THEN started + interval '45 days'
             ELSE started + interval '4 hours' * chance(n, 6) ^ 3 END,
        CASE WHEN n % 50000 = 7 THEN 'Xylophone' WHEN chance(n, 7) < 0.01 THEN 'Flapping link' ELSE 'Link down' END
            || ' on sw-' || (chance(n, 8) * 20000)::int
            || CASE WHEN chance(n, 9) < 0.3 THEN ' interface ' ELSE ' port ' END
            || (chance(n, 10) * 48)::int,
        CASE WHEN chance(n, 11) < 0.01 THEN 1 WHEN chance(n, 11) < 0.05 THEN 2 WHEN chance(n, 11) < 0.2 THEN 3
             WHEN chance(n, 11) < 0.5 THEN 4 ELSE 5 END,
        '/alerts/' || n, CASE WHEN chance(n, 12) < 0.01 THEN 'http://tickets.example.org/' || n ELSE '' END, '{}',
        CASE WHEN open THEN ' Noticed by the poller' ELSE ' Noticed by the poller Up again' END, started, started
    FROM (
        SELECT n, 1001 + floor(chance(n, 1) ^ 3 * 20)::int AS source, chance(n, 2) < 0.98 AS stateful,
            now() - interval '2 years' * ((:size - n) / 3 * 3.0 / :size) AS started,
            chance(n, 3) < CASE WHEN n > :size * 0.98 THEN 0.3 ELSE 0.0005 END AS open
        FROM generate_series(1, :size::bigint) n
    ) drawn
"""
TAGS = """
    INSERT INTO incident_tags (incident_id, key, value, added_by, added_at, ordinal)
    SELECT id, tags.key, value, source_id, start_time, ordinal FROM incidents, LATERAL (VALUES
        ('host', 'sw-' || (chance(id, 8) * 20000)::int, 0),
        ('site', 'site' || (chance(id, 13) ^ 2 * 50)::int, 1),
        ('customer', CASE WHEN chance(id, 14) < 0.05 THEN 'c' || (chance(id, 15) * 1000)::int END, 2)
    ) tags (key, value, ordinal) WHERE value IS NOT NULL
"""
EVENTS = """
    INSERT INTO events (id, incident_id, event_id, type, actor_id, occurred_at, received_at, description)
    SELECT id * 4 + number, id, ('00000000-0000-4000-8000-' || lpad(to_hex(id * 4 + number), 12, '0'))::uuid, type,
        source_id, at, at, said
    FROM incidents, LATERAL (VALUES
        (0, CASE WHEN stateful THEN 'STA' ELSE 'LES' END, start_time, 'Noticed by the poller'),
        (1, 'END', CASE WHEN ended_at < now() THEN ended_at END, 'Up again'),
        (2, 'ACK', CASE WHEN chance(id, 16) < 0.03 THEN start_time + interval '5 min' END, 'On it')
    ) happened (number, type, at, said) WHERE at IS NOT NULL
"""
ACKS = """
    INSERT INTO acks (event_id, incident_id, expires_at)
    SELECT id, incident_id, CASE WHEN chance(id, 17) < 0.5 THEN occurred_at + interval '1 day' END
    FROM events WHERE type = 'ACK'
"""
INDEXES = """
    SELECT indexname, indexdef FROM pg_indexes WHERE schemaname = 'public' AND tablename = ANY(%s)
        AND indexname NOT LIKE 'pk_%%' AND indexname NOT LIKE 'uq_%%'
"""
HIDDEN = "SELECT relname FROM pg_class WHERE relname = ANY(%s) AND relallvisible < relpages * 0.99 - 1"
STEPS = {"incidents": INCIDENTS, "incident_tags": TAGS, "events": EVENTS, "acks": ACKS}


def fill(url: str, size: int) -> None:
    """Store `size` incidents with their tags, events and acks in an empty, migrated database."""
    with psycopg.connect(url) as connection:
        connection.execute("SET maintenance_work_mem = '1GB'")
        connection.execute(CHANCE)
        connection.execute(ADD_SOURCES)
        with _indexed_afterwards(connection):
            for statement in STEPS.values():
                connection.execute(statement.replace("chance(", "pg_temp.chance(").replace(":size", str(size)).encode())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")
        # While PostgreSQL analyses by itself, VACUUM cannot mark new rows as visible to all, as they are in old tables.
        eventually_blocking(lambda: _all_visible(connection), within=60)


def _all_visible(connection: Rows) -> bool:
    hidden = connection.execute(HIDDEN, [list(STEPS)]).fetchall()
    for (table,) in hidden:
        connection.execute(sql.SQL("VACUUM {}").format(sql.Identifier(table)))
    return not hidden


@contextmanager
def _indexed_afterwards(connection: Rows) -> Iterator[None]:
    """Leave out the indexes for the length of a block: made from all rows at once they take a fifth of the time."""
    definitions = connection.execute(INDEXES, [list(STEPS)]).fetchall()
    for name, _ in definitions:
        connection.execute(sql.SQL("DROP INDEX {}").format(sql.Identifier(name)))
    yield
    for _, definition in definitions:
        connection.execute(definition.encode())
    connection.execute("ALTER INDEX ix_incidents_text ALTER COLUMN 1 SET STATISTICS 1000")
