"""A bare psycopg connection, for who needs pipelines: one round trip for many statements."""

from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection

from argus_database.engine import connect_arguments, database_url


async def connect(
    url: str, *, application: str, idle_in_transaction: timedelta | None = None, options: str = ""
) -> AsyncConnection[tuple[Any, ...]]:
    """Return a connection that commits each statement unless told otherwise; `options` are as for the server's command.

    Raises:
        psycopg.OperationalError: the server cannot be reached.
    """
    arguments: dict[str, Any] = connect_arguments(application, idle_in_transaction)
    arguments["options"] = f"{arguments['options']} {options}".strip()
    conninfo = database_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    return await AsyncConnection.connect(conninfo, autocommit=True, **arguments)
