"""Notifications on a real Kafka reach people, in order, and each attempt is on record."""

from tests.eventually import eventually


async def test_a_notification_is_posted_and_its_attempt_is_on_record(installation, sink):
    await installation.destination(4, url=sink.url())
    await installation.start()

    told = await installation.order(1)

    await eventually(lambda: sink.events() == [1])
    assert sink.posted[0].id == told.id

    async def recorded():
        return await installation.way_of(told) == [("begun", 1), ("sent", 1)]

    await eventually(recorded)
