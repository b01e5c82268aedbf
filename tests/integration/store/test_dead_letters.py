"""What can never work is kept with its bytes, and what comes after it goes on."""

import pytest

from argus_domain import reasons
from argus_schemas.records import Origin
from argus_schemas.topics import INCIDENT_EVENTS
from argus_schemas.words import EventType
from argus_store.handler import MOST_DEAD_LETTERS_IN_A_ROW
from tests.builders import KEY, a_create, a_happening
from tests.eventually import eventually
from tests.integration.store.conftest import running
from tests.integration.store.pipeline import header

REPORT = '{"type": "end",  "source_incident_id": "nav-17"}'


async def test_a_refused_report_is_kept_with_its_own_bytes_key_and_place(pipeline, store):
    origin = Origin(topic="argus.reports.nav", partition=0, offset=3, report=REPORT, key="nav-17")
    await pipeline.send(a_happening(EventType.END, origin=origin), a_create())
    await pipeline.stored()

    (letter,) = await pipeline.dead_letters()
    assert (letter.key, letter.value) == (b"nav-17", REPORT.encode())
    assert header(letter, "origin") == "argus.reports.nav[0]@3"
    assert header(letter, "reason") == reasons.UNKNOWN_INCIDENT
    assert await pipeline.rows("SELECT id FROM incidents") == [(49,)]


async def test_a_refused_request_of_a_person_is_no_dead_letter(pipeline, store):
    await pipeline.send(a_happening(EventType.CLOSE))
    await pipeline.stored()
    assert await pipeline.dead_letters() == []


@pytest.mark.parametrize("value", [b"not json", b"{}", b'{"kind": "unheard-of"}', None])
async def test_an_unreadable_record_is_kept_and_the_next_is_stored(pipeline, store, value):
    await pipeline.append(INCIDENT_EVENTS, [(KEY, value), (KEY, a_create().to_bytes())])
    await pipeline.stored()

    (letter,) = await pipeline.dead_letters()
    assert (letter.key, letter.value) == (KEY.encode(), value)
    assert await pipeline.rows("SELECT id FROM incidents") == [(49,)]


async def test_what_postgresql_refuses_is_found_in_its_batch(pipeline, settings):
    good = [a_create(key=f"2:{pk}", incident_pk=pk, event_pk=pk) for pk in range(100, 160)]
    bad = a_create(key="2:bad", incident_pk=200, event_pk=130)  # an event has that pk already
    await pipeline.send(*good[:45], bad, *good[45:])

    async with running(settings):
        await pipeline.stored()

    (letter,) = await pipeline.dead_letters()
    assert "refused" in header(letter, "reason")
    assert len(await pipeline.rows("SELECT id FROM incidents")) == len(good)


async def test_too_many_in_a_row_stop_the_store_before_it_buries_more(pipeline, store):
    await pipeline.append(INCIDENT_EVENTS, [(KEY, b"rubbish")] * (MOST_DEAD_LETTERS_IN_A_ROW + 1))

    await eventually(lambda: "dead letters" in store.report()["checks"], within=60)

    assert len(await pipeline.dead_letters()) <= MOST_DEAD_LETTERS_IN_A_ROW
    assert not store.ready
