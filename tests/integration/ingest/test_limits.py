"""How much one source may take: a rate over HTTP, a fair share of the inbox; and one storm starves nobody."""

import json
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio

from argus_ingest.settings import Settings
from argus_schemas.topics import INCIDENT_EVENTS
from tests.eventually import eventually
from tests.integration.ingest.conftest import opened
from tests.integration.ingest.site import MINIMAL, Ingest, Site

STORM = 50_000


def a_report(number: int) -> bytes:
    report = {"type": "start", "source_incident_id": f"i-{number}", "occurred_at": "2025-11-25T00:00:00Z"}
    return json.dumps(report).encode()


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def limited(shared_settings: Settings) -> AsyncIterator[Ingest]:
    """An ingest at which a source may write ten times at once, and then a thousandth of that a second."""
    async with opened(shared_settings) as site, site.ingest(rate_limit=0.01, rate_burst=10, answer_within=0) as ingest:
        yield ingest


class TestRates:
    pytestmark = pytest.mark.asyncio(loop_scope="module")

    async def test_a_source_beyond_its_rate_is_told_when_to_come_again(self, limited: Ingest):
        answers = [await limited.create("nav1") for _ in range(11)]

        assert [answer.status_code for answer in answers] == [201] * 10 + [429]
        assert answers[-1].headers["retry-after"] in {"99", "100"}
        assert answers[-1].json()["detail"].startswith("Request was throttled. Expected available in ")

    async def test_others_and_heartbeats_go_on(self, limited: Ingest):
        heartbeat = await limited.post("/api/v2/incidents/sources/heartbeat/", {}, "nav1")
        person = await limited.create("root", source=limited.site.pks["nav1"])

        assert (heartbeat.status_code, person.status_code) == (204, 201)

    async def test_each_report_and_each_incident_of_a_bulk_request_counts(self, limited: Ingest):
        reports = [json.loads(a_report(number)) for number in range(8)]

        first = await limited.post("/api/ingest/v1/reports", reports, "zino")
        second = await limited.post("/api/ingest/v1/reports", reports, "zino")
        bulk = {"ids": [1, 2, 3], "event": {"type": "OTH", "timestamp": MINIMAL["start_time"]}}
        third = await limited.post("/api/v2/incidents/events/bulk/", bulk, "zino")

        assert [answer.status_code for answer in (first, second, third)] == [200, 429, 429]


async def test_a_storm_on_one_topic_does_not_hold_up_another(site: Site):
    """50,000 reports wait on one topic before the quiet one reports; its report is not behind them in the log."""
    await site.report("nav1", *(a_report(number) for number in range(STORM)))
    await site.report("zino", a_report(0))

    async with site.ingest():
        assert await eventually(lambda: _ended(site), within=120)

    records = sorted(await site.records(INCIDENT_EVENTS), key=lambda record: record.appended_at_ms)
    sources = [INCIDENT_EVENTS.decode(record.value or b"").actor.username for record in records]
    assert len(sources) == STORM + 1
    assert sources.index("zino") < 1_000  # without shares: after what the client fetches at once, some 6,000


async def _ended(site: Site) -> bool:
    ends = await (await site.kafka.admin()).ends([INCIDENT_EVENTS])
    return sum(ends.values()) > STORM
