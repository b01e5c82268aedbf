"""Where dispatch begins: at the group's position, which an operator can set, and only if the log has it."""

from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from argus_dispatch.recall import recall
from argus_runtime.errors import PositionLost
from argus_runtime.kafka import Kafka, Record
from tests.unit.dispatch.fakes import PARTITION


class FakeLog:
    """A `Kafka` whose topics have lost their first records, and have no others."""

    partitions = frozenset({PARTITION})

    async def reader(self, *_topics: Any, **_options: Any) -> "FakeLog":
        return self

    def name(self, topic: Any) -> str:
        return str(topic.name)

    async def beginning(self) -> dict[Any, int]:
        return {PARTITION: 5}

    async def end(self) -> dict[Any, int]:
        return {PARTITION: 7}

    async def seek(self, _partition: Any, offset: int) -> None:
        assert 5 <= offset <= 7

    async def offset_at(self, _partition: Any, _ms: int) -> None:
        return None

    async def to_end(self) -> AsyncIterator[Record]:
        nothing: list[Record] = []
        for record in nothing:
            yield record

    async def close(self) -> None:
        pass


async def begins(committed: int | None) -> int:
    found = await recall(cast("Kafka", FakeLog()), PARTITION.partition, committed)
    return found.position


async def test_without_a_position_it_begins_where_the_log_does() -> None:
    assert await begins(None) == 5


async def test_it_begins_at_the_position() -> None:
    assert await begins(6) == 6


@pytest.mark.parametrize("committed", [4, 8])
async def test_a_position_of_the_group_that_is_lost_needs_its_operator(committed: int) -> None:
    with pytest.raises(PositionLost, match=f"@{committed} lies outside the log .the log has 5 to 7."):
        await begins(committed)
