"""Blocks of ids under the last base, also where the topic has lost records that were still to be read."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any, cast

import pytest

from argus_ingest.appending import IdBlocks
from argus_runtime.errors import LogUnavailable, RecordsGone
from argus_runtime.kafka import Partition, Place, Producer, Reader, Record
from argus_schemas.codec import Written
from argus_schemas.ids import Base, Block

IDS = Partition("argus.ids", 0)


class FakeIds:
    """The topic of ids, and its only reader."""

    def __init__(self, *records: Written) -> None:
        self.log = list(records)
        self.first = self._next = 0

    async def send(self, _topic: Any, _key: str, value: Written) -> "asyncio.Future[Place]":
        stored: asyncio.Future[Place] = asyncio.get_running_loop().create_future()
        stored.set_result(Place(IDS, len(self.log)))
        self.log.append(value)
        return stored

    async def start(self) -> None:
        self._next = self.first

    async def to_end(self) -> AsyncIterator[Record]:
        while self._next < len(self.log):
            if self._next < self.first:
                raise RecordsGone(f"{IDS}@{self._next}")
            self._next += 1
            yield Record(IDS, self._next - 1, None, self.log[self._next - 1].to_bytes(), (), 0)


def blocks_of(ids: FakeIds) -> IdBlocks:
    return IdBlocks(cast("Producer", ids), cast("Reader", ids))


async def test_blocks_lie_above_the_last_base() -> None:
    blocks = blocks_of(FakeIds(Base(above=0), Base(above=70_000)))

    assert await blocks.take(2) == [(2, 1, 70_000), (3, 1, 70_000)]


async def test_records_that_are_gone_before_they_were_read_are_no_end() -> None:
    ids = FakeIds(Base(above=0))
    blocks = blocks_of(ids)
    await blocks.take(1)
    ids.log += [Block(service="ingest"), Base(above=70_000)]
    ids.first = 3

    assert await blocks.take(1) == [(4, 3, 70_000)]


async def test_without_a_base_nobody_knows_which_ids_are_ours() -> None:
    ids = FakeIds(Base(above=0))
    blocks = blocks_of(ids)
    await blocks.take(1)
    ids.log.append(Block(service="ingest"))
    ids.first = 3

    with pytest.raises(LogUnavailable, match="no base"):
        await blocks.take(1)
