"""Blocks of ids on a real topic."""

from argus_ingest.appending import IdBlocks
from argus_runtime.errors import LogUnavailable
from argus_schemas.ids import BLOCK_SIZE, Base, block_of
from argus_schemas.topics import IDS
from tests.eventually import eventually
from tests.integration.ingest.site import Site


async def test_a_topic_that_was_made_anew_begins_where_its_own_base_says(site: Site):
    """Else ids would be given a second time, and what carries them could not be stored."""
    admin, producer = await site.kafka.admin(), await site.kafka.producer()
    blocks = IdBlocks(producer, await site.kafka.reader(IDS))
    await blocks.take(3)

    await admin.delete([site.kafka.name(IDS)])
    await admin.create([IDS])
    await (await producer.send(IDS, "argus topics", Base(above=70_000)))

    async def taken() -> list[range]:
        try:
            return [block_of(*block) for block in await blocks.take(1)]
        except LogUnavailable:
            return []

    [block] = await eventually(taken)
    assert block == range(70_001, 70_001 + BLOCK_SIZE)
