"""A record that is present at three crashes is a dead letter; nothing else is, whatever ends the store."""

import asyncio
import signal
from functools import partial

import pytest
from sqlalchemy import text

from argus_runtime.health import Health
from argus_runtime.kafka import Partition
from argus_runtime.openings import Opening
from argus_schemas.topics import INCIDENT_EVENTS
from argus_schemas.words import EventType
from argus_store import folding, repository
from argus_store.app import run
from argus_store.handler import MOST_DEAD_LETTERS_IN_A_ROW
from argus_store.holds import Hold
from argus_store.intake import Pace
from argus_store.link import Link
from tests.builders import KEY, a_create, a_happening
from tests.eventually import eventually
from tests.integration.store.conftest import running
from tests.integration.store.fragile import DEADLY, fold_that
from tests.integration.store.pipeline import header
from tests.integration.store.test_two_stores import lives, process


def an_event(event_pk, **facts):
    return a_happening(EventType.OTHER, event_pk=event_pk, **facts)


class Crash(Exception):
    """Ends a store as nothing else does: no handler knows it."""


def crash():
    raise Crash


@pytest.fixture
def fragile(monkeypatch):
    monkeypatch.setattr(folding, "fold", fold_that(crash))


async def crashes(settings, times):
    """Run that many stores, each until a record ends it."""
    for _ in range(times):
        with pytest.raises(Crash):
            await asyncio.wait_for(run(settings, asyncio.Event(), Health()), 60)


async def openings(pipeline):
    return {opening for (opening,) in await pipeline.rows("SELECT opening FROM positions")}


async def test_a_record_that_kills_three_stores_is_a_dead_letter_and_all_others_are_rows(pipeline, settings):
    deadly = an_event(61, description=DEADLY)
    await pipeline.send(a_create(), an_event(60), deadly, an_event(62), *lives(range(100, 150)))

    for _ in range(3):
        with process(settings, "tests.integration.store.fragile") as killed:
            await eventually(lambda: killed.poll() is not None, within=60)
        assert killed.returncode == -signal.SIGKILL
    with process(settings, "tests.integration.store.fragile"):
        await pipeline.stored()

    (letter,) = await pipeline.dead_letters()
    assert letter.value == deadly.to_bytes()
    assert header(letter, "reason") == "the process crashed 3 times while handling it"
    assert header(letter, "attempts") == "3"
    assert await pipeline.rows("SELECT id FROM events WHERE id < 100 ORDER BY id") == [(50,), (60,), (62,)]
    assert await pipeline.rows("SELECT count(*), count(ended_at) FROM incidents") == [(51, 50)]


async def test_each_of_several_deadly_records_is_found(pipeline, settings, fragile):
    await pipeline.send(a_create(), an_event(61, description=DEADLY), an_event(62), an_event(63, description=DEADLY))

    await crashes(settings, 4)  # the second was present at the first two crashes of the first already
    async with running(settings):
        await pipeline.stored()

    assert len(await pipeline.dead_letters()) == 2
    assert await pipeline.rows("SELECT id FROM events ORDER BY id") == [(50,), (62,)]


async def test_two_crashes_at_a_record_that_is_harmless_then_give_up_nothing(pipeline, settings, monkeypatch):
    await pipeline.send(a_create(), an_event(61, description=DEADLY), an_event(62))
    with monkeypatch.context() as patched:
        patched.setattr(folding, "fold", fold_that(crash))
        await crashes(settings, 2)

    async with running(settings):
        await pipeline.stored()

    assert await pipeline.dead_letters() == []
    assert await pipeline.rows("SELECT id FROM events ORDER BY id") == [(50,), (61,), (62,)]


async def killed_when_idle(pipeline, settings):
    """Run a store that is broken off, with no time to do anything about it, once nothing waits."""
    health = Health()
    idle = asyncio.create_task(run(settings, asyncio.Event(), health))
    await pipeline.stored()
    await eventually(lambda: health.ready, within=60)
    idle.cancel()
    await asyncio.wait({idle})


async def test_stores_that_are_killed_while_they_are_idle_give_up_nothing(pipeline, settings):
    await pipeline.send(a_create())
    for _ in range(4):
        await killed_when_idle(pipeline, settings)
    assert "" not in await openings(pipeline)

    await pipeline.send(an_event(61))
    async with running(settings):
        await pipeline.stored()

    assert await pipeline.dead_letters() == []
    assert await pipeline.rows("SELECT id FROM events ORDER BY id") == [(50,), (61,)]


async def test_a_store_that_ends_in_order_leaves_nothing(pipeline, settings):
    async with running(settings) as health:
        await pipeline.send(a_create())
        await pipeline.stored()
        await eventually(lambda: health.ready, within=60)
        assert all(Opening.read(found.split()[0]) == Opening() for found in await openings(pipeline))

    assert await openings(pipeline) == {""}


async def test_stores_that_end_in_order_behind_a_lock_give_up_nothing(pipeline, settings):
    await pipeline.send(a_create(), an_event(61))
    async with pipeline.sessions.begin() as migration:
        await migration.execute(text("LOCK TABLE incidents"))
        for _ in range(4):
            async with running(settings, Pace(to_finish=0.5)):
                await eventually(partial(rows_wait_for_a_lock, pipeline), within=60)
            assert await openings(pipeline) == {""}

    async with running(settings):
        await pipeline.stored()

    assert await pipeline.dead_letters() == []
    assert await pipeline.rows("SELECT id FROM events ORDER BY id") == [(50,), (61,)]


async def rows_wait_for_a_lock(pipeline):
    return await pipeline.rows(
        "SELECT 1 FROM pg_stat_activity"
        " WHERE datname = current_database() AND application_name = 'argus store' AND wait_event_type = 'Lock'"
    )


async def test_too_many_dead_letters_are_no_crash(pipeline, store):
    await pipeline.append(INCIDENT_EVENTS, [(KEY, b"rubbish")] * (MOST_DEAD_LETTERS_IN_A_ROW + 1))

    await eventually(lambda: "dead letters" in store.report()["checks"], within=60)

    assert await openings(pipeline) == {""}


async def test_what_another_store_has_left_is_not_cleared_by_who_lost(pipeline, settings):
    async with running(settings) as health:
        await eventually(lambda: health.ready, within=60)
        await pipeline.do("UPDATE positions SET opening = 'open:0:0:0 another'")

    assert await openings(pipeline) == {"open:0:0:0 another"}


async def test_only_who_wrote_an_opening_clears_it(tables, database_url):
    partition, link = Partition("incident-events", 0), Link(database_url)
    async with link.transaction() as transaction:
        await repository.positions(transaction, {partition: 0})
        await repository.leave(transaction, {partition: Hold(0, Opening(), "winner")})
        await repository.close(transaction, [partition], "loser")
    assert await tables.rows("SELECT opening FROM positions") == [("open:0:0:0 winner",)]

    async with link.transaction() as transaction:
        await repository.close(transaction, [partition], "winner")
    await link.close()
    assert await tables.rows("SELECT opening FROM positions") == [("",)]
