"""The store's positions, as operators set them; the store itself moves them with its rows."""

from collections.abc import Mapping

from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from argus_database.tables.incidents import PositionRow

CLOSED = ""
"""Beside a position: nobody has anything in hand."""


async def set_positions(session: AsyncSession, offsets: Mapping[tuple[str, int], int]) -> None:
    """Say where the store goes on, by topic (its full name) and partition.

    A store at work loses its batch by compare-and-set, and begins again from here. Its crashes at the position before
    no longer count.
    """
    rows = [{"topic": topic, "partition": number, "next_offset": at} for (topic, number), at in offsets.items()]
    statement = insert(PositionRow).values(sorted(rows, key=lambda row: (row["topic"], row["partition"])))
    await session.execute(
        statement.on_conflict_do_update(
            index_elements=["topic", "partition"],
            set_={"next_offset": statement.excluded.next_offset, "opening": CLOSED},
        )
    )
