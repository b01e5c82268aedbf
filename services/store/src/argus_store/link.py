"""Store's connections to PostgreSQL: opened when they are needed, kept, and anew after a loss."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from psycopg import AsyncConnection, AsyncCursor, AsyncPipeline

from argus_database.connection import connect

Connection = AsyncConnection[tuple[Any, ...]]
Cursor = AsyncCursor[tuple[Any, ...]]

# Below Kafka's session timeout: who is stopped in a transaction has lost its locks before another has its partitions.
IDLE_IN_TRANSACTION = timedelta(seconds=8)
# Who is stopped between statements that travel together is not idle for PostgreSQL; this ends such a one too.
LONGEST_TRANSACTION = timedelta(seconds=30)
# Every statement finds its rows by key; a plan made while tables were small must not read them whole when they grow.
# Compiling such a plan costs more than running it: without JIT 45 % more incidents are opened a second.
BY_KEY = "-c enable_seqscan=off -c jit=off"


@dataclass(frozen=True, slots=True)
class Transaction:
    """Statements that are done together or not at all; they travel together up to `sync`, and then to the end."""

    _connection: Connection
    _pipeline: AsyncPipeline

    async def execute(self, statement: str, values: Sequence[Any]) -> Cursor:
        """Send a statement; its rows are there after `sync`."""
        return await self._connection.execute(statement, values)

    async def sync(self) -> None:
        """Wait for all results; PostgreSQL counts us as idle from here on (which fetching alone would not do)."""
        await self._pipeline.sync()


class Link:
    """Gives transactions, each on a connection that nobody else has meanwhile."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._idle: list[Connection] = []

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Give a transaction, which commits at the end.

        Raises:
            psycopg.Error: PostgreSQL cannot be reached or has refused; nothing is committed, unless the connection was
                lost while it was.
        """
        async with self._connection() as connection, connection.pipeline() as pipeline, connection.transaction():
            yield Transaction(connection, pipeline)

    async def ping(self) -> None:
        """Return if PostgreSQL answers.

        Raises:
            psycopg.Error: it does not.
        """
        async with self._connection() as connection:
            await connection.execute("SELECT 1")

    async def close(self) -> None:
        """Disconnect all that nobody has."""
        while self._idle:
            await self._idle.pop().close()

    @asynccontextmanager
    async def _connection(self) -> AsyncIterator[Connection]:
        connection = await self._taken()
        try:
            yield connection
        except BaseException:
            # After an error inside a pipeline a new connection is the one state that is certain; and what has ended
            # this one may have ended all.
            await connection.close()
            await self.close()
            raise
        self._idle.append(connection)

    async def _taken(self) -> Connection:
        while self._idle:
            if not (connection := self._idle.pop()).closed:
                return connection
        longest = f"-c transaction_timeout={LONGEST_TRANSACTION.total_seconds() * 1000:.0f}"
        return await connect(
            self._url,
            application="argus store",
            idle_in_transaction=IDLE_IN_TRANSACTION,
            options=f"{BY_KEY} {longest}",
        )
