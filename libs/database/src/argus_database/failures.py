"""What it means that PostgreSQL did not do what it was asked, by the codes of its errors (PostgreSQL, appendix A)."""

from enum import StrEnum

import psycopg
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeoutError

FAILURES = (DBAPIError, PoolTimeoutError, psycopg.Error, OSError)
"""What may be raised; a timeout of ours is an OSError."""


class Failure(StrEnum):
    """Why something was not done, though there is nothing wrong with it."""

    AWAY = "away"
    """PostgreSQL cannot be reached, or went away."""

    SLOW = "slow"
    """It was broken off after some time."""

    CONFLICT = "conflict"
    """Another transaction was in its way: it was rolled back whole, and may be done again."""

    BUSY = "busy"
    """There was no connection, memory or space left for it."""


_BY_CODE = {
    "57014": Failure.SLOW,  # query_canceled: statement_timeout, or an operator
    "25006": Failure.AWAY,  # read_only_sql_transaction: another server is the one that writes by now
    "40001": Failure.CONFLICT,  # serialization_failure
    "40P01": Failure.CONFLICT,  # deadlock_detected
    "55P03": Failure.CONFLICT,  # lock_not_available: lock_timeout
}
_SHORT_OF = "53"  # insufficient_resources
_UNREACHED = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError, OSError)


def failure(error: BaseException) -> Failure | None:
    """Return what an error means; None: something is wrong with what was asked."""
    if isinstance(error, PoolTimeoutError):
        return Failure.BUSY
    if isinstance(error, TimeoutError):
        return Failure.SLOW
    code = getattr(getattr(error, "orig", error), "sqlstate", None) or ""
    if code in _BY_CODE:
        return _BY_CODE[code]
    if code.startswith(_SHORT_OF):
        return Failure.BUSY
    if isinstance(error, _UNREACHED) or getattr(error, "connection_invalidated", False):
        return Failure.AWAY
    return None


def is_there(error: BaseException) -> bool:
    """Tell whether PostgreSQL itself has said why it did not do something; where nothing was heard it may hang."""
    return not isinstance(error, TimeoutError) and failure(error) in {Failure.SLOW, Failure.CONFLICT, Failure.BUSY}
