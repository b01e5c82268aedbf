"""Several stores share the partitions, and one that slept does no harm."""

import asyncio
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

from argus_database.announcements import Announcement
from argus_runtime.errors import PartitionTaken
from argus_runtime.kafka import Partition, Record
from argus_schemas.topics import INCIDENT_EVENTS
from argus_schemas.words import EventType
from argus_store import repository
from argus_store.entries import read
from argus_store.handler import Handler
from argus_store.holds import Hold
from argus_store.link import Link
from tests.builders import a_create, a_happening
from tests.eventually import eventually
from tests.integration.store.conftest import running
from tests.integration.store.pipeline import NO_LETTERS

ROOT = Path(__file__).parents[3]


def lives(numbers):
    """Incidents that open and close, each on a key of its own."""
    for number in numbers:
        key, pk = f"2:box-{number}", number * 10
        yield a_create(key=key, incident_pk=pk, event_pk=pk)
        yield a_happening(EventType.END, key=key, event_pk=pk + 1)


async def all_are_closed_once(pipeline, count):
    assert await pipeline.rows("SELECT count(*), count(ended_at) FROM incidents") == [(count, count)]
    assert await pipeline.rows("SELECT count(*), count(DISTINCT event_id) FROM events") == [(2 * count, 2 * count)]
    assert await pipeline.rows("SELECT count(*) FROM outcomes") == [(0,)]


async def test_stores_that_come_and_go_store_everything_once(pipeline, settings):
    async with running(settings):
        await pipeline.send(*lives(range(1, 200)))
        async with running(settings):
            await pipeline.send(*lives(range(200, 400)))
            await pipeline.stored()
        await pipeline.send(*lives(range(400, 500)))
        await pipeline.stored()
    await all_are_closed_once(pipeline, 499)


@contextmanager
def process(settings, module="argus_store"):
    """A store in a process of its own, which a test may pause."""
    environment = os.environ | {
        "ARGUS_DATABASE_URL": settings.database_url, "ARGUS_PREFIX": settings.prefix, "ARGUS_METRICS_PORT": "0",
        "ARGUS_KAFKA_BOOTSTRAP_SERVERS": settings.bootstrap_servers, "ARGUS_KAFKA_SESSION_TIMEOUT": "6",
    }  # fmt: skip
    started = subprocess.Popen([sys.executable, "-m", module], env=environment, cwd=ROOT)
    try:
        yield started
    finally:
        started.kill()
        started.wait()


async def test_a_store_that_slept_past_its_session_does_no_harm(pipeline, settings):
    with process(settings) as sleeper:
        await pipeline.send(*lives(range(1, 50)))
        await pipeline.stored()
        sleeper.send_signal(signal.SIGSTOP)
        async with running(settings):
            await pipeline.send(*lives(range(50, 100)))
            await pipeline.stored()
            sleeper.send_signal(signal.SIGCONT)
            await pipeline.send(*lives(range(100, 150)))
            await pipeline.stored()
        assert sleeper.poll() is None
    await all_are_closed_once(pipeline, 149)


async def test_a_killed_store_is_followed_by_another_without_loss(pipeline, settings):
    with process(settings):
        sending = asyncio.create_task(pipeline.send(*lives(range(1, 400))))
        await eventually(lambda: pipeline.rows("SELECT 1 FROM incidents"), within=60)
    await sending
    async with running(settings):
        await pipeline.stored()
    await all_are_closed_once(pipeline, 399)


async def two_batches_wait_for_a_lock(pipeline):
    return await pipeline.rows(
        "SELECT 1 FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'argus store'"
        " AND wait_event_type = 'Lock' HAVING count(*) = 2"
    )


