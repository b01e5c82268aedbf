"""What is asked all day reads the rows that it returns, not the table."""

import psycopg
import pytest

from argus_api.repositories.fragments import OPEN

SIX_OF_MANY = """
    INSERT INTO incidents
    SELECT n, '1:' || n, 1, n::text, now() - n * interval '1 min', true,
        CASE n % 4000 WHEN 1 THEN NULL WHEN 2 THEN now() + interval '1 day' ELSE now() - n * interval '1 s' END,
        '', 5, '', '', '{}', '', now(), now()
    FROM generate_series(1, 12000) n
"""


@pytest.mark.parametrize("asked", ["count(*)", "id"])
def test_open_incidents_are_found_among_all_that_have_ended(database_url, asked):
    order = "ORDER BY start_time DESC, id DESC LIMIT 101" if asked == "id" else ""
    with psycopg.connect(database_url, autocommit=True) as connection:
        connection.execute(SIX_OF_MANY)
        connection.execute("ANALYZE incidents")
        question = f"SELECT {asked} FROM incidents i WHERE {OPEN.format('now()')} {order}"
        plan = str(connection.execute(f"EXPLAIN {question}").fetchall())

    assert "Seq Scan" not in plan
    assert {index for index in ("ix_incidents_open", "ix_incidents_ended_at") if index in plan} == {
        "ix_incidents_open", "ix_incidents_ended_at",
    }  # fmt: skip
