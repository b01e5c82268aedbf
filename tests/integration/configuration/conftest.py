"""A migrated database, and what its outbox says."""

from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import pytest
from sqlalchemy import select

from argus_database.engine import Sessions, open_database
from argus_database.tables.outbox import OutboxRow
from argus_schemas.topics import CATALOGUE

TOPICS = {topic.name: topic for topic in CATALOGUE}


@pytest.fixture
async def sessions(database_url: str) -> AsyncIterator[Sessions]:
    async with open_database(database_url) as opened:
        yield opened


@pytest.fixture
def outbox(sessions: Sessions) -> Callable[[], Awaitable[list[tuple[str, Any]]]]:
    """What is in the outbox, in its order: keys and decoded documents."""

    async def read() -> list[tuple[str, Any]]:
        async with sessions() as session:
            rows = await session.scalars(select(OutboxRow).order_by(OutboxRow.id))
            return [(row.key, TOPICS[row.topic].decode(row.value) if row.value else None) for row in rows]

    return read
