"""Whatever the log says and however it is cut into batches, the rows are what the fold makes of it record by record."""

import random
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from argus_database import incidents
from argus_domain.fold import fold
from argus_domain.outcome import State, What
from argus_runtime.kafka import Partition, Record
from argus_schemas.incident import Event, Incident
from argus_schemas.topics import INCIDENT_EVENTS
from argus_schemas.words import EventType
from argus_store import repository
from argus_store.entries import read
from argus_store.folding import found_by
from argus_store.handler import Handler
from argus_store.holds import Hold
from argus_store.link import Link
from tests.builders import (
    ALICE,
    NAV_USER,
    a_change,
    a_create,
    a_deletion,
    a_draft,
    a_happening,
    a_start,
    an_ack,
    an_ack_change,
    at,
    tags,
)
from tests.integration.store.pipeline import NO_LETTERS, add_source, there

PARTITIONS = [Partition("incident-events", number) for number in range(2)]
KEYS = {"2:a": PARTITIONS[0], "2:b": PARTITIONS[0], "2:c": PARTITIONS[1]}
LES = {"stateful": False}


@dataclass
class Oracle:
    """The fold, one record after the other: slow and obvious."""

    states: dict[str, Incident | None] = field(default_factory=dict)
    search: dict[str, str] = field(default_factory=dict)
    events: dict[UUID, Event] = field(default_factory=dict)
    silent: dict[UUID, str] = field(default_factory=dict)

    def take(self, record):
        before = self.states.get(record.key)
        known = record.event_id in self.events or record.event_id in self.silent
        state, outcome = fold(State(before, (record.event_id,) if known else ()), record)
        self.states[record.key] = state.incident
        for event in outcome.events:
            self.events[event.event_id] = event
            self.search[record.key] = found_by(self.search.get(record.key, ""), event.description)
        if outcome.what is not What.REPEATED and record.event_id not in self.events:
            self.silent[record.event_id] = outcome.what
        if before is not None and state.incident is None:
            self.forget(before.pk, record.key)

    def forget(self, pk, key):
        gone = {event_id for event_id, event in self.events.items() if event.incident == pk}
        self.silent |= dict.fromkeys(gone, "deleted")
        self.events = {event_id: event for event_id, event in self.events.items() if event_id not in gone}
        self.search[key] = ""


def a_record(chance: random.Random, number: int, acks: list[int]):
    pk, minutes = number * 100, chance.randrange(60)
    common = {"key": chance.choice(list(KEYS)), "actor": chance.choice([ALICE, NAV_USER])}
    own = {"event_pk": pk}
    changes = {"change_pks": tuple(range(pk + 1, pk + 7))}
    some_tags = tags(*chance.sample(["a=1", "b=2", "c=3", "a=2"], chance.randrange(4)))
    draft = a_draft(
        start_time=at(minutes), tags=some_tags, level=chance.randrange(1, 6),
        metadata=chance.choice([{}, None, {"x": 1.5}, [1e308]]), **chance.choice([{}, {}, {}, LES]),
    )  # fmt: skip
    make = chance.choice([
        lambda: a_create(minutes, incident_pk=pk, draft=draft, **own, **common),
        lambda: a_start(minutes, incident_pk=pk, draft=draft, **own, **changes, **common,
                        said=tuple(chance.sample(["level", "tags", "metadata"], 2))),
        lambda: a_happening(chance.choice(list(EventType)), minutes, reported=chance.random() < 0.5,
                            strict=chance.random() < 0.7, description=chance.choice(["", "Box down", "New"]),
                            **own, **common),
        lambda: a_change(minutes, level=chance.choice([None, 1, 2]), add_tags=some_tags, **changes, **common),
        lambda: a_change(minutes, tags=some_tags, reported=True, **changes, **common),
        lambda: a_change(minutes, tags=some_tags, tags_of_anyone=chance.random() < 0.5, **changes, **common),
        lambda: a_change(minutes, ticket_url=chance.choice(["", "t"]), first_ticket=chance.random() < 0.5,
                         told_anyway=chance.random() < 0.5, remove_tags=some_tags, **changes, **common),
        lambda: an_ack(minutes, expires_at=chance.choice([None, at(90)]), **own, **common),
        lambda: an_ack_change(minutes, ack=chance.choice(acks or [1]), expires_at=at(95), **common),
        lambda: a_deletion(minutes, **common),
    ])  # fmt: skip
    return make()


def a_history(chance: random.Random, length: int):
    """Records with ids of their own, some of which come twice."""
    records: list[Any] = []
    acks: list[int] = []
    for number in range(1, length + 1):
        records.append(a_record(chance, number, acks))
        acks += (
            [number * 100] if getattr(records[-1], "type", records[-1].kind) in {"ack", EventType.ACKNOWLEDGE} else []
        )
        if chance.random() < 0.15:
            records.append(chance.choice(records))
    return records


def cut(chance: random.Random, entries):
    while entries:
        size = chance.choice([1, 2, 3, 10, 40])
        yield entries[:size]
        entries = entries[size:]


def in_the_log(records):
    ends = dict.fromkeys(PARTITIONS, 0)
    for record in records:
        partition = KEYS[record.key]
        yield Record(partition, ends[partition], record.key.encode(), record.to_bytes(), (), 0)
        ends[partition] += 1


def without_order_of_acks(incident):
    return incident.but(acks=tuple(sorted(incident.acks, key=lambda ack: ack.event)))


@pytest.mark.parametrize("seed", range(12))
async def test_rows_equal_the_fold(tables, database_url, seed):
    chance = random.Random(seed)
    sessions = tables.sessions
    await add_source(sessions)
    records = a_history(chance, 120)
    oracle = Oracle()
    link = Link(database_url)
    handler = Handler(link, NO_LETTERS)
    async with link.transaction() as transaction:
        await repository.positions(transaction, dict.fromkeys(PARTITIONS, 0))
    held = dict.fromkeys(PARTITIONS, Hold(0))

    for record in records:
        oracle.take(record)
    for batch in cut(chance, read(in_the_log(records), {"incident-events": INCIDENT_EVENTS})):
        await handler.store(batch, held)
    await link.close()

    expected = {key: without_order_of_acks(incident) for key, incident in oracle.states.items() if incident}
    async with sessions() as session:
        assert await incidents.states(session, list(KEYS)) == expected
        for event_id, event in oracle.events.items():
            stored = there(await incidents.event_by_event_id(session, event_id)).event
            assert without_names(stored) == without_names(event)
    rows = tables.rows
    assert {row[0] for row in await rows("SELECT event_id FROM events")} == oracle.events.keys()
    assert dict(await rows("SELECT event_id, what FROM outcomes")) == oracle.silent
    assert dict(await rows("SELECT key, search_text FROM incidents")) == {key: oracle.search[key] for key in expected}


def without_names(event):
    return event.but(actor=event.actor.pk)
