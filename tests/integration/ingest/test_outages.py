"""PostgreSQL, the store or Kafka away: what ingest goes on doing, and how soon it answers (design section 4)."""

import asyncio
import signal
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import psutil
import pytest
from sqlalchemy import text

from argus_database.migrate import migrate
from argus_ingest.settings import Settings
from argus_local.kafka import Kafka as KafkaServer
from argus_local.postgres import Postgres
from argus_local.server import Running, running
from argus_schemas.topics import INCIDENT_EVENTS
from tests.eventually import eventually
from tests.integration.ingest.conftest import opened
from tests.integration.ingest.site import Ingest, Site

SOON = 0.5
"""Seconds; without delay, on a machine that does other things too."""


async def timed(ingest: Ingest, **fields: object) -> tuple[int, float]:
    began = time.monotonic()
    answer = await ingest.create(**fields)  # type: ignore[arg-type]
    return answer.status_code, time.monotonic() - began


@pytest.fixture
async def postgres(tmp_path: Path) -> AsyncIterator[Running]:
    with running(Postgres(tmp_path / "postgres", hasty=True)) as server:
        yield server


@pytest.fixture
async def own(postgres: Running, kafka_server: str, prefix: str) -> AsyncIterator[Site]:
    """A site whose PostgreSQL a test may stop."""
    assert isinstance(postgres.server, Postgres)
    url = postgres.server.create_database("argus")
    migrate(url)
    async with opened(
        Settings(bootstrap_servers=kafka_server, database_url=url, prefix=prefix, session_timeout=6)
    ) as site:
        yield site


async def test_without_postgresql_sources_create_incidents_without_delay(own: Site, postgres: Running):
    async with own.store(), own.ingest() as ingest:
        known = (await ingest.create()).json()["pk"]
        postgres.kill()

        answers = [await timed(ingest, source_incident_id=f"down-{number}") for number in range(20)]
        event = await ingest.event(known, "END")
        unknown = await ingest.event(known + 500, "END")
        many = [await _close(ingest, ids) for ids in ([known], [known, known + 500])]
        stranger = await ingest.post("/api/v2/incidents/", {}, None, authorization="Token unknown")

        assert [status for status, _ in answers] == [201] * 20
        assert max(seconds for _, seconds in answers[1:]) < SOON
        assert event.status_code == 201
        assert [answer.status_code for answer in many] == [201, 503]
        assert unknown.status_code == stranger.status_code == 503
        assert stranger.headers["retry-after"]
        assert ingest.health.ready
        assert not ingest.health.report()["checks"]["postgres"]["ok"]

        postgres.start()
        await eventually(lambda: ingest.health.report()["checks"]["postgres"]["ok"], within=20)
        assert (await ingest.post("/api/v2/incidents/", {}, None, authorization="Token unknown")).status_code == 401


async def test_without_postgresql_what_is_known_is_changed_as_it_is_said(own: Site, postgres: Running):
    async with own.store(), own.ingest() as ingest:
        made = (await ingest.create(tags=[{"tag": "a=1"}])).json()
        ack = await ingest.post(f"/api/v2/incidents/{made['pk']}/acks/", {"timestamp": "2025-11-25T01:00:00Z"})
        postgres.kill()
        path = f"/api/v2/incidents/{made['pk']}/"

        changed = [await ingest.patch(made["pk"], {"level": level}) for level in (1, 2)]
        tagged = await ingest.send("POST", f"{path}tags/", {"tag": "b=2"})
        untagged = await ingest.send("DELETE", f"{path}tags/a=1/", None)
        ticket = await ingest.send("PUT", f"{path}ticket_url/", {"ticket_url": "x"})
        unknown = [
            await ingest.send("PATCH", f"{path}acks/{ack.json()['pk']}/", {}), await ingest.patch(made["pk"] + 500, {})
        ]  # fmt: skip

        assert [answer.json()["level"] for answer in changed] == [1, 2]
        assert [answer.status_code for answer in (tagged, untagged, ticket)] == [201, 204, 200]
        assert [answer.status_code for answer in unknown] == [503, 503]

        postgres.start()
        await eventually(lambda: ingest.health.report()["checks"]["postgres"]["ok"], within=20)

        async def stored() -> bool:
            shown = (await ingest.patch(made["pk"], {})).json()
            return (shown["level"], [tag["tag"] for tag in shown["tags"]], shown["ticket_url"]) == (2, ["b=2"], "x")

        assert await eventually(stored, within=20)


