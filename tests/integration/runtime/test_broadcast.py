import asyncio
from contextlib import asynccontextmanager

import pytest

from argus_runtime.broadcast import Broadcast
from argus_schemas.configuration import Destination
from argus_schemas.topics import DESTINATIONS
from tests.eventually import eventually


def a_destination(pk=1, version=1, **fields):
    return Destination(pk=pk, version=version, owner=1, medium="email", **fields)


@pytest.fixture
async def publish(kafka):
    producer = await kafka.producer()

    async def publish(key, value):
        await (await producer.send(DESTINATIONS, key, value))

    return publish


@pytest.fixture
def broadcast(kafka):
    return Broadcast(kafka, DESTINATIONS)


@asynccontextmanager
async def following(broadcast):
    task = asyncio.ensure_future(broadcast.follow())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait({task})


async def test_all_documents_are_there_once_loaded(broadcast, publish):
    for pk in range(1, 6):
        await publish(f"destination:{pk}", a_destination(pk))
    assert not broadcast.loaded
    assert broadcast.age is None

    await broadcast.load()

    assert broadcast.loaded
    assert {document.pk for document in broadcast.documents.values()} == {1, 2, 3, 4, 5}


async def test_documents_are_kept_as_their_owner_likes_to_keep_them(kafka, publish):
    broadcast = Broadcast(kafka, DESTINATIONS, kept_as=lambda document: document.but(owner=9))
    await publish("destination:1", a_destination())

    await broadcast.load()

    assert broadcast.documents == {"destination:1": a_destination().but(owner=9)}


async def test_an_empty_topic_is_loaded_too(broadcast):
    await broadcast.load()

    assert broadcast.loaded
    assert broadcast.documents == {}


async def test_changes_follow(broadcast, publish):
    changes = []
    broadcast.on_change(lambda key, new: changes.append((key, new and new.version)))
    await broadcast.load()
    async with following(broadcast):
        await publish("destination:1", a_destination(version=1))
        await publish("destination:1", a_destination(version=2))
        await publish("destination:1", None)
        await eventually(lambda: len(changes) == 3)

    assert changes == [("destination:1", 1), ("destination:1", 2), ("destination:1", None)]
    assert broadcast.documents == {}


async def test_a_version_not_above_the_one_held_is_ignored(broadcast, publish):
    for version, label in [(5, "held"), (5, "repeated"), (4, "late")]:
        await publish("destination:1", a_destination(version=version, label=label))

    await broadcast.load()

    assert broadcast.documents["destination:1"].label == "held"


async def test_an_unreadable_document_is_kept_out_and_stops_nothing(broadcast, publish, caplog):
    await publish("destination:1", a_destination(1))
    await publish("destination:1", b"{")
    await publish("destination:2", b'{"pk": 2}')
    await publish("destination:3", a_destination(3))

    await broadcast.load()

    assert broadcast.documents.keys() == {"destination:1", "destination:3"}
    assert sum("unreadable document" in record.getMessage() for record in caplog.records) == 2


async def test_it_knows_how_old_it_is(broadcast):
    await broadcast.load()
    async with following(broadcast):
        await eventually(lambda: broadcast.age is not None and broadcast.age < 2)


async def test_following_loads_first(broadcast, publish):
    await publish("destination:1", a_destination())

    async with following(broadcast):
        await eventually(lambda: broadcast.loaded and broadcast.documents)


async def test_one_can_wait_for_what_stands_in_the_topic_now(broadcast, publish):
    await broadcast.load()
    async with following(broadcast):
        for version in range(1, 50):
            await publish("destination:1", a_destination(version=version))

            await broadcast.up_to_end()

            assert broadcast.documents["destination:1"].version == version
