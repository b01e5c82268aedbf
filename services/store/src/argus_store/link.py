"""Store's one connection to PostgreSQL: opened when it is needed, and anew after a loss."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection

from argus_database.connection import connect

Connection = AsyncConnection[tuple[Any, ...]]

# Below Kafka's session timeout: who is stopped in a transaction has lost its locks before another has its partitions.
IDLE_IN_TRANSACTION = timedelta(seconds=8)
# Every statement finds its rows by key; a plan made while tables were small must not read them whole when they grow.
# Compiling such a plan costs more than running it: without JIT 45 % more incidents are opened a second.
BY_KEY = "-c enable_seqscan=off -c jit=off"


class Link:
    """Gives transactions on one connection."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._connection: Connection | None = None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Connection]:
        """Give a connection in a transaction whose statements travel together until a result is fetched.

        Raises:
            psycopg.Error: PostgreSQL cannot be reached or has refused; nothing is committed, unless the connection was
                lost while it was.
        """
        connection = await self._open()
        try:
            async with connection.pipeline(), connection.transaction():
                yield connection
        except BaseException:
            # After an error inside a pipeline a new connection is the one state that is certain.
            await self.close()
            raise

    async def ping(self) -> None:
        """Return if PostgreSQL answers.

        Raises:
            psycopg.Error: it does not.
        """
        connection = await self._open()
        try:
            await connection.execute("SELECT 1")
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Disconnect."""
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    async def _open(self) -> Connection:
        if self._connection is None or self._connection.closed:
            self._connection = await connect(
                self._url, application="argus store", idle_in_transaction=IDLE_IN_TRANSACTION, options=BY_KEY
            )
        return self._connection
