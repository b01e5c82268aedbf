"""When a source was last heard of: its heartbeat, its requests, its reports (specification 2.1.7, 2.10.2; rule 151)."""

import json
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import text

from argus_http.last_seen import write_last_seen
from tests.eventually import eventually
from tests.integration.ingest.site import Ingest, Site

pytestmark = pytest.mark.asyncio(loop_scope="module")

HEARTBEAT = "/api/v2/incidents/sources/heartbeat/"


async def last_seen(site: Site, name: str) -> datetime | None:
    async with site.sessions() as session:
        found: datetime | None = await session.scalar(
            text("select last_seen from sources where name = :name"), {"name": name}
        )
        return found


async def never_seen(site: Site, name: str) -> None:
    async with site.sessions.begin() as session:
        await session.execute(text("update sources set last_seen = null where name = :name"), {"name": name})


async def is_seen(site: Site, name: str) -> bool:
    seen = await last_seen(site, name)
    return seen is not None and abs(datetime.now(UTC) - seen) < timedelta(seconds=10)


@pytest.mark.rule(151)
@pytest.mark.parametrize("body", [b"", b"{", b"ignored"])
async def test_a_heartbeat_tells_that_the_source_is_alive(ingest: Ingest, body: bytes):
    await never_seen(ingest.site, "zino")

    answer = await ingest.post(HEARTBEAT, body, "zino")

    assert (answer.status_code, answer.content) == (204, b"")
    assert await eventually(lambda: is_seen(ingest.site, "zino"))


@pytest.mark.rule(151)
async def test_only_a_source_has_a_heartbeat(ingest: Ingest):
    person = await ingest.post(HEARTBEAT, {}, "alice")
    nobody = await ingest.post(HEARTBEAT, {}, None)
    shown = await ingest.client.get(HEARTBEAT, headers={"Authorization": f"Token {ingest.tokens['zino']}"})
    hidden = await ingest.client.get(HEARTBEAT)

    assert (person.status_code, person.content) == (403, b"")
    assert (nobody.status_code, shown.status_code) == (401, 405)
    assert hidden.status_code in {401, 405}


async def test_a_request_counts_whatever_is_answered(ingest: Ingest):
    await never_seen(ingest.site, "nav1")

    assert (await ingest.post("/api/v2/incidents/", {}, "nav1")).status_code == 400

    assert await eventually(lambda: is_seen(ingest.site, "nav1"))


async def test_a_report_over_kafka_counts(ingest: Ingest):
    await ingest.site.add_source("kafka-only")
    report = {"type": "start", "source_incident_id": "1", "occurred_at": "2025-11-25T00:00:00Z"}

    await ingest.site.report("kafka-only", json.dumps(report).encode())

    assert await eventually(lambda: is_seen(ingest.site, "kafka-only"))


async def test_a_report_that_waited_says_when_it_was_sent_and_never_turns_back_the_clock(ingest: Ingest):
    now = datetime.now(UTC)
    pk = ingest.site.pks["zino"]
    async with ingest.site.sessions.begin() as session:
        await write_last_seen(session, {pk: now, 999_999: now})
    async with ingest.site.sessions.begin() as session:
        await write_last_seen(session, {pk: now - timedelta(hours=1)})

    seen = await last_seen(ingest.site, "zino")
    assert seen is not None
    assert seen >= now
