"""A record that did what it says needs no question; every other one is asked about."""

import asyncio
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import pytest

from argus_database.announcements import Announcement
from argus_http.errors import ApiError
from argus_ingest.readmodel.positions import Positions
from argus_ingest.readmodel.repository import Fate
from argus_ingest.web.accepting import Acceptance
from argus_runtime.kafka import Partition, Place
from argus_schemas.records import Record
from argus_schemas.words import EventType
from tests.builders import a_change, a_create, a_happening, an_ack, an_incident, at
from tests.eventually import eventually

EVENTS = Partition("argus.incident-events", 0)
REFUSED = Fate(None, 49, "refused", "duplicate", None, None)


@dataclass
class FakeIds:
    async def take(self, count: int) -> list[int]:
        return list(range(1, count + 1))


@dataclass
class FakeLog:
    async def append(self, _record: Record) -> Place:
        return Place(EVENTS, 6)


@dataclass
class FakeLookups:
    fates: list[UUID] = field(default_factory=list)

    async def fate(self, event_id: UUID) -> Fate:
        self.fates.append(event_id)
        return REFUSED


async def accepted(record: Record, said: Announcement | None) -> tuple[Any, FakeLookups]:
    positions, lookups = Positions(), FakeLookups()
    positions.reachable = True
    acceptance = Acceptance(FakeIds(), FakeLog(), positions, lookups, 5)  # type: ignore[arg-type]
    accepting = asyncio.create_task(acceptance.accept(lambda _: record, 2, wait=True))
    await eventually(lambda: positions.waiting)
    positions.moved(EVENTS, 7, said)
    try:
        return await accepting, lookups
    except ApiError as error:
        return error, lookups


@pytest.mark.parametrize("record", [a_create(), a_happening(EventType.END, incident=an_incident())])
async def test_a_record_that_did_what_it_says_is_not_asked_about(record):
    (_, fate), lookups = await accepted(record, Announcement(*EVENTS, 7, 6))

    assert lookups.fates == []
    assert fate == Fate(record.event_pk, 49, "applied", "", record.digest, None)


async def test_an_ack_that_was_made_holds_as_long_as_it_says():
    (_, fate), _ = await accepted(an_ack(incident=an_incident(), expires_at=at(60)), Announcement(*EVENTS, 7, 6))

    assert fate.expires_at == at(60)


@pytest.mark.parametrize("said", [None, Announcement(*EVENTS, 7), Announcement(*EVENTS, 7, 6, frozenset({6}))])
async def test_any_other_record_is_asked_about(said):
    record = a_create()
    error, lookups = await accepted(record, said)

    assert lookups.fates == [record.event_id]
    assert error.status == 400


async def test_what_a_change_did_depends_on_the_incident():
    _, lookups = await accepted(a_change(incident=an_incident()), Announcement(*EVENTS, 7, 6))

    assert len(lookups.fates) == 1