async def test_a_postgresql_that_hangs_holds_up_no_source(own: Site, postgres: Running):
    async with own.ingest() as ingest:
        await ingest.create()
        _to_all(postgres, signal.SIGSTOP)
        try:
            await eventually(lambda: not ingest.health.report()["checks"]["postgres"]["ok"])
            answers = [await timed(ingest) for _ in range(10)]
        finally:
            _to_all(postgres, signal.SIGCONT)

        assert [status for status, _ in answers] == [201] * 10
        assert max(seconds for _, seconds in answers) < SOON
        await eventually(lambda: ingest.health.report()["checks"]["postgres"]["ok"], within=20)


async def test_without_a_store_only_the_first_second_is_waited_for(site: Site):
    async with site.ingest() as ingest:
        first = await timed(ingest, source_incident_id="one")
        answers = [await timed(ingest) for _ in range(10)]
        duplicate = await ingest.create(source_incident_id="one")

        assert first[0] == 201
        assert 0.9 < first[1] < 2.5
        assert max(seconds for _, seconds in answers) < SOON
        assert duplicate.status_code == 201  # nobody can say yet; its id will stand for the first

        async with site.store():
            pk = duplicate.json()["pk"]

            async def refused_when_the_store_is_back() -> bool:
                return (await ingest.create(source_incident_id="one")).status_code == 400

            assert await eventually(refused_when_the_store_is_back, within=20)
            assert (await ingest.event(pk, "END")).status_code == 201


async def test_an_unknown_incident_is_not_called_unknown_while_the_store_is_behind(site: Site):
    async with site.ingest() as ingest:
        await ingest.create()

        assert (await ingest.event(400, "END")).status_code == 503


@pytest.mark.long  # tests/faults shows it for all services together
async def test_without_kafka_nothing_is_accepted_and_that_is_said_within_five_seconds(
    tmp_path: Path, database_url: str, prefix: str
):
    with running(KafkaServer(tmp_path / "kafka")) as kafka:
        assert isinstance(kafka.server, KafkaServer)
        settings = Settings(bootstrap_servers=kafka.server.bootstrap_servers, database_url=database_url, prefix=prefix)
        async with opened(settings) as site, site.store(), site.ingest() as ingest:
            made = await ingest.create()
            assert made.status_code == 201
            kafka.stop()

            answers = [await timed(ingest, headers={"idempotency_key": "again"}) for _ in range(2)]
            reports = await ingest.post(
                "/api/ingest/v1/reports", [{"type": "start", "occurred_at": "2025-11-25T00:00Z"}]
            )

            many = await _close(ingest, [made.json()["pk"]])

            assert [status for status, _ in answers] == [503, 503]
            assert (many.status_code, bool(many.headers["retry-after"])) == (503, True)
            assert max(seconds for _, seconds in answers) < 5
            assert (reports.status_code, bool(reports.headers["retry-after"])) == (503, True)
            await eventually(lambda: not ingest.health.ready, within=20)

            kafka.start()
            await eventually(lambda: ingest.health.ready, within=30)

            async def accepted() -> bool:
                return (await ingest.create(headers={"idempotency_key": "again"})).status_code == 201

            assert await eventually(accepted, within=20)
            assert await eventually(lambda: _written(site, 2), within=20)


def _to_all(server: Running, signum: int) -> None:
    process = psutil.Process(server.pid)
    for each in [process, *process.children(recursive=True)]:
        each.send_signal(signum)


async def _close(ingest: Ingest, ids: list[int]) -> httpx.Response:
    event = {"type": "CLO", "timestamp": "2025-11-25T01:00:00Z"}
    return await ingest.post("/api/v2/incidents/events/bulk/", {"ids": ids, "event": event})


async def _written(site: Site, least: int) -> bool:
    return len(await site.records(INCIDENT_EVENTS)) >= least


async def test_an_ingest_that_starts_without_postgresql_takes_incidents(own: Site, postgres: Running):
    postgres.kill()

    async with own.ingest() as ingest:
        assert (await timed(ingest))[0] == 201
        assert ingest.health.ready


async def test_who_is_told_to_stop_finishes_what_it_has_begun(site: Site):
    async with site.ingest() as ingest:
        posting = asyncio.create_task(ingest.create())  # nobody stores, so it waits for a second
        await eventually(lambda: _written(site, 1))
        ingest.stop.set()

        assert (await posting).status_code == 201


async def test_a_source_that_somebody_locks_does_not_make_postgresql_look_away(site: Site, caplog):
    blocked = "select query_start from pg_stat_activity where wait_event_type = 'Lock' and query ~ 'UPDATE sources'"
    tries: set[Any] = set()
    async with site.store(), site.ingest() as ingest, site.sessions.begin() as session:
        await session.execute(text("select 1 from sources for update"))

        async def tried_again() -> bool:
            assert (await ingest.create()).status_code == 201
            async with site.sessions() as looking:
                tries.update((await looking.scalars(text(blocked))).all())
            return len(tries) > 1

        await eventually(tried_again, within=20)

    assert "PostgreSQL is away" not in caplog.text
