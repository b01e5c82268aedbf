"""What a command says of errors of PostgreSQL, and how it exits."""

import psycopg
import pytest
from sqlalchemy.exc import OperationalError

from argus_cli.errors import UNAVAILABLE, explained


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (psycopg.OperationalError("connection refused"), "PostgreSQL does not answer: connection refused"),
        (psycopg.errors.DeadlockDetected("deadlock detected"), "PostgreSQL broke this off: deadlock detected"),
        (psycopg.errors.QueryCanceled("statement timeout"), "PostgreSQL broke this off: statement timeout"),
        (psycopg.errors.DiskFull("no space left"), "PostgreSQL broke this off: no space left"),
    ],
)
def test_postgresql_is_called_away_only_where_it_is(error, said):
    failure = explained(OperationalError("", {}, error))
    assert failure is not None
    assert failure.message.startswith(said)
    assert failure.exit_code == UNAVAILABLE
