"""Positions are PostgreSQL's, and nothing is skipped in silence."""

from argus_database.connection import connect
from argus_schemas.topics import INCIDENT_EVENTS, NOTIFICATIONS
from argus_schemas.words import EventType
from tests.builders import KEY, a_create, a_happening, a_notification
from tests.eventually import eventually
from tests.integration.store.conftest import running


async def position_of_the_key(pipeline):
    return next(name for name, end in (await pipeline.ends()).items() if end)


async def test_a_store_begins_where_the_rows_are(pipeline, settings):
    await pipeline.send(a_create(), a_happening(EventType.END))
    partition = await position_of_the_key(pipeline)
    await pipeline.do(
        "INSERT INTO positions VALUES (:topic, :partition, 1)", topic=partition.topic, partition=partition.partition
    )

    async with running(settings):
        await pipeline.stored()

    assert await pipeline.rows("SELECT what, reason FROM outcomes") == [("refused", "unknown-incident")]


async def test_a_position_outside_the_log_stops_and_tells_until_somebody_says_where_to_go_on(pipeline, settings):
    await pipeline.send(a_create())
    partition = await position_of_the_key(pipeline)
    await pipeline.do(
        "INSERT INTO positions VALUES (:topic, :partition, 500)", topic=partition.topic, partition=partition.partition
    )

    async with running(settings) as health:
        await eventually(lambda: "lies outside the log" in str(health.report()), within=60)
        assert not health.ready
        assert await pipeline.rows("SELECT id FROM incidents") == []

        await pipeline.do("UPDATE positions SET next_offset = 0 WHERE next_offset = 500")
        await eventually(lambda: health.ready, within=60)
        await pipeline.stored()

    assert await pipeline.rows("SELECT id FROM incidents") == [(49,)]


async def test_who_loses_a_position_rolls_back_and_goes_on_from_the_winners(pipeline, settings):
    async with running(settings) as health:
        await pipeline.send(a_create())
        await pipeline.stored()
        await eventually(lambda: health.ready, within=60)
        # Another store has been here: it has passed the next record.
        await pipeline.do("UPDATE positions SET next_offset = 2 WHERE next_offset = 1")
        await pipeline.send(a_happening(EventType.END), a_happening(EventType.OTHER, event_pk=61))
        await pipeline.stored()

    assert await pipeline.rows("SELECT type FROM events ORDER BY id") == [("STA",), ("OTH",)]


async def test_each_move_is_announced(pipeline, store, settings):
    async with await connect(settings.database_url, application="test") as connection:
        await connection.execute("LISTEN argus_positions")
        await pipeline.append(INCIDENT_EVENTS, [(KEY, a_create().to_bytes())])
        first = [notify.payload async for notify in connection.notifies(timeout=20, stop_after=1)]
        await pipeline.append(INCIDENT_EVENTS, [(KEY, a_create(incident_pk=59).to_bytes())])
        refused = [notify.payload async for notify in connection.notifies(timeout=20, stop_after=1)]

    partition = await position_of_the_key(pipeline)
    place = f"{partition.topic}:{partition.partition}"
    assert [*first, *refused] == [f"{place}:1:0:", f"{place}:2:1:1"]


async def test_a_quiet_topic_whose_records_have_expired_has_lost_nothing(pipeline, settings):
    """What ends a transaction has an offset too; once it is gone, nobody could tell it from a record that was lost."""
    producer = await pipeline.kafka.transactional("test")
    await producer.start()
    async with producer.transaction():
        await producer.send(NOTIFICATIONS, "4", a_notification())
    async with running(settings):
        await pipeline.stored(NOTIFICATIONS)

    await pipeline.expire(NOTIFICATIONS)

    async with running(settings) as health:
        await eventually(lambda: health.ready, within=60)
