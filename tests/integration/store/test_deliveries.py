"""Notifications and their deliveries, in whichever order the two topics are read."""

import random
from itertools import pairwise
from typing import Any

import pytest

from argus_runtime.kafka import Partition, Record
from argus_schemas.topics import DELIVERIES, NOTIFICATIONS, Topic
from argus_store import repository
from argus_store.entries import read
from argus_store.handler import Handler
from argus_store.holds import Hold
from argus_store.link import Link
from tests.builders import NOON, a_notification, at
from tests.integration.store.pipeline import NO_LETTERS
from tests.unit.store.test_steps import ID, WAY, a_delivery

TOPICS: dict[str, Topic[Any]] = {"notifications": NOTIFICATIONS, "deliveries": DELIVERIES}
PLACES = [Partition(topic, 0) for topic in TOPICS]
ROWS = "SELECT state, attempts, code, reason, next_at, updated_at, replay, matched_at, profiles FROM notifications"
ATTEMPTS = "SELECT attempt, state, code, reason FROM attempts ORDER BY replay, attempt"

REPLAY = [a_notification(id=ID, replay=1, matched_at=at(30)), a_delivery("begun", 1, 31, replay=1)]
STORIES = {
    "sent at the second attempt": [a_notification(id=ID), *WAY],
    "dead, then replayed": [a_notification(id=ID), WAY[0], a_delivery("dead", 1, 2, reason="gone", code=550), *REPLAY],
    "suppressed": [a_delivery("suppressed", 0, 1, reason="maintenance", profiles=(11,))],
}


async def stored(tables, database_url, records, batch):
    link = Link(database_url)
    handler = Handler(link, NO_LETTERS)
    ends = dict.fromkeys(PLACES, 0)
    log = []
    for value in records:
        partition = PLACES[0 if hasattr(value, "matched_at") else 1]
        log.append(Record(partition, ends[partition], b"4", value.to_bytes(), (), 0))
        ends[partition] += 1
    async with link.transaction() as transaction:
        await repository.positions(transaction, dict.fromkeys(PLACES, 0))
        await transaction.execute("UPDATE positions SET next_offset = 0", [])
    held = dict.fromkeys(PLACES, Hold(0))
    entries = read(log, TOPICS)
    for start in range(0, len(entries), batch):
        await handler.store(entries[start : start + batch], held)
    await link.close()
    return await tables.rows(ROWS), await tables.rows(ATTEMPTS)


@pytest.mark.parametrize("story", STORIES)
@pytest.mark.parametrize("batch", [1, 2, 100])
async def test_rows_are_the_same_in_any_order_and_read_twice(tables, database_url, story, batch):
    records = STORIES[story]
    seen = []
    for seed in range(6):
        await tables.do("TRUNCATE notifications, attempts")
        order = random.Random(seed).sample(records, len(records)) if seed else records
        seen.append(await stored(tables, database_url, order, batch))
        seen.append(await stored(tables, database_url, order, batch))
    assert all(one == other for one, other in pairwise(seen))


async def test_a_sent_notification_shows_its_attempts(tables, database_url):
    rows, attempts = await stored(tables, database_url, STORIES["sent at the second attempt"], 100)
    assert rows == [("sent", 2, 250, "", None, at(6), 0, NOON, [11])]
    assert attempts == [(1, "retrying", 450, "busy"), (2, "sent", 250, "")]


async def test_a_replay_begins_anew_and_keeps_the_attempts_before(tables, database_url):
    rows, attempts = await stored(tables, database_url, STORIES["dead, then replayed"], 100)
    assert [(row[0], row[6]) for row in rows] == [("begun", 1)]
    assert attempts == [(1, "dead", 550, "gone"), (1, "begun", None, "")]


async def test_an_order_alone_is_pending(tables, database_url):
    rows, attempts = await stored(tables, database_url, [a_notification(id=ID)], 1)
    assert (rows[0][0], attempts) == ("pending", [])
