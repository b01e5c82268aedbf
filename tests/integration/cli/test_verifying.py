"""`argus verify` finds nothing where the store did its work, else what differs; `argus status` shows the lag."""

import asyncio
from contextlib import asynccontextmanager
from uuid import UUID, uuid4

import pytest
from sqlalchemy import text

from argus_database.engine import open_database
from argus_database.incidents import positions
from argus_runtime.health import Health
from argus_runtime.kafka import Kafka
from argus_schemas.notification import Delivery
from argus_schemas.topics import CATALOGUE, DELIVERIES, INCIDENT_EVENTS, NOTIFICATIONS
from argus_schemas.words import EventType
from argus_store.app import run as run_store
from argus_store.settings import Settings
from tests.builders import (
    NOON,
    a_change,
    a_create,
    a_deletion,
    a_happening,
    a_notification,
    a_start,
    an_ack,
    an_ack_change,
    at,
    tags,
)
from tests.eventually import eventually


def history(key, first_pk):
    """A life of an incident with everything that can happen in it, in records that are not all accepted."""
    pks = iter(range(first_pk, first_pk + 1000))

    def some(many):
        return tuple(next(pks) for _ in range(many))

    opened = a_start(0, key=key, incident_pk=next(pks), event_pk=next(pks), change_pks=some(6))
    ack = an_ack(5, key=key, event_pk=next(pks))
    return [
        opened,
        opened,
        a_start(1, key=key, incident_pk=next(pks), event_pk=next(pks), change_pks=some(6)),
        a_create(2, key=key, incident_pk=next(pks), event_pk=next(pks)),
        a_change(3, key=key, change_pks=some(6), level=1, tags=tags("host=b.example.org", "x=1")),
        a_change(4, key=key, change_pks=some(6), metadata={"a": 1}),
        a_change(4, key=key, change_pks=some(6), metadata={"a": True}),
        ack,
        an_ack_change(6, key=key, ack=ack.event_pk, expires_at=at(999)),
        a_happening(EventType.END, 10, key=key, event_pk=next(pks)),
        a_happening(EventType.CLOSE, 11, key=key, event_pk=next(pks)),
        a_happening(EventType.RESTART, 12, key=key, event_pk=next(pks)),
    ]


@asynccontextmanager
async def storing(settings):
    stop = asyncio.Event()
    task = asyncio.create_task(run_store(settings, stop, Health()))
    try:
        yield
    finally:
        stop.set()
        await task


async def fill(settings):
    """Write histories, something unreadable, and notifications, and let the store take them."""
    async with Kafka(settings) as kafka, open_database(settings.database_url) as sessions:
        producer = await kafka.producer()
        for number in range(20):
            for record in history(f"2:{number}", 1000 * (number + 1)):
                await producer.send(INCIDENT_EVENTS, record.key, record)
        repeated = a_create(key="2:first", incident_pk=900_001, event_pk=900_002)
        await producer.send(INCIDENT_EVENTS, "2:first", repeated)
        await producer.send(INCIDENT_EVENTS, "2:gone", a_create(key="2:gone", incident_pk=900_003, event_pk=900_004))
        await producer.send(INCIDENT_EVENTS, "2:gone", a_deletion(key="2:gone"))
        await producer.send(INCIDENT_EVENTS, "2:unknown", a_happening(EventType.END, key="2:unknown", event_pk=900_005))
        await producer.send(INCIDENT_EVENTS, "2:0", b"not a record")
        notification = a_notification(id=uuid4())
        await producer.send(NOTIFICATIONS, "4", notification)
        delivery = Delivery(
            notification=notification.id, destination=4, owner=7, incident=49, event=50, event_id=UUID(int=1),
            state="sent", attempt=1, at=NOON, medium="email",
        )  # fmt: skip
        await (await producer.send(DELIVERIES, "4", delivery))
        ends = await (await kafka.admin()).ends([INCIDENT_EVENTS, NOTIFICATIONS, DELIVERIES])

        async def taken():
            async with sessions() as session:
                reached = await positions(session)
            return all(reached.get((place.topic, place.partition), 0) >= end for place, end in ends.items())

        async with storing(settings):
            await eventually(taken, within=60)


@pytest.fixture
def filled(argus, database_url, kafka_server, prefix):
    settings = Settings(bootstrap_servers=kafka_server, database_url=database_url, prefix=prefix, session_timeout=6)

    async def prepare():
        async with Kafka(settings) as kafka:
            await (await kafka.admin()).create(CATALOGUE)
        await fill(settings)

    asyncio.run(prepare())
    return settings


def tamper(url, *statements):
    async def write():
        async with open_database(url) as sessions, sessions.begin() as session:
            for statement in statements:
                await session.execute(text(statement))

    asyncio.run(write())


def test_what_the_store_wrote_agrees_with_the_log(filled, argus_json):
    found = argus_json("verify")
    assert found["findings"] == []
    assert found["counts"]["records"] == 20 * 12 + 4
    assert found["counts"]["dead letters"] == 1
    assert found["counts"]["incidents"] >= 21
    assert found["counts"]["notifications sent"] == 1


def test_each_disagreement_is_found(filled, argus_json, database_url):
    tamper(
        database_url,
        "update incidents set level = 5 where key = '2:1'",
        "delete from incidents where key = '2:2'",
        "delete from events where incident_id = (select id from incidents where key = '2:3') and type = 'END'",
        "update events set description = 'x' where incident_id = (select id from incidents where key = '2:4')"
        " and type = 'STA'",
        "delete from incident_tags where incident_id = (select id from incidents where key = '2:5') and key = 'host'",
        "insert into incidents select 77, '9:made-up', source_id, 'y', start_time, stateful, ended_at, description,"
        " level, details_url, ticket_url, metadata, search_text, changed_at, received_at"
        " from incidents where key = '2:6'",
        "update incidents set metadata = '{\"a\": 1}' where key = '2:8'",
        "delete from notifications",
        "delete from outcomes where key = '2:7'",
    )
    findings = "\n".join(argus_json("verify", code=3)["findings"])
    assert "incident 2:1 (pk 2000): level is" in findings
    assert "incident 2:2: in the log, but no row" in findings
    assert "incident 2:3: event" in findings
    assert "incident 2:4: event" in findings
    assert "incident 2:5" in findings
    assert "tags is" in findings
    assert "incident 2:8 (pk 9000): metadata is {'a': 1} in its row, {'a': True} by the log" in findings
    assert "incident 9:made-up: a row, but not in the log" in findings
    assert "has no row" in findings
    assert "neither a row, an outcome nor a dead letter" in findings


def test_status_shows_who_is_behind_and_who_is_away(filled, argus_json, argus, free_port, monkeypatch):
    monkeypatch.setenv("ARGUS_HEALTH_URLS", f"store=http://127.0.0.1:{free_port}")
    found = argus_json("status", code=3)
    lags = {(lag["service"], lag["what"]): lag for lag in found["lag"]}
    assert lags["store", "incident-events"]["records"] == 0
    assert lags["matcher", "incident-events"]["records"] == 245
    assert lags["matcher", "incident-events"]["seconds"] > 0
    assert lags["dispatch", "notifications"]["records"] == 1
    assert lags["api", "outbox"]["records"] == 0
    assert "does not answer" in found["services"]["store"]["problem"]
    assert "0.0 s behind" in argus("status", code=3).output
