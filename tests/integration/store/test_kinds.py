"""Each kind of record becomes rows as the fold says."""

from uuid import uuid4

from argus_database import incidents
from argus_domain.fold import fold
from argus_domain.outcome import State
from argus_schemas.words import EventType, Level
from tests.builders import (
    ALICE,
    KEY,
    NOON,
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
from tests.integration.store.pipeline import add_source, there


async def test_a_create_becomes_an_incident_with_its_tags_and_start_event(pipeline, store):
    record = a_create(digest="d1")
    await pipeline.send(record)
    await pipeline.stored()

    async with pipeline.sessions() as session:
        incident = there(await incidents.incident_by_key(session, KEY))
        stored = there(await incidents.event_by_event_id(session, record.event_id))
    assert (incident.pk, incident.level, incident.ended_at, incident.changed_at) == (49, Level.HIGH, None, NOON)
    assert [str(tag) for tag in incident.tags] == ["host=a.example.org"]
    assert (stored.event.pk, stored.event.incident, stored.event.type) == (50, 49, EventType.START)
    assert stored.digest == "d1"


async def after(pipeline, *records):
    await pipeline.send(*records)
    await pipeline.stored()
    async with pipeline.sessions() as session:
        return await incidents.incident_by_key(session, KEY)


async def test_a_start_opens_then_changes_then_restarts(pipeline, store):
    start = a_start()
    worse = a_start(1, incident_pk=51, event_pk=52, said=("level",), draft=a_draft(level=Level.CRITICAL))
    end = a_happening(EventType.END, 2, event_pk=53)
    again = a_start(3, incident_pk=54, event_pk=55, said=(), change_pks=tuple(range(911, 917)))
    incident = await after(pipeline, start, worse, end, again)

    assert (incident.pk, incident.level, incident.ended_at) == (49, Level.CRITICAL, None)
    events = await pipeline.rows("SELECT type, event_id FROM events ORDER BY occurred_at")
    assert events == [
        ("STA", start.event_id), ("CHI", worse.event_id), ("END", end.event_id), ("RES", again.event_id),
    ]  # fmt: skip


async def test_an_end_closes_at_its_time(pipeline, store):
    incident = await after(pipeline, a_create(), a_happening(EventType.END, 10))
    assert incident.ended_at == at(10)


async def test_a_change_changes_fields_and_tags_in_their_order(pipeline, store):
    change = a_change(level=1, metadata={"a": 1.0}, add_tags=tags("b=2", "a=1"))
    incident = await after(pipeline, a_create(), change)

    assert (incident.level, incident.metadata) == (Level.CRITICAL, {"a": 1.0})
    assert isinstance(incident.metadata["a"], float)
    assert [str(tag) for tag in incident.tags] == ["host=a.example.org", "b=2", "a=1"]


async def test_metadata_may_be_null(pipeline, store):
    incident = await after(pipeline, a_create(draft=a_draft(metadata=None)))
    assert incident.metadata is None


async def test_an_ack_holds_until_its_time_is_changed(pipeline, store):
    changed = an_ack_change(20, expires_at=at(90))
    incident = await after(pipeline, a_create(), an_ack(10, expires_at=at(60)), changed)

    assert [(ack.event, ack.expires_at) for ack in incident.acks] == [(70, at(90))]
    async with pipeline.sessions() as session:
        outcome = there(await incidents.outcome(session, changed.event_id))
    assert (outcome.what, outcome.incident, outcome.key) == ("applied", 49, KEY)


async def test_a_deleted_incident_is_gone_and_a_repeat_does_not_bring_it_back(pipeline, store):
    create = a_create()
    assert await after(pipeline, create) is not None
    assert await after(pipeline, a_deletion()) is None
    assert await after(pipeline, create) is None
    assert await pipeline.rows("SELECT * FROM events") == []


async def test_the_pk_of_a_refused_create_shows_the_winner(pipeline, store):
    loser = a_create(incident_pk=59, event_pk=60, digest="d")
    await after(pipeline, a_create(), loser)

    async with pipeline.sessions() as session:
        assert there(await incidents.incident_by_pk(session, 59)).pk == 49
        outcome = there(await incidents.outcome(session, loser.event_id))
    assert (outcome.what, outcome.reason, outcome.digest) == ("refused", "duplicate", "d")


async def test_a_repeated_event_id_changes_nothing(pipeline, store):
    end = a_happening(EventType.END)
    await after(pipeline, a_create(), end)
    rows = await pipeline.everything()

    await after(pipeline, end, end.but(event_pk=61))

    assert await pipeline.everything() == rows


async def test_a_report_older_than_the_last_change_is_recorded_only(pipeline, store):
    late = a_happening(EventType.END, -5, event_pk=61, reported=True)
    incident = await after(pipeline, a_create(), late)

    assert incident.ended_at is None
    async with pipeline.sessions() as session:
        assert await incidents.event_by_event_id(session, late.event_id) is not None


async def test_an_event_names_its_actor(pipeline, store):
    await add_source(pipeline.sessions)
    ack = an_ack()
    await after(pipeline, a_create(), ack)

    async with pipeline.sessions() as session:
        stored = there(await incidents.event_by_event_id(session, ack.event_id))
        assert stored.event.actor == ALICE
        assert await incidents.event_by_event_id(session, uuid4()) is None


async def test_an_incident_of_megabytes_is_ended_like_any_other(pipeline, store):
    large = a_create(draft=a_draft(metadata={"numbers": [1e15] * 130_000}))
    state, _ = fold(State(), large)

    await pipeline.send(large, a_happening(EventType.END, incident=state.incident))
    await pipeline.stored()

    assert await pipeline.rows("SELECT ended_at IS NOT NULL FROM incidents") == [(True,)]
