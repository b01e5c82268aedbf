"""Failures of a command: one line that says what happened, and one that says what to do next."""

import click
from psycopg.errors import UndefinedTable
from pydantic import ValidationError
from sqlalchemy.exc import DataError, DBAPIError

from argus_cli.environment import Settings
from argus_database import failures
from argus_database.configuration.errors import Refused
from argus_runtime.errors import LogUnavailable, PipelineError
from argus_runtime.settings import problems

FAILED = 1
MISUSED = 2
"""Wrong options, or bad settings."""
DIFFERS = 3
"""What was to be checked is not as it should be."""
UNAVAILABLE = 4
"""PostgreSQL or Kafka cannot be reached, or could not do it now; a later try may succeed."""


class Failure(click.ClickException):
    """Ends a command with an exit code and a line or two."""

    def __init__(self, message: str, hint: str = "", code: int = FAILED) -> None:
        super().__init__(f"{message}\n{hint}" if hint else message)
        self.exit_code = code


def explained(error: BaseException) -> Failure | None:
    """Return the failure that an exception means; None: nobody foresaw it."""
    match error:
        case Refused():
            return Failure(str(error))
        case LogUnavailable():
            return _away("Kafka", "ARGUS_KAFKA_BOOTSTRAP_SERVERS", error)
        case PipelineError():
            return Failure(_short(error))
        case ValidationError():
            lines = problems(Settings, error) if error.title == Settings.__name__ else [_short(error)]
            return Failure("; ".join(lines), code=MISUSED)
        case DBAPIError() | UnicodeEncodeError():
            return _of_database(error)
    return None


def _of_database(error: DBAPIError | UnicodeEncodeError) -> Failure | None:
    if isinstance(error, UnicodeEncodeError):
        return Failure(f"A text is none: {_short(error)}", code=MISUSED)
    if isinstance(error, DataError):
        return Failure(f"A value cannot be stored: {_short(error.orig or error)}", code=MISUSED)
    if isinstance(error.orig, UndefinedTable):
        return Failure("The tables are not there yet.", "Run `argus migrate` first.")
    match failures.failure(error):
        case None:
            return None
        case failures.Failure.AWAY:
            return _away("PostgreSQL", "ARGUS_DATABASE_URL", error.orig or error)
        case _:
            return Failure(f"PostgreSQL broke this off: {_short(error.orig or error)}", "Try again.", UNAVAILABLE)


def _away(server: str, variable: str, error: BaseException) -> Failure:
    hint = (
        f"Is it running? {variable} says where. `argus up` starts everything; where it runs already, "
        "go to its folder or name its data with --data."
    )
    return Failure(f"{server} does not answer: {_short(error)}", hint, UNAVAILABLE)


def _short(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0] if lines else type(error).__name__