async def test_a_store_that_is_killed_with_two_batches_in_hand_is_followed_without_loss(pipeline, settings):
    await pipeline.send(*lives(range(1, 2001)))
    async with pipeline.sessions.begin() as migration:
        await migration.execute(text("LOCK TABLE incidents IN SHARE MODE"))
        with process(settings):
            await eventually(partial(two_batches_wait_for_a_lock, pipeline), within=60)
    async with running(settings):
        await pipeline.stored()
    await all_are_closed_once(pipeline, 2000)


async def test_of_two_stores_with_the_same_record_one_wins(tables, database_url):
    partition = Partition("incident-events", 0)
    entries = read([Record(partition, 0, b"", a_create().to_bytes(), (), 0)], {partition.topic: INCIDENT_EVENTS})
    links = [Link(database_url) for _ in range(4)]
    async with links[0].transaction() as transaction:
        await repository.positions(transaction, {partition: 0})

    stores = [Handler(link, NO_LETTERS).store(entries, {partition: Hold(0)}) for link in links]
    outcomes = await asyncio.gather(*stores, return_exceptions=True)

    for link in links:
        await link.close()
    assert sorted(type(outcome) is PartitionTaken for outcome in outcomes) == [False, True, True, True]
    assert await tables.rows("SELECT id FROM events") == [(50,)]


async def test_an_event_id_that_two_partitions_have_in_one_moment_is_stored_once(tables, database_url):
    partitions = [Partition("incident-events", number) for number in range(2)]
    first = a_create()
    other = a_create(key="2:other", incident_pk=81, event_pk=82, event_id=first.event_id)
    links = [Link(database_url) for _ in partitions]
    async with links[0].transaction() as transaction:
        await repository.positions(transaction, dict.fromkeys(partitions, 0))

    await asyncio.gather(
        *(
            Handler(link, NO_LETTERS).store(
                read([Record(partition, 0, b"", record.to_bytes(), (), 0)], {partition.topic: INCIDENT_EVENTS}),
                {partition: Hold(0)},
            )
            for link, partition, record in zip(links, partitions, (first, other), strict=True)
        )
    )

    for link in links:
        await link.close()
    assert len(await tables.rows("SELECT id FROM incidents")) == 1
    assert await tables.rows("SELECT next_offset FROM positions") == [(1,), (1,)]


async def after_loading(transaction, partition):
    await repository.load(transaction, {partition: 0}, [], [])


async def between_statements(transaction, partition):
    """Stop where PostgreSQL has got statements but no end of them, so that it does not take us for idle."""
    await after_loading(transaction, partition)
    found = await transaction.execute("UPDATE positions SET next_offset = 7 RETURNING 1", [])
    await found.fetchall()


@pytest.mark.parametrize(
    ("where", "ended_by"), [(after_loading, "IDLE_IN_TRANSACTION"), (between_statements, "LONGEST_TRANSACTION")]
)
async def test_who_sleeps_in_a_transaction_loses_its_locks_and_what_it_wrote(
    tables, database_url, monkeypatch, where, ended_by
):
    partition = Partition("incident-events", 0)
    entries = read([Record(partition, 0, b"", a_create().to_bytes(), (), 0)], {partition.topic: INCIDENT_EVENTS})
    sleeper, other = Link(database_url), Link(database_url)
    async with other.transaction() as transaction:
        await repository.positions(transaction, {partition: 0})
    monkeypatch.setattr(f"argus_store.link.{ended_by}", timedelta(seconds=0.5))

    async def sleep_while_the_other_stores():
        async with sleeper.transaction() as transaction:
            await where(transaction, partition)
            async with asyncio.timeout(5):
                await Handler(other, NO_LETTERS).store(entries, {partition: Hold(0)})
            await repository.move(transaction, {partition: Hold(7)}, {partition: Announcement(*partition, 7)})

    with pytest.raises(psycopg.Error):
        await sleep_while_the_other_stores()

    await other.close()
    assert await tables.rows("SELECT next_offset FROM positions") == [(1,)]
    assert await tables.rows("SELECT id FROM incidents") == [(49,)]
