import asyncio

import pytest

from argus_ingest.ids import Ids
from argus_runtime.errors import LogUnavailable
from argus_schemas.ids import BLOCK_SIZE
from tests.unit.ingest.fakes import FakeBlocks


@pytest.fixture
def blocks() -> FakeBlocks:
    return FakeBlocks()


async def test_no_id_is_given_twice_by_any_process(blocks):
    one, other = Ids(blocks), Ids(blocks)

    taken = await asyncio.gather(*(each.take(7) for each in [one, other] * 400))

    ids = [pk for pks in taken for pk in pks]
    assert len(set(ids)) == len(ids) == 5600
    assert min(ids) == 1
    await one.close()
    await other.close()


async def test_ids_are_fetched_ahead_of_need(blocks):
    ids = Ids(blocks)
    await ids.take(BLOCK_SIZE // 2 + 1)
    for _ in range(3):
        await asyncio.sleep(0)

    blocks.away = True

    assert len(await ids.take(BLOCK_SIZE)) == BLOCK_SIZE
    await ids.close()


async def test_a_stock_that_is_used_up_fast_is_made_larger(blocks):
    ids = Ids(blocks)

    for _ in range(20):
        await ids.take(BLOCK_SIZE)

    assert blocks.taken[:4] == [1, 2, 4, 8]
    await ids.close()


async def test_without_kafka_and_stock_there_are_no_ids(blocks):
    ids = Ids(blocks)
    blocks.away = True
    with pytest.raises(LogUnavailable):
        await ids.take(1)

    blocks.away = False
    assert await ids.take(1) == [1]
    await ids.close()
